package org.transfer4j.internal.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.OneDnnTrunk;
import org.transfer4j.internal.network.Activation.Function;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.testing.Dl4jGraphs;

class Dl4jWriterTest {
    private static final int HEIGHT = 40;
    private static final int WIDTH = 33;

    @ParameterizedTest
    @MethodSource("org.transfer4j.testing.Backbones#ofDl4j")
    void aBackboneIsReadAsItWasWritten(Backbone backbone) {
        Network network = SizedBackbone.of(backbone, HEIGHT, WIDTH).network();
        ComputationGraphConfiguration written = Dl4jWriter.write(network, new Sgd());
        Network read = read(written);

        // DL4J repeats what is multiplied in a layer of its own
        assertThat(read.layers().keySet().stream().filter(layer -> !layer.endsWith("_repeat")))
                .containsExactlyElementsOf(network.layers().keySet());
        assertThat(read(Dl4jWriter.write(read, new Sgd())).equals(read)).isTrue();
        assertThat(read.nodes().values()).extracting(Network.Node::origin).containsOnlyNulls();
        if (read.nodes().size() == network.nodes().size()) {
            assertThat(read.equals(network)).isTrue();
        }

        WeightedNetwork ours = Dl4jGraphs.filled(network, 3);
        assertThat(shapes(new Dl4jParameters(network, Graphs.parameters(Graphs.instantiate(written))).values()))
                .isEqualTo(shapes(ours.parameters()));
    }

