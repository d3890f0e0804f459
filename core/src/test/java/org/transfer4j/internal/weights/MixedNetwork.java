package org.transfer4j.internal.weights;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.dl4j.Dl4jParameters;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.GoldenFiles;

/** The small network of {@code weight_formats_golden.py}, with a layer of every kind that formats lay out differently. */
public final class MixedNetwork {
    static final Map<String, String> MODULES = Map.of(
            "conv", "stem.conv",
            "conv_bn", "stem.bn",
            "depthwise", "blocks.0.depthwise",
            "depthwise_bn", "blocks.0.bn",
            "fc", "blocks.1.fc");

    private static final double EPSILON = 1e-5;

    private static final NetworkLayers LAYERS = layers(MODULES);

    private MixedNetwork() {}

    public static Path file(String name) {
        return GoldenFiles.path("weights/formats/" + name);
    }

    static ComputationGraphConfiguration configure() {
        return new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("pixels")
                .setInputTypes(InputType.convolutional(8, 8, 3))
                .addLayer("conv", strided(), "pixels")
                .addLayer("conv_bn", normalization(), "conv")
                .addLayer("conv_relu", new ActivationLayer(Activation.RELU), "conv_bn")
                .addLayer("depthwise", new DepthwiseConvolution2D.Builder(3, 3).build(), "conv_relu")
                .addLayer("depthwise_bn", normalization(), "depthwise")
                .addLayer("depthwise_relu", new ActivationLayer(Activation.RELU), "depthwise_bn")
                .addLayer("fc", new DenseLayer.Builder().nOut(5).build(), "depthwise_relu")
                .setOutputs("fc")
                .validateOutputLayerConfig(false)
                .build();
    }

    private static ConvolutionLayer strided() {
        return new ConvolutionLayer.Builder(3, 3)
                .stride(2, 2)
                .padding(1, 1)
                .convolutionMode(ConvolutionMode.Truncate)
                .nOut(6)
                .hasBias(false)
                .build();
    }

    private static BatchNormalization normalization() {
        return new BatchNormalization.Builder().eps(EPSILON).useLogStd(false).build();
    }

    static NetworkLayers layers(Map<String, String> modules) {
        Network network = Dl4jGraphs.network(configure(), 3, 8, 8);
        return NetworkLayers.of(network, network, modules.isEmpty() ? List.of() : List.of(modules));
    }

    static Map<String, Map<String, INDArray>> load(Path file) {
        return WeightsLoader.load(Weights.file(file), Optional.empty(), LAYERS);
    }

    public static ComputationGraph filled(Path file) {
        ComputationGraph graph = Graphs.instantiate(configure());
        Dl4jParameters.copy(new WeightedNetwork(Dl4jGraphs.network(configure(), 3, 8, 8), load(file)), graph);
        return graph;
    }

    public static INDArray features(Path file) {
        return filled(file).outputSingle(GoldenFiles.array("mixed/pixels.npy"));
    }
}
