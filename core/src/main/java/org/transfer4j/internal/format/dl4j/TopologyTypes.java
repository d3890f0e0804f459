package org.transfer4j.internal.format.dl4j;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.MinMaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.distribution.BinomialDistribution;
import org.deeplearning4j.nn.conf.distribution.ConstantDistribution;
import org.deeplearning4j.nn.conf.distribution.LogNormalDistribution;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.distribution.OrthogonalDistribution;
import org.deeplearning4j.nn.conf.distribution.TruncatedNormalDistribution;
import org.deeplearning4j.nn.conf.distribution.UniformDistribution;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.WeightNoise;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.deeplearning4j.nn.weights.WeightInitIdentity;
import org.deeplearning4j.nn.weights.WeightInitLecunUniform;
import org.deeplearning4j.nn.weights.WeightInitNormal;
import org.deeplearning4j.nn.weights.WeightInitRelu;
import org.deeplearning4j.nn.weights.WeightInitReluUniform;
import org.deeplearning4j.nn.weights.WeightInitSigmoidUniform;
import org.deeplearning4j.nn.weights.WeightInitUniform;
import org.deeplearning4j.nn.weights.WeightInitVarScalingNormalFanAvg;
import org.deeplearning4j.nn.weights.WeightInitVarScalingNormalFanIn;
import org.deeplearning4j.nn.weights.WeightInitVarScalingNormalFanOut;
import org.deeplearning4j.nn.weights.WeightInitVarScalingUniformFanAvg;
import org.deeplearning4j.nn.weights.WeightInitVarScalingUniformFanIn;
import org.deeplearning4j.nn.weights.WeightInitVarScalingUniformFanOut;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.deeplearning4j.nn.weights.WeightInitXavierLegacy;
import org.deeplearning4j.nn.weights.WeightInitXavierUniform;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationRationalTanh;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationRectifiedTanh;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaBelief;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossCosineProximity;
import org.nd4j.linalg.lossfunctions.impl.LossHinge;
import org.nd4j.linalg.lossfunctions.impl.LossKLD;
import org.nd4j.linalg.lossfunctions.impl.LossL1;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;
import org.nd4j.linalg.lossfunctions.impl.LossPoisson;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSquaredHinge;
import org.nd4j.linalg.schedule.CycleSchedule;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.PolySchedule;
import org.nd4j.linalg.schedule.SigmoidSchedule;
import org.nd4j.linalg.schedule.StepSchedule;

/**
 * The classes that the topology of a model file may name: exactly these, and no subclass of them. All are plain
 * configurations of DL4J and ND4J for image networks. A class literal does not initialize its class.
 */
final class TopologyTypes {
    private static final List<Class<?>> VERTICES = List.of(
            LayerVertex.class,
            FrozenVertex.class,
            ElementWiseVertex.class,
            MergeVertex.class,
            PreprocessorVertex.class,
            ScaleVertex.class,
            ShiftVertex.class,
            SubsetVertex.class,
            L2NormalizeVertex.class,
            CnnToFeedForwardPreProcessor.class,
            FeedForwardToCnnPreProcessor.class,
            ComposableInputPreProcessor.class);

    private static final List<Class<?>> LAYERS = List.of(
            ConvolutionLayer.class,
            Convolution2D.class,
            Deconvolution2D.class,
            DepthwiseConvolution2D.class,
            SeparableConvolution2D.class,
            SubsamplingLayer.class,
            Pooling2D.class,
            GlobalPoolingLayer.class,
            BatchNormalization.class,
            LocalResponseNormalization.class,
            ActivationLayer.class,
            PReLULayer.class,
            DropoutLayer.class,
            DenseLayer.class,
            OutputLayer.class,
            LossLayer.class,
            ZeroPaddingLayer.class,
            Cropping2D.class,
            Upsampling2D.class,
            SpaceToDepthLayer.class,
            FrozenLayer.class,
            FrozenLayerWithBackprop.class);