    /** What the ops do not say would be lost without a word, in a fit that takes hours. */
    @Test
    void whatOpsDoNotSayOfALayerStays() {
        ConvolutionLayer.Builder decayed =
                new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4);
        decayed.l2(0.01);
        List<Layer> layers = List.of(
                decayed.build(),
                new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4).dropOut(0.5).build(),
                new ConvolutionLayer.Builder(3, 3)
                        .nIn(3)
                        .nOut(4)
                        .constrainWeights(new MaxNormConstraint(1, 1))
                        .build(),
                new ConvolutionLayer.Builder(3, 3)
                        .nIn(3)
                        .nOut(4)
                        .weightNoise(new DropConnect(0.5))
                        .build(),
                new BatchNormalization.Builder().nIn(3).nOut(3).build(),
                new BatchNormalization.Builder(true)
                        .nIn(3)
                        .nOut(3)
                        .useLogStd(false)
                        .gamma(2)
                        .build(),
                new DropoutLayer(new GaussianNoise(0.1)),
                new FrozenLayer(
                        new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(4).build()),
                new DepthwiseConvolution2D.Builder(3, 3)
                        .nIn(3)
                        .nOut(3)
                        .dropOut(0.5)
                        .build(),
                new LocalResponseNormalization());

        for (Layer layer : layers) {
            ComputationGraphConfiguration original = graph(layer);
            Network network = read(original);
            ComputationGraphConfiguration written = Dl4jWriter.write(network, new Sgd());

            assertThat(network.nodes().values()).allMatch(node -> node.origin() != null);
            assertThat(layer(written)).as("%s", layer).isEqualTo(layer(original));
            assertThat(read(written)).isEqualTo(network);
        }
    }

    @Test
    void aFrozenVertexStaysOne() {
        GraphVertex frozen = new FrozenVertex(new ScaleVertex(3));
        ComputationGraphConfiguration original = builder()
                .addVertex("layer", frozen, "input")
                .setOutputs("layer")
                .build();

        assertThat(Dl4jWriter.write(read(original), new Sgd()).getVertices().get("layer"))
                .isEqualTo(frozen);
    }

    @Test
    void anotherLossStays() {
        ComputationGraphConfiguration original = builder()
                .addLayer(
                        "layer",
                        new OutputLayer.Builder(LossFunction.MSE)
                                .nIn(3 * HEIGHT * WIDTH)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "input")
                .setOutputs("layer")
                .build();

        assertThat(((OutputLayer) layer(Dl4jWriter.write(read(original), new Sgd()))).getLossFn())
                .isEqualTo(LossFunction.MSE.getILossFunction());
    }

    @Test
    void whatDl4jCantSayIsRefusedByName() {
        Network.Builder grouped = new Network.Builder("input", Shape.of(4, 8, 8));
        grouped.add(
                "grouped",
                "grouped",
                "Convolution",
                new Op.Convolution(4, 8, 2, Window.PIXEL, false),
                List.of("input"));
        Network.Builder padded = new Network.Builder("input", Shape.of(4, 8, 8));
        Extent one = Extent.ONE;
        Window lopsided = new Window(new Extent(2, 2), one, one, one, new Extent(0, 0));
        padded.add("pool", "pool", "Pooling", new Op.Pooling(Op.Pooling.Kind.MAXIMUM, lopsided), List.of("input"));

        assertThatThrownBy(() -> Dl4jWriter.write(grouped.build("grouped"), new Sgd()))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessage(
                        "layer 'grouped' (Convolution): DL4J can't compute it: DL4J has no convolution of 2 groups, from 4 to 8"
                                + " channels");
        assertThatThrownBy(() -> Dl4jWriter.write(padded.build("pool"), new Sgd()))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessage(
                        "layer 'pool' (Pooling): DL4J can't compute it: DL4J has no window of 2x2 with the padding 1x1 before and"
                                + " 0x0 after images of 8x8");
    }

    /** DL4J alone would overwrite what the sum reads too: itself, by slopes, and where the same memory has another shape. */
    @Test
    void anActivationOfWhatOthersReadLeavesIt() {
        Op relu = new Op.Activate(org.transfer4j.internal.network.Activation.of(Function.RELU));
        Shape flat = Shape.of(3 * HEIGHT * WIDTH);
        INDArray images = images(Shape.of(3, HEIGHT, WIDTH));
        INDArray positive = images.mul(images.gt(0).castTo(DataType.FLOAT));

        assertSumLeavesItsInput(
                images,
                images.add(positive),
                builder -> builder.add("relu", "relu", "Activate", relu, List.of("input")));
        assertSumLeavesItsInput(
                images,
                images.add(positive),
                builder ->
                        builder.add("slopes", "slopes", "PReLU", new Op.Slopes(Shape.of(3, 1, 1)), List.of("input")));
        assertSumLeavesItsInput(images, images.add(positive), builder -> {
            builder.add("flat", "flat", "Flatten", new Op.Reshape(flat), List.of("input"));
            builder.add("relu", "relu", "Activate", relu, List.of("flat"));
            return builder.add(
                    "image", "image", "Reshape", new Op.Reshape(Shape.of(3, HEIGHT, WIDTH)), List.of("relu"));
        });
    }

    private static void assertSumLeavesItsInput(
            INDArray images, INDArray expected, java.util.function.Function<Network.Builder, Network.Node> above) {
        Network.Builder builder = new Network.Builder("input", Shape.of(3, HEIGHT, WIDTH));
        Network.Node last = above.apply(builder);
        builder.add("sum", "sum", "Binary", new Op.Binary(Op.Binary.Kind.SUM), List.of("input", last.name()));
        ComputationGraph graph = Graphs.instantiate(Dl4jWriter.write(builder.build("sum"), new Sgd()));
        graph.params().assign(0); // slopes of zero are a rectifier
        INDArray kept = images.dup();

        assertThat(graph.outputSingle(false, images)).isEqualTo(expected);
        assertThat(images).isEqualTo(kept);
    }

    /** Also where the layer is DL4J's own, and stays it: here it has a decay of its slopes, or is frozen. */
    @Test
    void anActivationOfDl4jThatOthersReadLeavesIt() {
        PReLULayer.Builder decayed = new PReLULayer.Builder().inputShape(3, HEIGHT, WIDTH);
        decayed.l2(0.01);
        Layer frozen = new FrozenLayer(
                new ActivationLayer.Builder().activation(Activation.RELU).build());
        for (Layer layer : List.of(decayed.build(), frozen)) {
            ComputationGraphConfiguration original = builder()
                    .addLayer("layer", layer, "input")
                    .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "input", "layer")
                    .setOutputs("sum")
                    .build();
            Network network = read(original);
            assertThat(network.nodes().get("layer").origin()).isNotNull();

            ComputationGraph graph = Graphs.instantiate(Dl4jWriter.write(network, new Sgd()));
            if (graph.numParams() > 0) {
                graph.params().assign(0);
            }
            INDArray images = images(network.inputShape());
            INDArray kept = images.dup();
            assertThat(graph.outputSingle(false, images))
                    .isEqualTo(kept.add(kept.mul(kept.gt(0).castTo(DataType.FLOAT))));
            assertThat(images).isEqualTo(kept);
            assertThat(layer(graph.getConfiguration())).isEqualTo(layer(original));
        }
    }

    /** DL4J's own layer fails on one channel: {@code Op [sconv2d] execution failed}. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aSeparableConvolutionOfOneChannelIsItsParts(int multiplier) {
        Network.Builder builder = new Network.Builder("input", Shape.of(1, HEIGHT, WIDTH));
        Window window = Window.same(new Extent(3, 3), new Extent(2, 2), Extent.ONE, new Extent(HEIGHT, WIDTH));
        Op[] ops = {
            new Op.Convolution(1, multiplier, 1, window, false),
            new Op.Convolution(multiplier, 4, 1, Window.PIXEL, true),
            new Op.Activate(org.transfer4j.internal.network.Activation.of(Function.TANH))
        };
        builder.add("layer/1", "layer", "SeparableConv2D", ops[0], List.of("input"));
        builder.add("layer/2", "layer", "SeparableConv2D", ops[1], List.of("layer/1"));
        builder.add("layer", "layer", "SeparableConv2D", ops[2], List.of("layer/2"));
        WeightedNetwork network = Dl4jGraphs.filled(builder.build("layer"), 3);
        ComputationGraph graph = Dl4jGraphs.graph(network);
        INDArray images = images(network.network().inputShape());

        try (OneDnnTrunk trunk =
                OneDnnTrunk.compile(network.network(), network.values(), Precision.FLOAT32, AlgorithmChoices.TABLE)) {
            INDArray difference = trunk.infer(images).sub(graph.outputSingle(false, images));
            assertThat(difference.amaxNumber().doubleValue()).isLessThan(1e-5);
        }
    }

    /** Such a layer of a network that was read has its parameters in one place. */
    @Test
    void aSeparableConvolutionOfOneChannelIsReadWithItsParameters() {
        ComputationGraph graph = Graphs.instantiate(new NeuralNetConfiguration.Builder()
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(HEIGHT, WIDTH, 1))
                .addLayer(
                        "layer",
                        new SeparableConvolution2D.Builder(3, 3)
                                .depthMultiplier(2)
                                .nOut(4)
                                .build(),
                        "input")
                .setOutputs("layer")
                .validateOutputLayerConfig(false)
                .build());
        Map<String, Map<String, INDArray>> tables = Graphs.parameters(graph);
        Dl4jGraphs.fill(tables, 3);
        Network network = Dl4jNetwork.network(graph.getConfiguration(), Shape.of(1, HEIGHT, WIDTH));

        Map<String, Map<String, INDArray>> values =
                Dl4jParameters.ofLayers(network, tables).values();
        assertThat(values.get("layer/1").get("W").getFloat(1, 0, 2, 1))
                .isEqualTo(tables.get("layer").get("W").getFloat(1, 0, 2, 1));
        assertThat(values.get("layer").get("W")).isEqualTo(tables.get("layer").get("pW"));
        assertThat(Dl4jWriter.write(network, new Sgd()).getVertices()).containsKey("layer/1");
    }

    /** Ops of all kinds upon each other: DL4J computes of what was written what oneDNN computes of the network. */
    @Property(tries = 60)
    void networksOfAllKindsComputeTheSame(@ForAll long seed) {
        Network network = new RandomNetwork(seed).network();
        ComputationGraphConfiguration written = Dl4jWriter.write(network, new Sgd());
        ComputationGraph graph = Graphs.instantiate(written);
        Dl4jGraphs.fill(Graphs.parameters(graph), seed);
        Network.Values values =
                new WeightedNetwork(network, new Dl4jParameters(network, Graphs.parameters(graph)).values()).values();
        INDArray images = images(network.inputShape());

        try (OneDnnTrunk trunk = OneDnnTrunk.compile(network, values, Precision.FLOAT32, AlgorithmChoices.TABLE)) {
            INDArray ours = trunk.infer(images);
            INDArray theirs = graph.outputSingle(false, images);
            assertThat(ours.shape()).containsExactly(theirs.shape());
            assertThat(ours.sub(theirs).norm2Number().doubleValue())
                    .as("%s", network)
                    .isLessThan(1e-4 * Math.max(1, theirs.norm2Number().doubleValue()));
        }
    }

    /** Layers in a row, with branches that meet again. */
    private static final class RandomNetwork {
        private final SplittableRandom random;
        private final Network.Builder builder;
        private String last = "input";
        private int count;

        RandomNetwork(long seed) {
            random = new SplittableRandom(seed);
            builder = new Network.Builder("input", Shape.of(3, 6 + random.nextInt(8), 6 + random.nextInt(8)));
        }

        Network network() {
            for (int i = 0; i < 5; i++) {
                String before = last;
                switch (random.nextInt(8)) {
                    case 0 -> layer(convolution(1), new Op.Activate(activation()));
                    case 1 -> layer(convolution(channels()));
                    case 2 -> layer(new Op.Normalization(channels(), 1e-3, 0.9), new Op.Activate(activation()));
                    case 3 -> pooling();
                    case 4 -> {
                        layer(new Op.GlobalPooling(random.nextBoolean()));
                        add(new Op.Binary(Op.Binary.Kind.PRODUCT), before, last);
                    }
                    case 5 -> {
                        layer(new Op.Activate(activation()));
                        add(new Op.Binary(Op.Binary.Kind.SUM), before, last);
                    }
                    case 6 -> {
                        layer(new Op.Scale(0.5));
                        add(new Op.Concatenation(), last, before);
                    }
                    default ->
                        layer(
                                new Op.Padding(new Extent(1, 0), new Extent(random.nextInt(2), 1)),
                                new Op.Upsampling(new Extent(1, 2)),
                                new Op.Dropout(0.25, false),
                                new Op.Dropout(0.25, true));
                }
            }
            return builder.build(last);
        }

        private int channels() {
            return builder.shape(last).channels();
        }

        private org.transfer4j.internal.network.Activation activation() {
            List<Function> functions =
                    List.of(Function.RELU, Function.SWISH, Function.SIGMOID, Function.TANH, Function.ELU);
            return org.transfer4j.internal.network.Activation.of(functions.get(random.nextInt(functions.size())));
        }

        private Op convolution(int groups) {
            int outputs = groups == 1 ? 2 + random.nextInt(4) : groups * (1 + random.nextInt(2));
            return new Op.Convolution(channels(), outputs, groups, window(3), random.nextBoolean());
        }

        private void pooling() {
            Op.Pooling.Kind[] kinds = Op.Pooling.Kind.values();
            Op.Pooling.Kind kind = kinds[random.nextInt(kinds.length)];
            Window window = window(2);
            boolean lopsided = !window.before().equals(window.after())
                    && !window.isSame(builder.shape(last).size());
            layer(new Op.Pooling(lopsided ? Op.Pooling.Kind.MEAN_WITH_PADDING : kind, window));
        }

        private Window window(int largest) {
            Extent size = builder.shape(last).size();
            Extent kernel = new Extent(1 + random.nextInt(largest), 1 + random.nextInt(largest));
            // DL4J has no answer where whole strides lie between the kernels
            Extent stride = new Extent(1 + random.nextInt(kernel.height()), 1 + random.nextInt(kernel.width()));
            if (random.nextBoolean()) {
                return Window.same(kernel, stride, Extent.ONE, size);
            }
            Extent before = new Extent(random.nextInt(kernel.height()), random.nextInt(kernel.width()));
            Extent after = new Extent(random.nextInt(kernel.height()), random.nextInt(kernel.width()));
            Window window = new Window(kernel, stride, Extent.ONE, before, after);
            return kernel.height() <= size.height() && kernel.width() <= size.width() ? window : Window.PIXEL;
        }

        private void layer(Op... ops) {
            String layer = "layer" + count++;
            for (int i = 0; i < ops.length; i++) {
                String name = i == ops.length - 1 ? layer : layer + "/" + (i + 1);
                builder.add(name, layer, ops[i].getClass().getSimpleName(), ops[i], List.of(last));
                last = name;
            }
        }

        private void add(Op op, String... inputs) {
            last = "layer" + count++;
            builder.add(last, last, op.getClass().getSimpleName(), op, List.of(inputs));
        }
    }

    private static Network read(ComputationGraphConfiguration configuration) {
        return Dl4jNetwork.network(configuration, Shape.of(3, HEIGHT, WIDTH));
    }

    private static ComputationGraphConfiguration.GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(HEIGHT, WIDTH, 3))
                .validateOutputLayerConfig(false);
    }

    private static ComputationGraphConfiguration graph(Layer layer) {
        return builder().addLayer("layer", layer, "input").setOutputs("layer").build();
    }

    private static Layer layer(ComputationGraphConfiguration configuration) {
        Layer layer = ((LayerVertex) configuration.getVertices().get("layer"))
                .getLayerConf()
                .getLayer()
                .clone();
        if (layer instanceof org.deeplearning4j.nn.conf.layers.BaseLayer weighted) {
            weighted.setIUpdater(null);
        }
        return layer;
    }

    private static Map<String, Map<String, List<Long>>> shapes(Map<String, Map<String, INDArray>> tables) {
        Map<String, Map<String, List<Long>>> shapes = new LinkedHashMap<>();
        tables.forEach((layer, parameters) -> {
            Map<String, List<Long>> own = new LinkedHashMap<>();
            parameters.forEach((name, value) ->
                    own.put(name, Arrays.stream(value.shape()).boxed().toList()));
            shapes.put(layer, own);
        });
        return shapes;
    }

    private static INDArray images(Shape shape) {
        INDArray images = Nd4j.createUninitialized(DataType.FLOAT, shape.withBatch(2));
        SplittableRandom random = new SplittableRandom(5);
        float[] values = new float[(int) images.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (2 * random.nextDouble() - 1);
        }
        images.assign(Nd4j.createFromArray(values).reshape(images.shape()));
        return images;
    }
}
