package org.transfer4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.testing.DenseWeights;
import org.transfer4j.testing.HashWeights;

class WeightsLoaderTest {
    private static Map<String, Map<String, INDArray>> load(String name) {
        return WeightsLoader.load(
                Weights.file(NarrowVgg.file(name)), Optional.empty(), Shapes.network(NarrowVgg.shapes()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "official_layout_notop.h5",
                "with_top.h5",
                "legacy_save_weights.h5",
                "legacy_full_model.h5",
                "keras3.weights.h5",
                "keras3_with_head.weights.h5",
                "head64.weights.h5"
            })
    void readsEveryValueOfEveryLayout(String name) {
        Map<String, Map<String, INDArray>> read = load(name);
        assertThat(read.keySet()).containsExactlyElementsOf(NarrowVgg.shapes().keySet());
        NarrowVgg.shapes()
                .forEach((layer, parameters) -> parameters.forEach((parameter, shape) -> {
                    INDArray values = read.get(layer).get(parameter);
                    assertThat(values.shape()).isEqualTo(shape);
                    assertThat(values.dataType()).isEqualTo(DataType.FLOAT);
                    assertThat(values.ordering()).isEqualTo('c');
                    assertThat(values.equalsWithEps(NarrowVgg.expected(layer, parameter, shape), 0))
                            .as("%s %s", layer, parameter)
                            .isTrue();
                }));
    }

    @ParameterizedTest
    @CsvSource({
        "with_top.h5, fc1, 1, 1, 16, 8",
        "with_top.h5, predictions, 1, 1, 8, 10",
        "keras3_with_head.weights.h5, predictions, 1, 1, 16, 10",
        "legacy_full_model.h5, predictions, 1, 1, 16, 10",
        "head64.weights.h5, predictions, 2, 2, 16, 10"
    })
    void readsDenseLayersAboveTheBackbone(String file, String layer, int height, int width, int channels, int units) {
        Map<String, INDArray> dense =
                DenseWeights.dense(NarrowVgg.file(file), layer, Shape.of(channels, height, width), units);
        float[] keras = HashWeights.values(layer + "/kernel", (long) height * width * channels, units);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int channel = 0; channel < channels; channel++) {
                    for (int unit = 0; unit < units; unit++) {
                        int channelsLast = (y * width + x) * channels + channel;
                        int channelsFirst = (channel * height + y) * width + x;
                        assertThat(dense.get("W").getFloat(unit, channelsFirst))
                                .isEqualTo(keras[channelsLast * units + unit]);
                    }
                }
            }
        }
        assertThat(dense.get("b").shape()).containsExactly(units);
        assertThat(dense.get("b").toFloatVector()).isEqualTo(HashWeights.values(layer + "/bias", units));
    }

    @Test
    void readsTheLowerLayersAlone() {
        Map<String, Map<String, long[]>> lower = new LinkedHashMap<>(NarrowVgg.shapes());
        lower.keySet().removeIf(layer -> layer.compareTo("block3") > 0);
        assertThat(WeightsLoader.load(
                        Weights.file(NarrowVgg.file("official_layout_notop.h5")),
                        Optional.empty(),
                        Shapes.network(lower)))
                .hasSize(4);
    }

    @Test
    void refusesALayerLess() {
        assertThatThrownBy(() -> load("missing_layer.h5"))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("missing_layer.h5: does not fit the network")
                .hasMessageContaining("missing: block4_conv2;");
    }

    @Test
    void refusesAnotherShape() {
        assertThatThrownBy(() -> load("wrong_shape.h5"))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("block3_conv2 W is of shape [3, 3, 8, 4], expected [3, 3, 8, 8]")
                .hasMessageContaining("block3_conv2 b is of shape [4], expected [8]");
    }

    @Test
    void refusesAnotherNetwork() {
        assertThatThrownBy(() -> load("other_network.h5"))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("missing: block1_conv1, block1_conv2,")
                .hasMessageContaining("and 8 more")
                .hasMessageContaining("the file's layers: conv_a, conv_b");
    }

    /** As VGG19's file would be for VGG16: all that is wanted is there, and more. */
    @ParameterizedTest
    @ValueSource(strings = {"official_layout_notop.h5", "keras3.weights.h5"})
    void refusesALargerNetwork(String name) {
        Map<String, Map<String, long[]>> fewer = new LinkedHashMap<>(NarrowVgg.shapes());
        fewer.remove("block3_conv3");
        assertThatThrownBy(() ->
                        WeightsLoader.load(Weights.file(NarrowVgg.file(name)), Optional.empty(), Shapes.network(fewer)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("not in the network: block3_conv3");
    }

    @Test
    void refusesAnotherNumberOfArrays() {
        Map<String, Map<String, long[]>> unbiased = new LinkedHashMap<>(NarrowVgg.shapes());
        unbiased.put("block1_conv1", Map.of("W", new long[] {2, 3, 3, 3}));
        assertThatThrownBy(() -> WeightsLoader.load(
                        Weights.file(NarrowVgg.file("keras3.weights.h5")), Optional.empty(), Shapes.network(unbiased)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("block1_conv1 has 2 arrays, expected 1 (W)");
    }

    @Test
    void randomWeightsAreNotLoaded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        WeightsLoader.load(Weights.random(), Optional.empty(), Shapes.network(NarrowVgg.shapes())))
                .withMessageContaining("random");
    }

    @Test
    void parametersThatKerasDoesNotKnowAreRefused() {
        Network.Builder network = new Network.Builder("features", Shape.of(4));
        network.add("vote", "vote", "NearestNeighbours", new Op.Neighbours(4, 3, 2, 1, 0.1), List.of("features"));
        Network votes = network.build("vote");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NetworkLayers.of(votes, votes, List.of()))
                .withMessageStartingWith("layer vote has a parameter classes, known are [W, b,");
    }
}
