package org.transfer4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.RelativeL2;

/** Batch normalization, depthwise convolution and a dense layer after Flatten, in every format. */
class WeightFormatsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {"mixed.h5", "mixed.weights.h5", "mixed.keras", "mixed.safetensors", "mixed_float64.safetensors"})
    void featuresAreThoseOfKerasAndPyTorch(String name) {
        INDArray expected = GoldenFiles.array("mixed/features.npy");
        assertThat(RelativeL2.worst(MixedNetwork.features(MixedNetwork.file(name)), expected))
                .isLessThan(1e-6);
    }

    @Test
    void theNameOfAFileDoesNotMatter() throws IOException {
        for (String name : new String[] {"mixed.weights.h5", "mixed.keras", "mixed.safetensors"}) {
            Path file = Files.copy(MixedNetwork.file(name), folder.resolve(name + ".jpg"));
            assertThat(MixedNetwork.load(file)).isEqualTo(MixedNetwork.load(MixedNetwork.file("mixed.h5")));
        }
    }

    /** Half of the distance between two numbers of 11 and of 8 bits of mantissa. */
    @ParameterizedTest
    @CsvSource({
        "mixed_float16.safetensors, 4.8829e-4, 6e-8",
        "mixed_float16.weights.h5, 4.8829e-4, 6e-8",
        "mixed_bfloat16.safetensors, 3.9063e-3, 0"
    })
    void shortNumbersAreWhatTheyRound(String name, double relative, double absolute) {
        Map<String, Map<String, INDArray>> whole = MixedNetwork.load(MixedNetwork.file("mixed.safetensors"));
        Map<String, Map<String, INDArray>> rounded = MixedNetwork.load(MixedNetwork.file(name));
        assertThat(rounded.keySet()).isEqualTo(whole.keySet());
        assertThat(rounded).isNotEqualTo(whole);
        whole.forEach((layer, parameters) -> parameters.forEach((parameter, values) -> {
            float[] actual = rounded.get(layer).get(parameter).dup('c').data().asFloat();
            float[] expected = values.dup('c').data().asFloat();
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).as("%s %s %d", layer, parameter, i).isCloseTo(expected[i], within((float)
                        (Math.abs(expected[i]) * relative + absolute)));
            }
        }));
    }

    @Test
    void bfloat16InHdf5IsRefusedByName() {
        assertThatThrownBy(() -> MixedNetwork.load(MixedNetwork.file("mixed_bfloat16.weights.h5")))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("as Keras writes bfloat16, which are not read from HDF5; save them as float32");
    }

    @Test
    void countsOfBatchesAndTheTopAreIgnored() {
        try (WeightsFile file = WeightsLoader.open(MixedNetwork.file("mixed.safetensors"))) {
            assertThat(file.layers())
                    .extracting(StoredLayer::name)
                    .containsExactlyInAnyOrder(
                            "stem.conv", "stem.bn", "blocks.0.depthwise", "blocks.0.bn", "blocks.1.fc", "classifier");
            assertThat(file.layers())
                    .allSatisfy(layer -> assertThat(layer.arrays())
                            .extracting(StoredArray::name)
                            .noneMatch(name -> name.endsWith("num_batches_tracked")));
        }
    }

    private static void assertRefused(Map<String, String> modules, String... messages) {
        assertThatThrownBy(() -> WeightsLoader.load(
                        Weights.file(MixedNetwork.file("mixed.safetensors")),
                        Optional.empty(),
                        MixedNetwork.layers(modules)))
                .isInstanceOf(WeightsException.class)
                .satisfies(thrown -> assertThat(thrown.getMessage()).contains(messages));
    }

    @Test
    void namesThatTheBackboneDoesNotGiveAreAskedFor() {
        assertRefused(
                Map.of(),
                "missing: conv, conv_bn, depthwise, depthwise_bn, fc;",
                "the network's: conv, conv_bn,",
                "the backbone does not say how PyTorch calls its layers (Backbone.Builder.torchNames)");
    }

    @Test
    void aModuleBesidesTheNetworksMeansAnotherNetwork() {
        Map<String, String> modules = new HashMap<>(MixedNetwork.MODULES);
        modules.put("fc", "classifier");
        assertRefused(
                modules,
                "fc (classifier in the file) W is of shape [3, 5], expected [5, 96]",
                "not in the network: blocks.1.fc");
    }

    @Test
    void theNamesThatFitBestAreTaken() {
        NetworkLayers network = MixedNetwork.layers(MixedNetwork.MODULES);
        NetworkLayers both = new NetworkLayers(
                network.wanted(),
                MixedNetwork.MODULES.keySet(),
                List.of(Map.of("conv", "conv_stem"), MixedNetwork.MODULES, Map.of("conv", "features.0")),
                false);
        Path file = MixedNetwork.file("mixed.safetensors");
        assertThat(WeightsLoader.load(Weights.file(file), Optional.empty(), both))
                .isEqualTo(MixedNetwork.load(file));
    }
}
