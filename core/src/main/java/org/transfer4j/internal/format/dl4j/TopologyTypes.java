package org.transfer4j.internal.format.dl4j;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The classes that DL4J's JSON in a file may name: exactly these, and no subclass of them. All are plain configurations of
 * DL4J and ND4J for image networks. They are names, so that none is loaded before it is asked for.
 *
 * <p>Not among them: ActivationPReLU, which carries an array (PReLULayer keeps its own among the weights), and RampSchedule,
 * whose JSON ND4J can write but not read.
 */
final class TopologyTypes {
    /** By package. */
    private static final Map<String, String> CLASSES = Map.ofEntries(
            Map.entry("org.deeplearning4j.nn.conf.graph", """
                    LayerVertex FrozenVertex ElementWiseVertex MergeVertex PreprocessorVertex ScaleVertex ShiftVertex
                    SubsetVertex L2NormalizeVertex"""),
            Map.entry("org.deeplearning4j.nn.conf.preprocessor", """
                    CnnToFeedForwardPreProcessor FeedForwardToCnnPreProcessor ComposableInputPreProcessor"""),
            Map.entry("org.deeplearning4j.nn.conf.layers", """
                    ConvolutionLayer Convolution2D Deconvolution2D DepthwiseConvolution2D SeparableConvolution2D
                    SubsamplingLayer Pooling2D GlobalPoolingLayer BatchNormalization LocalResponseNormalization
                    ActivationLayer PReLULayer DropoutLayer DenseLayer OutputLayer LossLayer ZeroPaddingLayer Upsampling2D
                    SpaceToDepthLayer"""),
            Map.entry("org.deeplearning4j.nn.conf.layers.convolutional", "Cropping2D"),
            Map.entry("org.deeplearning4j.nn.conf.layers.misc", "FrozenLayer FrozenLayerWithBackprop"),
            Map.entry("org.deeplearning4j.nn.conf.constraint", """
                    MaxNormConstraint MinMaxNormConstraint NonNegativeConstraint UnitNormConstraint"""),
            Map.entry("org.deeplearning4j.nn.conf.dropout", """
                    AlphaDropout Dropout GaussianDropout GaussianNoise SpatialDropout"""),
            Map.entry("org.deeplearning4j.nn.conf.weightnoise", "DropConnect WeightNoise"),
            Map.entry("org.deeplearning4j.nn.conf.distribution", """
                    BinomialDistribution ConstantDistribution LogNormalDistribution NormalDistribution
                    OrthogonalDistribution TruncatedNormalDistribution UniformDistribution"""),
            Map.entry("org.deeplearning4j.nn.weights", """
                    WeightInitConstant WeightInitDistribution WeightInitIdentity WeightInitLecunUniform WeightInitNormal
                    WeightInitRelu WeightInitReluUniform WeightInitSigmoidUniform WeightInitUniform
                    WeightInitVarScalingNormalFanAvg WeightInitVarScalingNormalFanIn WeightInitVarScalingNormalFanOut
                    WeightInitVarScalingUniformFanAvg WeightInitVarScalingUniformFanIn WeightInitVarScalingUniformFanOut
                    WeightInitXavier WeightInitXavierLegacy WeightInitXavierUniform"""),
            Map.entry("org.nd4j.linalg.activations.impl", """
                    ActivationCube ActivationELU ActivationGELU ActivationHardSigmoid ActivationHardTanH ActivationIdentity
                    ActivationLReLU ActivationMish ActivationRReLU ActivationRationalTanh ActivationReLU ActivationReLU6
                    ActivationRectifiedTanh ActivationSELU ActivationSigmoid ActivationSoftPlus ActivationSoftSign
                    ActivationSoftmax ActivationSwish ActivationTanH ActivationThresholdedReLU"""),
            Map.entry("org.nd4j.linalg.lossfunctions.impl", """
                    LossBinaryXENT LossCosineProximity LossHinge LossKLD LossL1 LossL2 LossMAE LossMCXENT LossMSE
                    LossNegativeLogLikelihood LossPoisson LossSparseMCXENT LossSquaredHinge"""),
            Map.entry("org.nd4j.linalg.learning.config", """
                    AMSGrad AdaBelief AdaDelta AdaGrad AdaMax Adam Nadam Nesterovs NoOp RmsProp Sgd"""),
            Map.entry("org.nd4j.linalg.learning.regularization", "L1Regularization L2Regularization WeightDecay"),
            Map.entry("org.nd4j.linalg.schedule", """
                    CycleSchedule ExponentialSchedule FixedSchedule InverseSchedule MapSchedule PolySchedule SigmoidSchedule
                    StepSchedule"""));

    static final Set<String> NAMES = CLASSES.entrySet().stream()
            .flatMap(
                    entry -> Arrays.stream(entry.getValue().split("\\s+", -1)).map(name -> entry.getKey() + "." + name))
            .collect(Collectors.toUnmodifiableSet());

    private TopologyTypes() {}

    static boolean contains(String className) {
        return NAMES.contains(className);
    }
}
