package org.transfer4j.internal.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.testing.Dl4jGraphs;

class Dl4jNetworkTest {
    private static final int HEIGHT = 75;
    private static final int WIDTH = 64;

    @ParameterizedTest
    @MethodSource("org.transfer4j.testing.Backbones#ofDl4j")
    void shapesAndParametersAreDl4js(Backbone backbone) {
        ComputationGraphConfiguration graph = backbone.topology().configure(HEIGHT, WIDTH);
        Network network = Dl4jNetwork.network(graph, Shape.of(3, HEIGHT, WIDTH));

        assertThat(network.nodes().values()).noneMatch(node -> node.op() instanceof Op.Foreign);
        graph.getLayerActivationTypes(InputType.convolutional(HEIGHT, WIDTH, 3)).forEach((name, type) -> {
            long[] withBatch = type.getShape(true);
            assertThat(network.shape(name).toArray())
                    .as(name)
                    .containsExactly(Arrays.copyOfRange(withBatch, 1, withBatch.length));
        });
        assertThat(network.nodes().values().stream()
                        .flatMap(node -> node.op().parameters().values().stream())
                        .mapToLong(Shape::elements)
                        .sum())
                .isEqualTo(Graphs.parameterCount(graph));
    }

    @ParameterizedTest
    @MethodSource("org.transfer4j.testing.Backbones#ofDl4j")
    void valuesHaveTheShapesOfTheirOps(Backbone backbone) {
        ComputationGraph graph = Graphs.instantiate(backbone.topology().configure(HEIGHT, WIDTH));
        WeightedNetwork read = Dl4jGraphs.weighted(graph, 3, HEIGHT, WIDTH);
        Network.Values values = read.values();

        for (Network.Node node : read.network().nodes().values()) {
            node.op()
                    .parameters()
                    .forEach((name, shape) -> assertThat(values.of(node, name).shape())
                            .as("%s %s", node.name(), name)
                            .containsExactly(shape.toArray()));
        }
    }

    @Test
    void aLayerIsSeveralNodesOfWhichTheLastHasItsName() {
        Network network = read(new ConvolutionLayer.Builder(3, 3)
                .nIn(3)
                .nOut(4)
                .activation(Activation.RELU)
                .build());

        assertThat(network.nodes().keySet()).containsExactly("layer/1", "layer");
        assertThat(network.nodes().get("layer").inputs()).containsExactly("layer/1");
        assertThat(network.shape("layer")).isEqualTo(Shape.of(4, 6, 5));
    }

    @Test
    void whatIsFrozenIsReadAsItIsWithin() {
        Network network = read(new FrozenLayer(
                new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4).build()));
        ComputationGraphConfiguration scaled = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .addVertex("scale", new FrozenVertex(new ScaleVertex(3)), "input")
                .setOutputs("scale")
                .validateOutputLayerConfig(false)
                .build();

        assertThat(network.nodes().get("layer/1").op()).isInstanceOf(Op.Convolution.class);
        assertThat(Dl4jNetwork.network(scaled, Shape.of(3, 8, 7))
                        .nodes()
                        .get("scale")
                        .op())
                .isEqualTo(new Op.Scale(3));
    }

    @Test
    void whatCantBeSaidIsForeignWithTheShapeThatDl4jKnows() {
        Network network = read(new LocalResponseNormalization());
        assertThat(network.nodes().get("layer").op())
                .isEqualTo(new Op.Foreign(Op.Foreign.Part.LAYER, null, Shape.of(3, 8, 7)));
        assertThat(network.nodes().get("layer").kind()).isEqualTo("LocalResponseNormalization");
        assertThatThrownBy(() ->
                        read(new ConvolutionLayer.Builder(9, 9).nIn(3).nOut(4).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("layer layer: the window must fit into the image");
    }

    @Test
    void partsHaveNamesThatNoVertexHas() {
        ComputationGraphConfiguration graph = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .addVertex("sum/1", new ScaleVertex(2), "input")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Average), "sum/1", "input", "sum/1")
                .setOutputs("sum")
                .validateOutputLayerConfig(false)
                .build();
        Network network = Dl4jNetwork.network(graph, Shape.of(3, 8, 7));

        assertThat(network.nodes().keySet()).containsExactly("sum/1", "sum/1_", "sum/2", "sum");
        assertThat(network.nodes().get("sum/2").inputs()).containsExactly("sum/1_", "sum/1");
        assertThat(network.nodes().get("sum").op()).isEqualTo(new Op.Scale(1.0 / 3));
    }

    @Test
    void severalOutputsAreRefused() {
        ComputationGraphConfiguration graph = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .addVertex("a", new ScaleVertex(2), "input")
                .addVertex("b", new ScaleVertex(2), "input")
                .setOutputs("a", "b")
                .validateOutputLayerConfig(false)
                .build();

        assertThatThrownBy(() -> Dl4jNetwork.network(graph, Shape.of(3, 8, 7)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a network has one input and one output, got [input] and [a, b]");
    }

    @Test
    void aParameterThatIsMissingIsNamed() {
        ComputationGraphConfiguration graph =
                graph(new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4).build());
        Network network = Dl4jNetwork.network(graph, Shape.of(3, 8, 7));
        Network.Node node = List.copyOf(network.nodes().values()).get(0);

        assertThatThrownBy(() -> ParameterValues.of(network, Map.of()).of(node, Op.WEIGHTS))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessage("layer 'layer' (Conv2D): has no parameter W");
        assertThatThrownBy(() -> new Dl4jParameters(network, Map.of("layer", Map.of("b", Nd4j.ones(1, 4)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("its layer layer should have W of shape [4, 3, 3, 3] (outputs first), but has [b [1, 4]]");
    }

    private static Network read(org.deeplearning4j.nn.conf.layers.Layer layer) {
        return Dl4jNetwork.network(graph(layer), Shape.of(3, 8, 7));
    }

    private static ComputationGraphConfiguration graph(org.deeplearning4j.nn.conf.layers.Layer layer) {
        return new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .addLayer("layer", layer, "input")
                .setOutputs("layer")
                .validateOutputLayerConfig(false)
                .build();
    }
}
