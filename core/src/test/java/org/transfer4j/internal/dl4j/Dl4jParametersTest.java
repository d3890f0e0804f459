package org.transfer4j.internal.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.network.Network;
import org.transfer4j.testing.Dl4jGraphs;

/** Layers of each order that DL4J has for parameters. */
class Dl4jParametersTest {
    private final ComputationGraph graph = graph();
    private final Network network = Dl4jGraphs.network(graph.getConfiguration(), 3, 6, 5);
    private final Map<String, Map<String, INDArray>> tables = Graphs.parameters(graph);
    private final Dl4jParameters parameters = new Dl4jParameters(network, tables);

    private static ComputationGraph graph() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(7)
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("images")
                .setInputTypes(InputType.convolutional(6, 5, 3))
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "images")
                .addLayer("bn", new BatchNormalization.Builder().build(), "conv")
                .addLayer(
                        "depthwise",
                        new DepthwiseConvolution2D.Builder(2, 2)
                                .depthMultiplier(2)
                                .build(),
                        "bn")
                .addLayer(
                        "separable",
                        new SeparableConvolution2D.Builder(2, 2)
                                .depthMultiplier(3)
                                .nOut(5)
                                .build(),
                        "depthwise")
                .addLayer("dense", new DenseLayer.Builder().nOut(2).build(), "separable")
                .setOutputs("dense")
                .validateOutputLayerConfig(false)
                .build());
        graph.init();
        return graph;
    }

    private INDArray ours(String owner, String name) {
        return parameters.values().get(owner).get(name);
    }

    @Test
    void outputsComeFirst() {
        INDArray dense = tables.get("dense").get("W");
        INDArray depthwise = tables.get("depthwise").get("W");
        INDArray separable = tables.get("separable").get("W");

        assertThat(ours("dense", "W").getFloat(1, 7)).isEqualTo(dense.getFloat(7, 1));
        assertThat(ours("dense", "b").shape()).containsExactly(2);
        assertThat(ours("depthwise", "W").shape()).containsExactly(8, 1, 2, 2);
        assertThat(ours("depthwise", "W").getFloat(5, 0, 1, 0)).isEqualTo(depthwise.getFloat(1, 0, 2, 1));
        assertThat(ours("separable/1", "W").shape()).containsExactly(24, 1, 2, 2);
        assertThat(ours("separable/1", "W").getFloat(7, 0, 0, 1)).isEqualTo(separable.getFloat(1, 2, 0, 1));
        assertThat(ours("separable", "W").shape()).containsExactly(5, 24, 1, 1);
    }

    @Test
    void theVarianceIsNoLogarithm() {
        tables.get("bn").get("log10stdev").assign(Nd4j.createFromArray(0.5f, 0, -0.5f, -1));
        parameters.pull();
        assertThat(ours("bn", "var").toFloatVector()).containsExactly(new float[] {10, 1, 0.1f, 0.01f}, within(1e-6f));
        ours("bn", "var").assign(Nd4j.createFromArray(100f, 0, 1, 1));
        parameters.push();
        float[] there = tables.get("bn").get("log10stdev").toFloatVector();
        assertThat(there[0]).isEqualTo(1);
        assertThat(there[1]).as("of nothing, the least").isBetween(-20f, -18f);
    }

    /** To and fro it would be rounded. */
    @Test
    void whatNobodyChangedStaysAsItIsToTheBit() {
        ours("bn", "var").assign(Nd4j.createFromArray(0.7f, 0.3f, 0.9f, 1.1f));
        parameters.push();
        INDArray there = tables.get("bn").get("log10stdev").dup();
        for (int i = 0; i < 5; i++) {
            parameters.pull();
            parameters.push();
        }
        assertThat(ours("bn", "var").toFloatVector()).containsExactly(0.7f, 0.3f, 0.9f, 1.1f);
        assertThat(tables.get("bn").get("log10stdev").equalsWithEps(there, 0)).isTrue();
    }

    @Test
    void whatIsWrittenIsDl4js() {
        Dl4jParameters.copy(Dl4jGraphs.filled(network, 3), graph);
        Map<String, Map<String, INDArray>> filled =
                Dl4jGraphs.filled(network, 3).parameters();

        parameters.pull();
        parameters
                .values()
                .forEach((owner, values) -> values.forEach((name, value) -> assertThat(value)
                        .as("%s/%s", owner, name)
                        .isEqualTo(filled.get(owner).get(name))));
        assertThat(filled.keySet()).isEqualTo(parameters.values().keySet());
    }

    /** Of a file perhaps; strides for another shape would lead out of the array. */
    @Test
    void arraysOfOtherShapesAreRefusedBeforeTheyAreLookedAt() {
        for (String[] name : new String[][] {{"depthwise", "W"}, {"separable", "W"}, {"dense", "W"}}) {
            Map<String, Map<String, INDArray>> forged = new LinkedHashMap<>(tables);
            Map<String, INDArray> table = new LinkedHashMap<>(tables.get(name[0]));
            table.put(name[1], Nd4j.ones(DataType.FLOAT, 1, table.get(name[1]).length()));
            forged.put(name[0], table);
            assertThatThrownBy(() -> new Dl4jParameters(network, forged))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("its layer " + name[0] + " should have W of shape ");
        }
    }

    /** An updater's state, number by number as long as DL4J's parameter is in memory. */
    @Test
    void statesAreBroughtThereAndBack() {
        Map<String, INDArray> rows = new LinkedHashMap<>();
        tables.forEach((vertex, table) -> table.forEach((name, value) -> {
            if (!name.equals("log10stdev") && !name.equals("mean")) {
                rows.put(vertex + "/" + name + "/0", Nd4j.rand(DataType.FLOAT, value.length()));
                rows.put(vertex + "/" + name + "/1", Nd4j.rand(DataType.FLOAT, value.length()));
            }
        }));
        Map<String, INDArray> ours = parameters.ours(rows);

        assertThat(ours).hasSameSizeAs(rows).containsKeys("separable/1/W/1", "separable/W/0", "dense/b/1");
        INDArray separable = rows.get("separable/W/1").reshape('c', 3, 8, 2, 2);
        assertThat(ours.get("separable/1/W/1").reshape(24, 1, 2, 2).getFloat(7, 0, 0, 1))
                .isEqualTo(separable.getFloat(1, 2, 0, 1));
        Map<String, INDArray> back = parameters.dl4js(ours);
        assertThat(back.keySet()).isEqualTo(rows.keySet());
        rows.forEach((name, row) -> assertThat(back.get(name)).as(name).isEqualTo(row));
        assertThat(parameters.dl4js(Map.of("nobody/W/0", Nd4j.ones(3)))).containsOnlyKeys("nobody/W/0");
    }
}
