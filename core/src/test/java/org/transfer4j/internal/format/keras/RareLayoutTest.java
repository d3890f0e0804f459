package org.transfer4j.internal.format.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.weights.Shapes;
import org.transfer4j.internal.weights.WeightsLoader;

/** Layouts of which there is no golden file: networks within networks, files without names, unusual values. */
class RareLayoutTest {
    private static final int CONVOLUTIONS = 12;

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("rare.h5");
    }

    private Map<String, Map<String, INDArray>> load(Map<String, Map<String, long[]>> shapes) {
        return WeightsLoader.load(Weights.file(file()), Optional.empty(), Shapes.network(shapes));
    }

    /** Convolutions of one filter of 1x1, so that a layer is told by its one weight. */
    private static Map<String, Map<String, long[]>> convolutions() {
        Map<String, Map<String, long[]>> shapes = new LinkedHashMap<>();
        for (int i = 0; i < CONVOLUTIONS; i++) {
            shapes.put("conv_" + (char) ('a' + i), Map.of("W", new long[] {1, 1, 1, 1}, "b", new long[] {1}));
        }
        return shapes;
    }

    private static float[][][][] kernel(float value) {
        return new float[][][][] {{{{value}}}};
    }

    private static WritableGroup variables(WritableGroup layers, String group, float value) {
        WritableGroup variables = layers.putGroup(group).putGroup("vars");
        variables.putDataset("0", kernel(value));
        variables.putDataset("1", new float[] {-value});
        return variables;
    }

    private static String group(int i) {
        return i == 0 ? "conv2d" : "conv2d_" + i;
    }

    private void assertConvolutionsInOrder() {
        Map<String, Map<String, INDArray>> read = load(convolutions());
        int i = 1;
        for (Map<String, INDArray> layer : read.values()) {
            assertThat(layer.get("W").getFloat(0)).isEqualTo(i);
            assertThat(layer.get("b").getFloat(0)).isEqualTo(-i);
            i++;
        }
        assertThat(i).isEqualTo(CONVOLUTIONS + 1);
    }

    /** As in Keras' own files of DenseNet, which were written when its layers' names had slashes. */
    @Test
    void slashesInNamesAreUnderscores() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            file.putAttribute("layer_names", new String[] {"conv1/conv", "conv"});
            WritableGroup outer = file.putGroup("conv1");
            putLegacy(outer.putGroup("conv"), 1, "conv1", "conv");
            putLegacy(file.putGroup("conv"), 2, "conv");
        }
        Map<String, Map<String, long[]>> shapes = new LinkedHashMap<>();
        shapes.put("conv1_conv", Map.of("W", new long[] {1, 1, 1, 1}));
        shapes.put("conv", Map.of("W", new long[] {1, 1, 1, 1}));
        Map<String, Map<String, INDArray>> read = load(shapes);
        assertThat(read.get("conv1_conv").get("W").getFloat(0)).isEqualTo(1);
        assertThat(read.get("conv").get("W").getFloat(0)).isEqualTo(2);
    }

    private static void putLegacy(WritableGroup layer, float value, String... path) {
        layer.putAttribute("weight_names", new String[] {String.join("/", path) + "/kernel:0"});
        WritableGroup inner = layer;
        for (String part : path) {
            inner = inner.putGroup(part);
        }
        inner.putDataset("kernel:0", kernel(value));
    }

    @Test
    void anEarlyKeras3WithoutNamesIsReadByOrder() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            WritableGroup layers = file.putGroup("layers");
            for (int i = 0; i < CONVOLUTIONS; i++) {
                variables(layers, group(i), i + 1);
            }
            layers.putGroup("dense").putGroup("vars").putDataset("0", new float[][] {{1}});
            file.putGroup("optimizer").putGroup("vars").putDataset("0", kernel(99));
        }
        assertConvolutionsInOrder();
    }

    /** Keras has a class of its own for a filter a channel, and takes its Conv2D with as many groups as well. */
    @Test
    void anEarlyKeras3MayHaveFiltersOfChannelsAsConvolutionsOfGroups() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            WritableGroup layers = file.putGroup("layers");
            layers.putGroup("conv2d").putGroup("vars").putDataset("0", new float[][][][] {{{{1, 2}, {3, 4}}}});
            layers.putGroup("conv2d_1").putGroup("vars").putDataset("0", new float[][][][] {{{{5, 6}}}});
            layers.putGroup("conv2d_2").putGroup("vars").putDataset("0", new float[][][][] {{{{7, 8}, {9, 10}}}});
        }
        Op.Convolution all = new Op.Convolution(2, 2, 1, Window.PIXEL, false);
        Map<String, Op.Convolution> network = new LinkedHashMap<>();
        network.put("first", all);
        network.put("each", new Op.Convolution(2, 2, 2, Window.PIXEL, false));
        network.put("last", all);
        Map<String, Map<String, INDArray>> read =
                WeightsLoader.load(Weights.file(file()), Optional.empty(), Shapes.convolutions(network));
        assertThat(read.get("first").get("W").dup('c').data().asFloat()).containsExactly(1, 3, 2, 4);
        assertThat(read.get("each").get("W").dup('c').data().asFloat()).containsExactly(5, 6);
        assertThat(read.get("last").get("W").dup('c').data().asFloat()).containsExactly(7, 9, 8, 10);
    }

    @Test
    void aNetworkWithFewerLayersIsNotReadByOrder() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            variables(file.putGroup("layers"), "conv2d", 1);
        }
        assertThatThrownBy(() -> load(convolutions()))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("missing: conv_b, conv_c,");
    }

    @Test
    void aNetworkWithinANetworkOfKeras3IsRead() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            WritableGroup layers = file.putGroup("layers");
            WritableGroup inner = layers.putGroup("functional").putGroup("layers");
            for (int i = 0; i < CONVOLUTIONS; i++) {
                variables(inner, group(i), i + 1).putAttribute("name", "conv_" + (char) ('a' + i));
            }
            variables(layers, "conv2d", 99).putAttribute("name", "on_top");
        }
        assertConvolutionsInOrder();
    }

    @Test
    void aNetworkWithinANetworkOfLegacyKerasIsRead() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            WritableGroup model = file.putGroup("model_weights");
            model.putAttribute("layer_names", new String[] {"vgg", "on_top"});
            WritableGroup inner = model.putGroup("vgg");
            String[] names = new String[2 * CONVOLUTIONS];
            for (int i = 0; i < CONVOLUTIONS; i++) {
                String name = "conv_" + (char) ('a' + i);
                names[2 * i] = name + "/kernel:0";
                names[2 * i + 1] = name + "/bias:0";
                WritableGroup layer = inner.putGroup(name);
                layer.putDataset("kernel:0", kernel(i + 1));
                layer.putDataset("bias:0", new float[] {-i - 1});
            }
            inner.putAttribute("weight_names", names);
            WritableGroup top = model.putGroup("on_top");
            top.putAttribute("weight_names", new String[] {"w"});
            top.putDataset("w", new float[] {1});
        }
        assertConvolutionsInOrder();
    }

    private void writeLegacy(Object values, String... layers) {
        try (WritableHdfFile file = HdfFile.write(file())) {
            file.putAttribute("layer_names", layers);
            for (String layer : layers) {
                WritableGroup group = file.putGroup(layer);
                group.putAttribute("weight_names", new String[] {layer + "_W"});
                group.putDataset(layer + "_W", values);
            }
        }
    }

    private static Map<String, Map<String, long[]>> dense() {
        return Map.of("dense", Map.of("W", new long[] {2, 1}));
    }

    @Test
    void doublesAreRead() {
        writeLegacy(new double[][] {{0.5, 0.25}}, "dense");
        assertThat(load(dense()).get("dense").get("W").toFloatVector()).containsExactly(0.5f, 0.25f);
    }

    @Test
    void integersAreRefused() {
        writeLegacy(new int[][] {{1, 2}}, "dense");
        assertThatThrownBy(() -> load(dense()))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("dense_W holds no floating-point numbers but int in 4 bytes");
    }

    @Test
    void valuesThatAreNotFiniteAreRefused() {
        writeLegacy(new float[][] {{1, Float.NaN}}, "dense");
        assertThatThrownBy(() -> load(dense()))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("dense_W holds values that are not finite: NaN");
    }

    @Test
    void aListOfNamesMayBeSplit() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            file.putAttribute("layer_names0", new String[] {"other"});
            file.putAttribute("layer_names1", new String[] {"dense"});
            for (String layer : new String[] {"dense", "other"}) {
                WritableGroup group = file.putGroup(layer);
                group.putAttribute("weight_names0", new String[] {"w"});
                group.putDataset("w", new float[][] {{3, 4}});
            }
        }
        assertThatThrownBy(() -> load(dense()))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("not in the network: other");
        assertThat(load(Map.of("other", Map.of("W", new long[] {2, 1})))).containsOnlyKeys("other");
    }

    @Test
    void namesThatLeadNowhereAreDamage() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            file.putAttribute("layer_names", new String[] {"dense"});
            file.putGroup("dense").putAttribute("weight_names", new String[] {"w"});
        }
        assertThatThrownBy(() -> load(dense()))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("layer dense names weights w and has none");
    }

    @Test
    void twoLayersOfOneNameAreRefused() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            WritableGroup layers = file.putGroup("layers");
            variables(layers, "conv2d", 1).putAttribute("name", "conv_a");
            variables(layers, "conv2d_1", 2).putAttribute("name", "conv_a");
        }
        assertThatThrownBy(() -> load(convolutions()))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("holds two layers called conv_a");
    }

    @Test
    void batchNormalizationIsReadInKerasOrder() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            WritableGroup variables =
                    file.putGroup("layers").putGroup("batch_normalization").putGroup("vars");
            for (int i = 0; i < 4; i++) {
                variables.putDataset(Integer.toString(i), new float[] {i, 10 + i});
            }
        }
        long[] shape = {2};
        Map<String, INDArray> read = load(Map.of(
                        "bn", Map.of("var", shape, "mean", shape, "gamma", shape, "beta", shape)))
                .get("bn");
        assertThat(read.get("gamma").toFloatVector()).containsExactly(0, 10);
        assertThat(read.get("beta").toFloatVector()).containsExactly(1, 11);
        assertThat(read.get("mean").toFloatVector()).containsExactly(2, 12);
        assertThat(read.get("var").toFloatVector()).containsExactly(3, 13);
    }

    @Test
    void anHdf5FileOfSomethingElseIsRefused() {
        try (WritableHdfFile file = HdfFile.write(file())) {
            file.putDataset("temperatures", new float[] {1, 2});
        }
        assertThatThrownBy(() -> load(dense()))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("holds no weights of Keras")
                .hasMessageContaining("[temperatures]");
    }
}