    /** Without ActivationPReLU, which carries an array; PReLULayer keeps its own among the weights. */
    private static final List<Class<?>> ACTIVATIONS = List.of(
            ActivationCube.class,
            ActivationELU.class,
            ActivationGELU.class,
            ActivationHardSigmoid.class,
            ActivationHardTanH.class,
            ActivationIdentity.class,
            ActivationLReLU.class,
            ActivationMish.class,
            ActivationRReLU.class,
            ActivationRationalTanh.class,
            ActivationReLU.class,
            ActivationReLU6.class,
            ActivationRectifiedTanh.class,
            ActivationSELU.class,
            ActivationSigmoid.class,
            ActivationSoftPlus.class,
            ActivationSoftSign.class,
            ActivationSoftmax.class,
            ActivationSwish.class,
            ActivationTanH.class,
            ActivationThresholdedReLU.class);

    private static final List<Class<?>> LOSSES = List.of(
            LossBinaryXENT.class,
            LossCosineProximity.class,
            LossHinge.class,
            LossKLD.class,
            LossL1.class,
            LossL2.class,
            LossMAE.class,
            LossMCXENT.class,
            LossMSE.class,
            LossNegativeLogLikelihood.class,
            LossPoisson.class,
            LossSparseMCXENT.class,
            LossSquaredHinge.class);

    private static final List<Class<?>> UPDATERS = List.of(
            AMSGrad.class,
            AdaBelief.class,
            AdaDelta.class,
            AdaGrad.class,
            AdaMax.class,
            Adam.class,
            Nadam.class,
            Nesterovs.class,
            NoOp.class,
            RmsProp.class,
            Sgd.class);

    /** Without RampSchedule, whose JSON ND4J can write but not read. */
    private static final List<Class<?>> SCHEDULES = List.of(
            CycleSchedule.class,
            ExponentialSchedule.class,
            FixedSchedule.class,
            InverseSchedule.class,
            MapSchedule.class,
            PolySchedule.class,
            SigmoidSchedule.class,
            StepSchedule.class);

    private static final List<Class<?>> REGULARIZERS = List.of(
            L1Regularization.class,
            L2Regularization.class,
            WeightDecay.class,
            MaxNormConstraint.class,
            MinMaxNormConstraint.class,
            NonNegativeConstraint.class,
            UnitNormConstraint.class,
            AlphaDropout.class,
            Dropout.class,
            GaussianDropout.class,
            GaussianNoise.class,
            SpatialDropout.class,
            DropConnect.class,
            WeightNoise.class);

    private static final List<Class<?>> WEIGHT_STARTS = List.of(
            WeightInitConstant.class,
            WeightInitDistribution.class,
            WeightInitIdentity.class,
            WeightInitLecunUniform.class,
            WeightInitNormal.class,
            WeightInitRelu.class,
            WeightInitReluUniform.class,
            WeightInitSigmoidUniform.class,
            WeightInitUniform.class,
            WeightInitVarScalingNormalFanAvg.class,
            WeightInitVarScalingNormalFanIn.class,
            WeightInitVarScalingNormalFanOut.class,
            WeightInitVarScalingUniformFanAvg.class,
            WeightInitVarScalingUniformFanIn.class,
            WeightInitVarScalingUniformFanOut.class,
            WeightInitXavier.class,
            WeightInitXavierLegacy.class,
            WeightInitXavierUniform.class,
            BinomialDistribution.class,
            ConstantDistribution.class,
            LogNormalDistribution.class,
            NormalDistribution.class,
            OrthogonalDistribution.class,
            TruncatedNormalDistribution.class,
            UniformDistribution.class);

    private static final Set<String> NAMES = Stream.of(
                    VERTICES, LAYERS, ACTIVATIONS, LOSSES, UPDATERS, SCHEDULES, REGULARIZERS, WEIGHT_STARTS)
            .flatMap(List::stream)
            .map(Class::getName)
            .collect(Collectors.toUnmodifiableSet());

    private TopologyTypes() {}

    static boolean contains(String className) {
        return NAMES.contains(className);
    }

    static Set<String> names() {
        return NAMES;
    }
}
