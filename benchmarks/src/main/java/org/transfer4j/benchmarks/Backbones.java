package org.transfer4j.benchmarks;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.transfer4j.backbone.Backbone;

/** The networks that are measured, by their names. */
final class Backbones {
    private static final List<Backbone> ALL = List.of(
            Backbone.tinyVgg(),
            Backbone.tinyResNet(),
            Backbone.vgg16(),
            Backbone.vgg19(),
            Backbone.resNet50(),
            Backbone.resNet50V15(),
            Backbone.resNet18(),
            Backbone.mobileNetV2(),
            Backbone.efficientNetB0(),
            Backbone.denseNet121(),
            BatchNormalizedNetwork.backbone());

    private Backbones() {}

    static Backbone named(String name) {
        return ALL.stream()
                .filter(backbone -> backbone.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--backbone is one of "
                        + ALL.stream().map(Backbone::name).toList() + ", got " + name));
    }

    /** A small network for small images: three blocks of two 3x3 convolutions, batch normalization and ReLU, and a pooling. */
    private static final class BatchNormalizedNetwork {
        private BatchNormalizedNetwork() {}

        static Backbone backbone() {
            return Backbone.builder("batchnorm", BatchNormalizedNetwork::topology)
                    .inputSize(32, 32)
                    .minimumSize(8)
                    .build();
        }

        private static ComputationGraphConfiguration topology(int height, int width) {
            GraphBuilder graph = new NeuralNetConfiguration.Builder()
                    .dataType(DataType.FLOAT)
                    .graphBuilder()
                    .addInputs("input")
                    .setInputTypes(InputType.convolutional(height, width, 3))
                    .validateOutputLayerConfig(false);
            String last = "input";
            for (int block = 1; block <= 3; block++) {
                for (int layer = 1; layer <= 2; layer++) {
                    String name = "block" + block + "_conv" + layer;
                    graph.addLayer(name, convolution(16 << block), last)
                            .addLayer(name + "_bn", new BatchNormalization(), name)
                            .addLayer(name + "_relu", new ActivationLayer(Activation.RELU), name + "_bn");
                    last = name + "_relu";
                }
                String pool = "block" + block + "_pool";
                graph.addLayer(
                        pool,
                        new SubsamplingLayer.Builder(PoolingType.MAX)
                                .kernelSize(2, 2)
                                .stride(2, 2)
                                .build(),
                        last);
                last = pool;
            }
            return graph.setOutputs(last).build();
        }

        private static ConvolutionLayer convolution(int outputs) {
            return new ConvolutionLayer.Builder(3, 3)
                    .nOut(outputs)
                    .convolutionMode(ConvolutionMode.Same)
                    .hasBias(false)
                    .activation(Activation.IDENTITY)
                    .build();
        }
    }
}
