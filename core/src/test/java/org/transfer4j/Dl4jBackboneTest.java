package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;

/** Networks of DL4J as backbones, against what DL4J computes with them. */
class Dl4jBackboneTest {
    private static final int SIZE = 20;
    private static final double LIMIT = 1e-5;

    private static NeuralNetConfiguration.Builder settings() {
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(new Adam(1e-3))
                .l2(1e-4)
                .activation(Activation.RELU);
    }

    private static ComputationGraph graph(NeuralNetConfiguration.Builder settings, InputType input) {
        ComputationGraphConfiguration configuration = settings.graphBuilder()
                .addInputs("images")
                .setInputTypes(input)
                .addLayer(
                        "stem",
                        new ConvolutionLayer.Builder(3, 3).stride(2, 2).nOut(6).build(),
                        "images")
                .addLayer("norm", new BatchNormalization(), "stem")
                .addLayer(
                        "left",
                        new ConvolutionLayer.Builder(3, 3)
                                .convolutionMode(ConvolutionMode.Same)
                                .nOut(6)
                                .build(),
                        "norm")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "left")
                .addVertex("both", new MergeVertex(), "sum", "left")
                .addLayer("act", new ActivationLayer(Activation.TANH), "both")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "act")
                .addLayer("hidden", new DenseLayer.Builder().nOut(5).build(), "pool")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build();
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        return graph;
    }

    private static ComputationGraph graph() {
        return graph(settings(), InputType.convolutional(SIZE, SIZE, 3));
    }

    private static MultiLayerNetwork row(InputType input) {
        MultiLayerNetwork network = new MultiLayerNetwork(settings()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new BatchNormalization.Builder().name("norm").build())
                .layer(new DenseLayer.Builder().nOut(5).build())
                .layer(new OutputLayer.Builder()
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(input)
                .build());
        network.init();
        return network;
    }

    private static INDArray pixels() {
        return IntegerImages.rgb(3, SIZE, SIZE).castTo(DataType.FLOAT);
    }

    private static ImageDataset images() {
        return ImageDataset.of(IntegerImages.rgb(3, SIZE, SIZE), new int[3]);
    }

    private static INDArray features(Backbone backbone) {
        return TransferLearner.of(backbone).inputSize(SIZE, SIZE).features(images());
    }

    private static INDArray activations(ComputationGraph graph, String vertex, INDArray images) {
        return graph.feedForward(images, false).get(vertex);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stem", "norm", "sum", "act"})
    void featuresOfAGraphAreItsActivations(String vertex) {
        ComputationGraph graph = graph();
        INDArray expected = activations(graph, vertex, pixels());
        assertThat(RelativeL2.worst(features(Backbone.of(graph).upTo(vertex)), expected))
                .isLessThan(LIMIT);
    }

    @Test
    void aGraphEndsWithItsLastImages() {
        ComputationGraph graph = graph();
        INDArray expected = activations(graph, "act", pixels());
        assertThat(RelativeL2.worst(features(Backbone.of(graph)), expected)).isLessThan(LIMIT);
    }

    @Test
    void theHeadIsThatOfTheNetwork() {
        assertThat(TransferLearner.of(Backbone.of(graph())).settings().network().head())
                .hasToString("GlobalAveragePooling[] > Softmax[classes of the data]");
        MultiLayerNetwork row = row(InputType.convolutional(SIZE, SIZE, 3));
        assertThat(TransferLearner.of(Backbone.of(row)).settings().network().head())
                .hasToString("Flatten[] > Softmax[classes of the data]");
        assertThat(TransferLearner.of(Backbone.of(row).upTo("layer0"))
                        .settings()
                        .network()
                        .head()
                        .toString())
                .startsWith("Flatten");
        assertThat(TransferLearner.of(Backbone.of(graph()).upTo("norm"))
                        .settings()
                        .network()
                        .head()
                        .toString())
                .startsWith("GlobalAveragePooling");
    }

    @Test
    void featuresOfLayersInARowAreTheirActivations() {
        MultiLayerNetwork network = row(InputType.convolutional(SIZE, SIZE, 3));
        INDArray expected = network.feedForward(pixels(), false).get(3);
        TransferLearner learner = TransferLearner.of(Backbone.of(network));
        assertThat(learner.settings().network().height()).isEqualTo(SIZE);
        assertThat(RelativeL2.worst(learner.features(images()), expected)).isLessThan(LIMIT);
        assertThat(learner.summary()).contains("layer0 (Conv2D)").contains("norm (BatchNormalization)");
    }

    @Test
    void imagesNeedNotBeFlat() {
        MultiLayerNetwork network = row(InputType.convolutionalFlat(SIZE, SIZE, 3));
        INDArray expected =
                network.feedForward(pixels().reshape(3, 3 * SIZE * SIZE), false).get(3);
        TransferLearner learner = TransferLearner.of(Backbone.of(network));
        assertThat(learner.settings().network().height()).isEqualTo(SIZE);
        assertThat(RelativeL2.worst(learner.features(images()), expected)).isLessThan(LIMIT);
    }

    @Test
    void theLayoutOfChannelsLastIsTurned() {
        ComputationGraph graph = graph(settings(), InputType.convolutional(SIZE, SIZE, 3, CNN2DFormat.NHWC));
        INDArray expected =
                activations(graph, "act", pixels().permute(0, 2, 3, 1).dup('c')).permute(0, 3, 1, 2);
        assertThat(RelativeL2.worst(features(Backbone.of(graph)), expected)).isLessThan(LIMIT);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "HALF"})
    void otherPrecisionsBecomeFloat(DataType type) {
        ComputationGraph graph = graph(settings().dataType(type), InputType.convolutional(SIZE, SIZE, 3));
        ComputationGraph inFloat = graph();
        inFloat.setParams(graph.params().castTo(DataType.FLOAT));
        INDArray expected = activations(inFloat, "act", pixels());
        assertThat(RelativeL2.worst(features(Backbone.of(graph)), expected)).isLessThan(LIMIT);
    }

    @Test
    void frozenLayersArePlainOnes() {
        ComputationGraph graph = new TransferLearning.GraphBuilder(graph())
                .setFeatureExtractor("sum")
                .build();
        assertThat(graph.getConfiguration().toJson()).contains("FrozenLayer");
        INDArray expected = activations(graph, "act", pixels());
        assertThat(RelativeL2.worst(features(Backbone.of(graph)), expected)).isLessThan(LIMIT);
        TransferLearner learner =
                TransferLearner.of(Backbone.of(graph)).inputSize(SIZE, SIZE).unfreezeAll();
        assertThat(learner.summary()).doesNotContain("Frozen").doesNotContain(" frozen");
    }

    @Test
    void imagesEndBelowAFrozenFlattening() {
        ComputationGraph whole = new ComputationGraph(settings()
                .graphBuilder()
                .addInputs("images")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, 3))
                .addLayer("stem", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "images")
                .addVertex(
                        "flat", new PreprocessorVertex(new CnnToFeedForwardPreProcessor(SIZE - 2, SIZE - 2, 4)), "stem")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "flat")
                .setOutputs("out")
                .build());
        whole.init();
        ComputationGraph graph = new TransferLearning.GraphBuilder(whole)
                .setFeatureExtractor("flat")
                .build();
        assertThat(graph.getConfiguration().getVertices().get("flat")).isInstanceOf(FrozenVertex.class);
        Backbone backbone = Backbone.of(graph);
        assertThat(backbone.inputHeight()).isEqualTo(SIZE);
        assertThat(RelativeL2.worst(features(backbone), activations(graph, "stem", pixels())))
                .isLessThan(LIMIT);
    }

    /** Others of its kind, with normalization, are averaged. */
    @Test
    void aFlatteningThatIsAVertexOfItsOwnIsTheHeads() {
        ComputationGraph graph = new ComputationGraph(settings()
                .graphBuilder()
                .addInputs("images")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, 3))
                .addLayer("stem", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "images")
                .addLayer("norm", new BatchNormalization(), "stem")
                .addVertex(
                        "flat", new PreprocessorVertex(new CnnToFeedForwardPreProcessor(SIZE - 2, SIZE - 2, 4)), "norm")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "flat")
                .setOutputs("out")
                .build());
        graph.init();
        assertThat(TransferLearner.of(Backbone.of(graph)).settings().network().head())
                .hasToString("Flatten[] > Softmax[classes of the data]");
    }

    @Test
    void theNetworkStaysAsItIsAndMayChangeAfterwards() {
        ComputationGraph graph = graph();
        INDArray parameters = graph.params().dup();
        String configuration = graph.getConfiguration().toJson();
        INDArray expected = activations(graph, "act", pixels());
        Backbone backbone = Backbone.of(graph);
        features(backbone);
        assertThat(graph.params()).isEqualTo(parameters);
        assertThat(graph.getConfiguration().toJson()).isEqualTo(configuration);
        graph.params().muli(3);
        assertThat(RelativeL2.worst(features(backbone), expected)).isLessThan(LIMIT);
    }

    @Test
    void aFileOfAGraphIsTheGraph(@TempDir Path folder) throws IOException {
        ComputationGraph graph = graph();
        Path file = folder.resolve("graph.zip");
        ModelSerializer.writeModel(graph, file.toFile(), true);
        assertThat(features(Backbone.dl4j(file))).isEqualTo(features(Backbone.of(graph)));
    }

    @Test
    void aFileOfLayersInARowIsTheNetwork(@TempDir Path folder) throws IOException {
        MultiLayerNetwork network = row(InputType.convolutional(SIZE, SIZE, 3));
        Path file = folder.resolve("row.zip");
        ModelSerializer.writeModel(network, file.toFile(), true);
        assertThat(features(Backbone.dl4j(file))).isEqualTo(features(Backbone.of(network)));
    }

    @Test
    void aNetworkIsReadWhenTheBackboneIsMade(@TempDir Path folder) throws IOException {
        MultiLayerNetwork network = row(InputType.convolutional(SIZE, SIZE, 3));
        Path file = folder.resolve("row.zip");
        ModelSerializer.writeModel(network, file.toFile(), true);
        Backbone backbone = Backbone.dl4j(file);
        Files.delete(file);
        assertThat(backbone.name()).isEqualTo("row.zip");
        assertThat(backbone.inputHeight()).isEqualTo(SIZE);
        assertThat(backbone.minimumSize()).isEqualTo(4);
        assertThat(backbone.defaultHead().toString()).startsWith("Flatten");
        assertThat(features(backbone)).isEqualTo(features(Backbone.of(network)));
        assertThatThrownBy(() -> Backbone.dl4j(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("there is no such file");
        ComputationGraph gray = graph(settings(), InputType.convolutional(SIZE, SIZE, 1));
        assertThatThrownBy(() -> Backbone.of(gray))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its images have 3 channels, so that stem would get 3, but it takes 1");
        Backbone open = Backbone.of(branches(false));
        assertThatThrownBy(open::minimumSize)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has [out, first]; upTo(layer) says where it ends");
        assertThat(open.upTo("first").minimumSize()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "HALF"})
    void aFileInAnotherPrecisionIsRead(DataType type, @TempDir Path folder) throws IOException {
        ComputationGraph graph = graph(settings().dataType(type), InputType.convolutional(SIZE, SIZE, 3));
        Path file = folder.resolve("graph.zip");
        ModelSerializer.writeModel(graph, file.toFile(), false);
        assertThat(features(Backbone.dl4j(file))).isEqualTo(features(Backbone.of(graph)));
    }

    @Test
    void pixelsAreAsTheyAreUnlessToldOtherwise() {
        ComputationGraph graph = graph();
        TransferLearner learner = TransferLearner.of(Backbone.of(graph)).inputSize(SIZE, SIZE);
        INDArray expected = activations(graph, "act", pixels().div(255));
        assertThat(RelativeL2.worst(
                        learner.preprocessing(ImagePreprocessing.unit()).features(images()), expected))
                .isLessThan(LIMIT);
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeAnyWork() {
        ComputationGraph graph = graph();
        assertThatThrownBy(() -> TransferLearner.of(Backbone.of(graph).upTo("nowhere")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("computation-graph has no layer named \"nowhere\"; its layers are [stem, norm,");
        assertThatThrownBy(() -> TransferLearner.of(Backbone.of(graph).upTo("hidden")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("features are images, [N, C, H, W], but hidden of computation-graph gives none");
        ComputationGraph gray = graph(settings(), InputType.convolutional(SIZE, SIZE, 1));
        assertThatThrownBy(() -> TransferLearner.of(Backbone.of(gray)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its images have 3 channels, so that stem would get 3, but it takes 1");
        assertThatThrownBy(() -> Backbone.of(new ComputationGraph(graph.getConfiguration())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("call init() first");
    }

    @Test
    void otherWeightsCanBeNamed() {
        Backbone backbone = Backbone.of(graph());
        TransferLearner learner = TransferLearner.of(backbone).inputSize(SIZE, SIZE);
        INDArray random = learner.weights(Weights.random()).features(images());
        assertThat(random).isNotEqualTo(learner.features(images()));
        assertThatThrownBy(() -> learner.weights(Weights.imagenet()).features(images()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nobody says what the weights of computation-graph were trained on");
    }

    private static ComputationGraph branches(boolean secondInput) {
        ComputationGraphConfiguration.GraphBuilder builder = settings()
                .graphBuilder()
                .addInputs("images", "others")
                .setInputTypes(InputType.convolutional(SIZE, SIZE, 3), InputType.convolutional(SIZE, SIZE, 3))
                .addLayer("first", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "images")
                .addLayer("second", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "others")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "second")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "sum")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool");
        ComputationGraph graph = new ComputationGraph(
                builder.setOutputs(secondInput ? new String[] {"out"} : new String[] {"out", "first"})
                        .build());
        graph.init();
        return graph;
    }

    @Test
    void twoInputsOrOutputsAreRefusedUnlessTheBackboneEndsBelow() {
        assertThatThrownBy(() -> TransferLearner.of(Backbone.of(branches(true))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it has one input, but the network has [images, others]");
        ComputationGraph graph = branches(false);
        assertThatThrownBy(() -> TransferLearner.of(Backbone.of(graph)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has [out, first]; upTo(layer) says where it ends");
        INDArray expected =
                graph.feedForward(new INDArray[] {pixels(), pixels()}, false).get("first");
        assertThat(RelativeL2.worst(features(Backbone.of(graph).upTo("first")), expected))
                .isLessThan(LIMIT);
    }

    @Test
    void aLossOnImagesIsDropped() {
        MultiLayerNetwork network = new MultiLayerNetwork(settings()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new CnnLossLayer.Builder(LossFunctions.LossFunction.XENT)
                        .activation(Activation.SIGMOID)
                        .build())
                .setInputType(InputType.convolutional(SIZE, SIZE, 3))
                .build());
        network.init();
        INDArray expected = network.feedForward(pixels(), false).get(1);
        assertThat(RelativeL2.worst(features(Backbone.of(network)), expected)).isLessThan(LIMIT);
    }

    @Test
    void aNetworkOfOtherThanImagesIsRefused() {
        MultiLayerNetwork network = new MultiLayerNetwork(settings()
                .list()
                .layer(new LSTM.Builder().nIn(3).nOut(4).build())
                .layer(new RnnOutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.recurrent(3))
                .build());
        network.init();
        assertThatThrownBy(() -> TransferLearner.of(Backbone.of(network)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "multi-layer-network can't be a backbone: its images have 3 channels, so that layer0");
    }

    private static ComputationGraph vertex(GraphVertex vertex, InputType input) {
        int inputs = vertex.minVertexInputs();
        ComputationGraph graph = new ComputationGraph(settings()
                .graphBuilder()
                .addInputs("images")
                .setInputTypes(input)
                .addLayer("stem", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "images")
                .addVertex("vertex", vertex, Collections.nCopies(inputs, "stem").toArray(String[]::new))
                .setOutputs("vertex")
                .validateOutputLayerConfig(false)
                .build());
        graph.init();
        return graph;
    }

    private static ComputationGraph layer(Layer layer, InputType input) {
        ComputationGraph graph = new ComputationGraph(settings()
                .graphBuilder()
                .addInputs("images")
                .setInputTypes(input)
                .addLayer("stem", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "images")
                .addLayer("layer", layer, "stem")
                .setOutputs("layer")
                .validateOutputLayerConfig(false)
                .build());
        graph.init();
        return graph;
    }

    private static void assertRefused(ComputationGraph graph, String message, Path folder) throws IOException {
        Path file = folder.resolve("graph.zip");
        ModelSerializer.writeModel(graph, file.toFile(), false);
        for (Backbone backbone : List.of(Backbone.of(graph), Backbone.dl4j(file))) {
            assertThatThrownBy(() -> TransferLearner.of(backbone)).hasMessageContaining(message);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3})
    void aMergeOfRowsOrColumnsIsRefused(int axis, @TempDir Path folder) throws IOException {
        MergeVertex merge = new MergeVertex();
        merge.setMergeAxis(axis);
        ComputationGraph graph = vertex(merge, InputType.convolutional(SIZE, SIZE, 3));
        assertRefused(graph, "vertex merges along axis " + axis + ", and only channels are merged, axis 1", folder);

        Backbone own = Backbone.builder(
                        "own",
                        (height, width) -> vertex(merge, InputType.convolutional(height, width, 3))
                                .getConfiguration())
                .build();
        assertThatThrownBy(() -> features(own)).hasMessageContaining("merges along axis " + axis);
    }

    @Test
    void whatDl4jDoesToRowsOfChannelsLastIsRefused(@TempDir Path folder) throws IOException {
        InputType channelsLast = InputType.convolutional(SIZE, SIZE, 3, CNN2DFormat.NHWC);
        MergeVertex rows = new MergeVertex();
        rows.setMergeAxis(2);
        assertRefused(vertex(rows, channelsLast), "and only channels are merged, axis 3", folder);
        assertRefused(vertex(new SubsetVertex(1, 2), channelsLast), "takes rows of images [N, H, W, C]", folder);
        assertRefused(
                layer(new ActivationLayer(Activation.SOFTMAX), channelsLast),
                "has DL4J's softmax of rows of images [N, H, W, C]",
                folder);
        assertRefused(
                layer(
                        new PReLULayer.Builder().inputShape(4, 4, 4).build(),
                        InputType.convolutional(6, 6, 3, CNN2DFormat.NHWC)),
                "has slopes for images [N, H, W, C]",
                folder);
    }

    @ParameterizedTest
    @MethodSource
    void aNormOfChosenDimensionsIsRefused(int[] dimensions, @TempDir Path folder) throws IOException {
        L2NormalizeVertex norm = new L2NormalizeVertex(dimensions, 1e-8);
        ComputationGraph graph = vertex(norm, InputType.convolutional(SIZE, SIZE, 3));
        assertRefused(graph, "an L2 norm is of all of an example, [1, 2, 3], got the dimension", folder);
    }

    static List<int[]> aNormOfChosenDimensionsIsRefused() {
        return List.of(new int[] {1}, new int[] {2, 3});
    }

    @Test
    void aNormOfAllDimensionsIsThatOfDl4j() {
        L2NormalizeVertex norm = new L2NormalizeVertex(new int[] {1, 2, 3}, 1e-8);
        ComputationGraph graph = vertex(norm, InputType.convolutional(SIZE, SIZE, 3));
        INDArray expected = activations(graph, "vertex", pixels());
        assertThat(RelativeL2.worst(features(Backbone.of(graph)), expected)).isLessThan(LIMIT);
    }

    private static MultiLayerNetwork strict(int size, Layer top) {
        MultiLayerNetwork network = new MultiLayerNetwork(settings()
                .convolutionMode(ConvolutionMode.Strict)
                .list()
                .layer(new ConvolutionLayer.Builder(4, 4).stride(3, 3).nOut(4).build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(top)
                .setInputType(InputType.convolutional(size, size, 3))
                .validateOutputLayerConfig(false)
                .build());
        network.init();
        return network;
    }

    /** 4 + 3 * (2 * n - 1) pixels fit: 19, 25, 31 and so on, 223 for one. */
    @ParameterizedTest
    @CsvSource({"true, 19", "false, 223"})
    void windowsThatMustFitFindTheSize(boolean flattened, int expected, @TempDir Path folder) throws IOException {
        MultiLayerNetwork network = strict(
                19,
                flattened
                        ? new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build()
                        : new BatchNormalization());
        Path file = folder.resolve("strict.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        Backbone backbone = Backbone.dl4j(file);
        assertThat(List.of(backbone.inputHeight(), backbone.inputWidth())).containsExactly(expected, expected);
        assertThat(backbone.minimumSize()).isEqualTo(7);

        ImageDataset images = ImageDataset.of(IntegerImages.rgb(3, 25, 25), new int[3]);
        INDArray pixels = IntegerImages.rgb(3, 25, 25).castTo(DataType.FLOAT);
        TransferLearner learner = TransferLearner.of(backbone.upTo("layer1")).inputSize(25, 25);
        assertThat(RelativeL2.worst(
                        learner.features(images),
                        network.feedForwardToLayer(1, pixels).get(2)))
                .isLessThan(LIMIT);
        assertThatThrownBy(() -> TransferLearner.of(backbone).inputSize(26, 26).features(images))
                .hasMessageContaining("can't take images of 26x26");
    }

    @Test
    void windowsThatNeverFitSayHowAnotherSizeIsNamed() {
        MultiLayerNetwork network = new MultiLayerNetwork(settings()
                .convolutionMode(ConvolutionMode.Strict)
                .list()
                // of an even height and an odd width
                .layer(new ConvolutionLayer.Builder(2, 3).stride(2, 2).nOut(4).build())
                .setInputType(InputType.convolutional(20, 21, 3))
                .validateOutputLayerConfig(false)
                .build());
        network.init();
        assertThatThrownBy(() -> Backbone.of(network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Backbone.builder(name, topology).inputSize(height, width)");
        MultiLayerConfiguration copy = network.getLayerWiseConfigurations().clone();
        Backbone wayOut = Backbone.builder("named", (height, width) -> {
                    NeuralNetConfiguration.Builder settings = settings();
                    return settings.graphBuilder()
                            .addInputs("images")
                            .setInputTypes(InputType.convolutional(height, width, 3))
                            .addLayer("layer0", copy.getConf(0).getLayer().clone(), "images")
                            .setOutputs("layer0")
                            .validateOutputLayerConfig(false)
                            .build();
                })
                .inputSize(20, 21)
                .build();
        TransferLearner learner = TransferLearner.of(wayOut).weights(Weights.random());
        assertThat(learner.features(ImageDataset.of(IntegerImages.rgb(1, 20, 21), new int[1]))
                        .shape())
                .containsExactly(1, 4, 10, 10);
    }

    @Test
    void slopesOfEachPixelTellTheSize() {
        MultiLayerNetwork network = new MultiLayerNetwork(settings()
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new PReLULayer.Builder()
                        .inputShape(4, SIZE - 2, SIZE - 2)
                        .build())
                .setInputType(InputType.convolutional(SIZE, SIZE, 3))
                .validateOutputLayerConfig(false)
                .build());
        network.init();
        Backbone backbone = Backbone.of(network);
        assertThat(backbone.inputHeight()).isEqualTo(SIZE);
        INDArray expected = network.feedForward(pixels(), false).get(2);
        assertThat(RelativeL2.worst(features(backbone), expected)).isLessThan(LIMIT);
    }

    @Test
    void layersThatAModelFileCanNotHoldAreRefused(@TempDir Path folder) throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(settings()
                .list()
                .layer(new LocallyConnected2D.Builder().kernelSize(3, 3).nOut(4).build())
                .layer(new OutputLayer.Builder()
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(SIZE, SIZE, 3))
                .build());
        network.init();
        assertThatThrownBy(() -> TransferLearner.of(Backbone.of(network)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("multi-layer-network can't be a backbone")
                .hasMessageContaining("LocallyConnected2D")
                .hasMessageContaining("(in the layer \"layer0\")");
        Path file = folder.resolve("row.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        assertThatThrownBy(() -> TransferLearner.of(Backbone.dl4j(file)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("LocallyConnected2D")
                .hasMessageContaining("(in the layer \"layer0\")");
        ComputationGraph graph = network.toComputationGraph();
        ModelSerializer.writeModel(graph, file.toFile(), false);
        assertThatThrownBy(() -> TransferLearner.of(Backbone.dl4j(file)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("LocallyConnected2D")
                .hasMessageContaining("(in the layer \"0\")");
    }
}
