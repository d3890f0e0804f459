package org.transfer4j.backbone;

import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** The VGG family: blocks of 3x3 convolutions with ReLU, each block ended by 2x2 max pooling. */
final class Vgg {
    private static final int[] VGG16_CONVOLUTIONS = {2, 2, 3, 3, 3};
    private static final int[] VGG19_CONVOLUTIONS = {2, 2, 4, 4, 4};
    private static final int[] CHANNELS = {64, 128, 256, 512, 512};

    private Vgg() {}

    static Backbone vgg16() {
        return describe("vgg16", VGG16_CONVOLUTIONS, KerasApplications.VGG16);
    }

    static Backbone vgg19() {
        return describe("vgg19", VGG19_CONVOLUTIONS, KerasApplications.VGG19);
    }

    private static Backbone describe(String name, int[] convolutions, PretrainedWeights weights) {
        return Backbone.builder(name, (height, width) -> configure(height, width, convolutions, CHANNELS))
                .inputSize(224, 224)
                .minimumSize(32)
                .preprocessing(ImagePreprocessing.caffe())
                .pretrained(weights)
                .cutPoints(IntStream.rangeClosed(1, CHANNELS.length)
                        .mapToObj(block -> "block" + block + "_pool")
                        .toList())
                .build();
    }

    static ComputationGraphConfiguration configure(int height, int width, int[] convolutions, int[] channels) {
        ComputationGraphConfiguration.GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .weightInit(WeightInit.RELU_UNIFORM)
                .activation(Activation.RELU)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("input_1")
                .setInputTypes(InputType.convolutional(height, width, 3));
        String previous = "input_1";
        for (int block = 0; block < channels.length; block++) {
            for (int convolution = 0; convolution < convolutions[block]; convolution++) {
                String name = "block" + (block + 1) + "_conv" + (convolution + 1);
                graph.addLayer(name, convolution(channels[block]), previous);
                previous = name;
            }
            String pool = "block" + (block + 1) + "_pool";
            graph.addLayer(pool, pooling(), previous);
            previous = pool;
        }
        return graph.setOutputs(previous).validateOutputLayerConfig(false).build();
    }

    private static ConvolutionLayer convolution(int channels) {
        return new ConvolutionLayer.Builder(3, 3).stride(1, 1).nOut(channels).build();
    }

    private static SubsamplingLayer pooling() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .convolutionMode(ConvolutionMode.Truncate)
                .build();
    }
}
