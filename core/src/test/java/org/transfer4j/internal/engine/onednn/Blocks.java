package org.transfer4j.internal.engine.onednn;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.nd4j.linalg.activations.Activation;

/** The blocks of the families, narrow, wired as Keras wires them. */
final class Blocks {
    private Blocks() {}

    /** MobileNetV2: wider, each channel on its own, narrower again, and the input added where the size stays. */
    static TestGraph invertedResidual(TestGraph graph, int channels, boolean halved) {
        String start = graph.convolution(channels, 3, 1, Activation.IDENTITY).last();
        normalized(graph, TestGraph.convolution(6 * channels, 1, 1), Activation.RELU6);
        if (halved) {
            graph.layer(new ZeroPaddingLayer(0, 1, 0, 1));
        }
        graph.layer(depthwise(3, halved)).layer(new BatchNormalization()).layer(new ActivationLayer(Activation.RELU6));
        normalized(graph, TestGraph.convolution(channels, 1, 1), Activation.IDENTITY);
        return halved ? graph : graph.vertex(sum(), start, graph.last());
    }

    /** EfficientNet: each channel times a number that all of the image decides. */
    static TestGraph squeezeAndExcite(TestGraph graph, int channels) {
        int[] size = {(int) graph.inputShape()[1], (int) graph.inputShape()[2]};
        normalized(graph, TestGraph.convolution(channels, 1, 1), Activation.SWISH);
        String image = graph.layer(depthwise(5, false))
                .layer(new BatchNormalization())
                .layer(new ActivationLayer(Activation.SWISH))
                .last();
        String factors = graph.layer(new GlobalPoolingLayer.Builder(PoolingType.AVG)
                        .collapseDimensions(false)
                        .build())
                .convolution(4, 1, 1, Activation.SWISH)
                .convolution(channels, 1, 1, Activation.SIGMOID)
                .layer(new Upsampling2D.Builder().size(size).build())
                .last();
        graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Product), image, factors);
        return normalized(graph, TestGraph.convolution(24, 1, 1), Activation.IDENTITY);
    }

    /** DenseNet: three layers that each add a few channels to all before, then half of them at half the size. */
    static TestGraph dense(TestGraph graph, int channels, int growth) {
        graph.convolution(channels, 3, 1, Activation.IDENTITY);
        for (int layer = 0; layer < 3; layer++) {
            String before = graph.last();
            activated(graph);
            normalized(graph, TestGraph.convolution(4 * growth, 1, 1), Activation.RELU)
                    .convolution(growth, 3, 1, Activation.IDENTITY);
            graph.vertex(new MergeVertex(), before, graph.last());
        }
        return activated(graph)
                .convolution((channels + 3 * growth) / 2, 1, 1, Activation.IDENTITY)
                .layer(TestGraph.mean(2, 2)
                        .convolutionMode(ConvolutionMode.Truncate)
                        .build());
    }

    /** ResNet's first layers and a block that halves the size, with the stride in its first convolution. */
    static TestGraph bottleneck(TestGraph graph, int channels) {
        graph.layer(new ZeroPaddingLayer(3, 3));
        normalized(graph, TestGraph.convolution(channels, 7, 2), Activation.RELU)
                .layer(new ZeroPaddingLayer(1, 1))
                .layer(TestGraph.maximum(3, 2)
                        .convolutionMode(ConvolutionMode.Truncate)
                        .build());
        String start = graph.last();
        normalized(graph, TestGraph.convolution(channels, 1, 2), Activation.RELU)
                .convolution(channels, 3, 1, Activation.IDENTITY)
                .layer(new BatchNormalization())
                .layer(new ActivationLayer(Activation.RELU));
        String end = normalized(graph, TestGraph.convolution(4 * channels, 1, 1), Activation.IDENTITY)
                .last();
        String shortcut = normalized(graph.from(start), TestGraph.convolution(4 * channels, 1, 2), Activation.IDENTITY)
                .last();
        return graph.vertex(sum(), shortcut, end).layer(new ActivationLayer(Activation.RELU));
    }

    private static TestGraph normalized(
            TestGraph graph,
            org.deeplearning4j.nn.conf.layers.ConvolutionLayer.Builder convolution,
            Activation activation) {
        graph.layer(convolution
                        .convolutionMode(ConvolutionMode.Truncate)
                        .hasBias(false)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new BatchNormalization());
        return activation == Activation.IDENTITY ? graph : graph.layer(new ActivationLayer(activation));
    }

    private static TestGraph activated(TestGraph graph) {
        return graph.layer(new BatchNormalization()).layer(new ActivationLayer(Activation.RELU));
    }

    private static DepthwiseConvolution2D depthwise(int kernel, boolean halved) {
        return new DepthwiseConvolution2D.Builder()
                .kernelSize(kernel, kernel)
                .stride(halved ? 2 : 1, halved ? 2 : 1)
                .convolutionMode(halved ? ConvolutionMode.Truncate : ConvolutionMode.Same)
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static ElementWiseVertex sum() {
        return new ElementWiseVertex(ElementWiseVertex.Op.Add);
    }
}
