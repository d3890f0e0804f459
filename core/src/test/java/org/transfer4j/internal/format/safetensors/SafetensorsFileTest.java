package org.transfer4j.internal.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.safetensors.SafetensorsFile.WeightsOrigin;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.weights.WeightsLoader;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Dl4jGraphs;

class SafetensorsFileTest {
    private static final WeightsOrigin ORIGIN = new WeightsOrigin("9.8.7", Optional.of(ImagePreprocessing.caffe()));

    @TempDir
    private Path folder;

    private final ComputationGraphConfiguration network = new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.convolutional(6, 5, 3))
            .addLayer("conv", new ConvolutionLayer.Builder(3, 2).nOut(4).build(), "input")
            .addLayer("bn", new BatchNormalization.Builder().useLogStd(false).build(), "conv")
            .addLayer(
                    "depthwise",
                    new DepthwiseConvolution2D.Builder(2, 3).depthMultiplier(2).build(),
                    "bn")
            .addLayer("dense", new DenseLayer.Builder().nOut(5).build(), "depthwise")
            .setOutputs("dense")
            .validateOutputLayerConfig(false)
            .build();

    private final Map<String, Map<String, INDArray>> parameters = parameters();
    private final NetworkLayers layers = layers();

    private NetworkLayers layers() {
        Network read = Dl4jGraphs.network(network, 3, 6, 5);
        return NetworkLayers.of(read, read, List.of());
    }

    private Map<String, Map<String, INDArray>> parameters() {
        Map<String, Map<String, INDArray>> values = ParameterValues.zeros(Dl4jGraphs.network(network, 3, 6, 5));
        Nd4j.getRandom().setSeed(7);
        values.values()
                .forEach(layer -> layer.values()
                        .forEach(value -> value.assign(
                                Nd4j.rand(DataType.FLOAT, value.shape()).subi(0.5))));
        return values;
    }

    private Map<String, Map<String, INDArray>> readBack(Path file) {
        return WeightsLoader.load(Weights.file(file), Optional.empty(), layers);
    }

    private static float[] values(INDArray array) {
        return array.dup('c').data().asFloat();
    }

    @Test
    void floatsComeBackBitForBit() {
        Path file = folder.resolve("weights.safetensors");
        SafetensorsFile.write(file, layers, parameters, StoredPrecision.FLOAT32, ORIGIN);
        Map<String, Map<String, INDArray>> read = readBack(file);
        assertThat(read.keySet()).isEqualTo(parameters.keySet());
        parameters.forEach((layer, values) -> values.forEach(
                (name, value) -> assertThat(values(read.get(layer).get(name)))
                        .as(layer + " " + name)
                        .isEqualTo(values(value))));
    }

    @Test
    void halvesAreHalfAsLargeAndOfElevenBits() throws Exception {
        Path whole = folder.resolve("float.safetensors");
        Path half = folder.resolve("half.safetensors");
        SafetensorsFile.write(whole, layers, parameters, StoredPrecision.FLOAT32, ORIGIN);
        SafetensorsFile.write(half, layers, parameters, StoredPrecision.FLOAT16, ORIGIN);
        long numbers = parameters.values().stream()
                .flatMap(layer -> layer.values().stream())
                .mapToLong(INDArray::length)
                .sum();
        assertThat(Files.size(whole) - Files.size(half)).isBetween(2 * numbers - 16, 2 * numbers + 16);
        Map<String, Map<String, INDArray>> read = readBack(half);
        parameters.forEach((layer, values) -> values.forEach((name, value) -> {
            float[] expected = values(value);
            float[] found = values(read.get(layer).get(name));
            for (int i = 0; i < expected.length; i++) {
                assertThat(Math.abs(found[i] - expected[i])).isLessThanOrEqualTo(Math.abs(expected[i]) / 2048 + 6e-8f);
            }
        }));
    }

    @Test
    void numbersThatAreNoHalvesAreNamed() {
        parameters.get("bn").get("var").putScalar(1, 70_000);
        Path file = folder.resolve("half.safetensors");
        assertThatThrownBy(() -> SafetensorsFile.write(file, layers, parameters, StoredPrecision.FLOAT16, ORIGIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("float16 has numbers up to 65504, but bn.running_var has 70000.0: write them as float32");
        assertThat(file).doesNotExist();
        parameters.get("bn").get("var").putScalar(1, 65_519);
        SafetensorsFile.write(file, layers, parameters, StoredPrecision.FLOAT16, ORIGIN);
        assertThat(readBack(file).get("bn").get("var").getFloat(1)).isEqualTo(65_504);
    }

    @Test
    void onlyFloatsAreWrittenAsTheyLieInMemory() {
        parameters.get("bn").compute("var", (name, value) -> value.castTo(DataType.DOUBLE));
        Path file = folder.resolve("double.safetensors");
        assertThatThrownBy(() -> SafetensorsFile.write(file, layers, parameters, StoredPrecision.FLOAT32, ORIGIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("bn.running_var", "DOUBLE");
        assertThat(file).doesNotExist();
    }

    /** A separable convolution is two modules, the names of which another layer may have. */
    @Test
    void layersThatWouldHaveOneNameAreRefused() {
        Network.Builder builder = new Network.Builder("input", Shape.of(3, 6, 5));
        Op.Convolution channels = new Op.Convolution(3, 3, 3, Window.PIXEL, false);
        Op.Convolution pixels = new Op.Convolution(3, 3, 1, Window.PIXEL, true);
        builder.add("block/1", "block", "SeparableConv2D", channels, List.of("input"));
        builder.add("block", "block", "SeparableConv2D", pixels, List.of("block/1"));
        builder.add("block.depthwise", "block.depthwise", "Conv2D", pixels, List.of("block"));
        Network both = builder.build("block.depthwise");
        Path file = folder.resolve("weights.safetensors");
        assertThatThrownBy(() -> SafetensorsFile.write(
                        file,
                        NetworkLayers.of(both, both, List.of()),
                        ParameterValues.zeros(both),
                        StoredPrecision.FLOAT32,
                        ORIGIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the layers block and block.depthwise can't be in one file of safetensors: both have weights"
                                + " called block.depthwise.weight there; give one of them another name");
        assertThat(file).doesNotExist();
    }

    @Test
    void theFileSaysWhoWroteIt() {
        Path file = folder.resolve("weights.safetensors");
        SafetensorsFile.write(file, layers, parameters, StoredPrecision.FLOAT32, ORIGIN);
        assertThat(WeightsLoader.origin(file)).hasValue(ORIGIN);
    }

    @Test
    void whatALaterVersionSaysOfPreprocessingIsNotKnown() {
        Map<String, String> metadata = new HashMap<>(ORIGIN.metadata());
        metadata.put("preprocessing", "{\"version\":99}");
        assertThat(WeightsOrigin.of(metadata)).hasValue(new WeightsOrigin("9.8.7", Optional.empty()));
        metadata.put("library", "another");
        assertThat(WeightsOrigin.of(metadata)).isEmpty();
    }

    @Test
    void aFolderThatIsMissingIsNamed() {
        Path file = folder.resolve("none").resolve("weights.safetensors");
        assertThatThrownBy(() -> SafetensorsFile.write(file, layers, parameters, StoredPrecision.FLOAT32, ORIGIN))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString());
    }
}
