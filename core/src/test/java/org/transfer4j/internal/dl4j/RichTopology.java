package org.transfer4j.internal.dl4j;

import java.util.Map;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.distribution.TruncatedNormalDistribution;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AdaBelief;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.schedule.CycleSchedule;
import org.nd4j.linalg.schedule.InverseSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** A network with one of nearly everything that ResNet, MobileNet and heads are made of. */
final class RichTopology {
    private RichTopology() {}

    static ComputationGraphConfiguration configuration() {
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .cacheMode(CacheMode.DEVICE)
                .updater(new Nesterovs(new InverseSchedule(ScheduleType.ITERATION, 0.05, 1e-5, 1), 0.9))
                .weightInit(WeightInit.RELU)
                .l2(1e-4)
                .l1Bias(1e-7)
                .weightDecay(1e-3)
                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                .graphBuilder()
                .addInputs("image.input")
                .setInputTypes(InputType.convolutional(32, 32, 3))
                .addLayer("pad", new ZeroPaddingLayer(1, 1), "image.input")
                .addLayer(
                        "stem.conv",
                        new FrozenLayer(new ConvolutionLayer.Builder(3, 3)
                                .nOut(8)
                                .hasBias(false)
                                .weightInit(new TruncatedNormalDistribution(0, 0.02))
                                .activation(Activation.IDENTITY)
                                .build()),
                        "pad")
                .addLayer("bn", new BatchNormalization.Builder().eps(1e-3).build(), "stem.conv")
                .addLayer("relu6", new ActivationLayer(new ActivationReLU6()), "bn")
                .addLayer(
                        "depthwise",
                        new DepthwiseConvolution2D.Builder(3, 3)
                                .depthMultiplier(1)
                                .convolutionMode(ConvolutionMode.Same)
                                .build(),
                        "relu6")
                .addLayer(
                        "separable",
                        new SeparableConvolution2D.Builder(3, 3)
                                .nOut(8)
                                .convolutionMode(ConvolutionMode.Same)
                                .constrainWeights(new MaxNormConstraint(2, 1))
                                .build(),
                        "relu6")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "depthwise", "separable")
                .addVertex("scale", new ScaleVertex(0.5), "add")
                .addVertex("merge", new MergeVertex(), "scale", "add")
                .addLayer("drop2d", new DropoutLayer.Builder(new SpatialDropout(0.9)).build(), "merge")
                .addLayer(
                        "pool",
                        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                                .kernelSize(2, 2)
                                .stride(2, 2)
                                .build(),
                        "drop2d")
                .addLayer("up", new Upsampling2D.Builder(2).build(), "pool")
                .addLayer("crop", new Cropping2D(1, 1, 1, 1), "up")
                .addLayer("gap", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "crop")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                                .nOut(16)
                                .activation(Activation.SWISH)
                                .updater(new Adam(new CycleSchedule(ScheduleType.ITERATION, 1e-3, 1e-2, 100, 10, 0.1)))
                                .dropOut(new GaussianDropout(0.3))
                                .weightNoise(new DropConnect(0.5))
                                .build(),
                        "gap")
                .addVertex("flat", new PreprocessorVertex(new CnnToFeedForwardPreProcessor(30, 30, 16)), "crop")
                .addVertex("both", new MergeVertex(), "dense", "flat")
                .addLayer(
                        "predictions",
                        new OutputLayer.Builder(new LossMCXENT(Nd4j.createFromArray(1f, 2.5f, 0.25f)))
                                .nOut(3)
                                .updater(new AdaBelief(new MapSchedule(ScheduleType.EPOCH, Map.of(0, 1e-2, 5, 1e-3))))
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "both")
                .setOutputs("predictions")
                .build();
    }
}
