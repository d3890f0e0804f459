package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.format.safetensors.SafetensorsFile;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;

/** What a network of DL4J has learned as safetensors, and back: layers that DL4J keeps as no other program does. */
class SavedDl4jWeightsTest {
    private static final int SIZE = 16;

    @TempDir
    private Path folder;

    private static MultiLayerNetwork network(Layer layer) {
        layer.setLayerName("own");
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .activation(Activation.RELU)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .convolutionMode(ConvolutionMode.Same)
                        .name("stem")
                        .nOut(3)
                        .build())
                .layer(layer)
                // DL4J counts the pixels behind shared slopes as one
                .layer(new GlobalPoolingLayer(PoolingType.AVG))
                .layer(new OutputLayer.Builder()
                        .name("out")
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(SIZE, SIZE, 3))
                .build());
        network.init();
        return network;
    }

    private static TransferLearner learner(MultiLayerNetwork network) {
        return TransferLearner.of(Backbone.of(network)).inputSize(SIZE, SIZE);
    }

    static Stream<Arguments> layers() {
        return Stream.of(
                Arguments.of(
                        new PReLULayer.Builder().inputShape(3, SIZE, SIZE).build(),
                        Map.of("own.weight", "[3, 16, 16]")),
                Arguments.of(
                        new PReLULayer.Builder()
                                .inputShape(3, SIZE, SIZE)
                                .sharedAxes(2, 3)
                                .build(),
                        Map.of("own.weight", "[3]")),
                Arguments.of(
                        new PReLULayer.Builder()
                                .inputShape(3, SIZE, SIZE)
                                .sharedAxes(1)
                                .build(),
                        Map.of("own.weight", "[1, 16, 16]")),
                Arguments.of(
                        new SeparableConvolution2D.Builder(3, 2)
                                .depthMultiplier(2)
                                .nOut(5)
                                .build(),
                        Map.of(
                                "own.depthwise.weight",
                                "[6, 1, 3, 2]",
                                "own.pointwise.weight",
                                "[5, 6, 1, 1]",
                                "own.pointwise.bias",
                                "[5]")),
                Arguments.of(
                        new SeparableConvolution2D.Builder(3, 3)
                                .nOut(5)
                                .hasBias(false)
                                .build(),
                        Map.of("own.depthwise.weight", "[3, 1, 3, 3]", "own.pointwise.weight", "[5, 3, 1, 1]")),
                Arguments.of(
                        new BatchNormalization(),
                        Map.of(
                                "own.weight",
                                "[3]",
                                "own.bias",
                                "[3]",
                                "own.running_mean",
                                "[3]",
                                "own.running_var",
                                "[3]")));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void isTheSameAgain(Layer layer, Map<String, String> expected) throws IOException {
        Path file = folder.resolve("learned.safetensors");
        Path again = folder.resolve("again.safetensors");
        TransferLearner learner = learner(network(layer)).unfreezeAll().epochs(1);
        INDArray expectedFeatures;
        try (ImageClassifier classifier = learner.fit(images())) {
            classifier.saveBackboneWeights(file);
            expectedFeatures = classifier
                    .toComputationGraph()
                    .feedForward(pixels().castTo(DataType.FLOAT), false)
                    .get("own");
        }
        Map<String, String> shapes = shapes(file);
        shapes.keySet().removeIf(name -> name.startsWith("stem."));
        assertThat(shapes).isEqualTo(expected);

        TransferLearner loaded = learner.freezeAll().weights(Weights.file(file));
        assertThat(RelativeL2.worst(loaded.features(images()), expectedFeatures))
                .isLessThan(1e-5);
        // what is frozen is saved as it was loaded
        try (ImageClassifier classifier = loaded.fit(images())) {
            classifier.saveBackboneWeights(again);
        }
        assertThat(differences(again, file)).isLessThanOrEqualTo(limit(layer));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void isReadOfAFileOfDl4j(Layer layer) throws IOException {
        MultiLayerNetwork network = network(layer);
        network.params().muli(1.5);
        Path file = folder.resolve("learned.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        TransferLearner other = learner(network(layer));
        INDArray expected = learner(network).features(images());

        assertThat(RelativeL2.worst(other.weights(Weights.file(file)).features(images()), expected))
                .isLessThanOrEqualTo(limit(layer));
    }

    /** DL4J keeps a logarithm, other programs the variance. */
    private static double limit(Layer layer) {
        return layer instanceof BatchNormalization ? 1e-6 : 0;
    }

    private static INDArray pixels() {
        return IntegerImages.rgb(8, SIZE, SIZE);
    }

    private static ImageDataset images() {
        return ImageDataset.of(pixels(), new int[] {0, 1, 0, 1, 0, 1, 0, 1});
    }

    private static Map<String, String> shapes(Path file) throws IOException {
        Map<String, String> shapes = new LinkedHashMap<>();
        try (WeightsFile weights = SafetensorsFile.read(file, FileChannel.open(file))) {
            weights.layers()
                    .forEach(layer -> layer.arrays().forEach(array -> shapes.put(array.name(), array.shapeText())));
        }
        return shapes;
    }

    /** The greatest, relative where numbers are large. */
    private static double differences(Path file, Path other) throws IOException {
        List<float[]> values = values(file);
        List<float[]> others = values(other);
        assertThat(values).hasSameSizeAs(others);
        double worst = 0;
        for (int i = 0; i < values.size(); i++) {
            assertThat(values.get(i)).hasSameSizeAs(others.get(i));
            for (int j = 0; j < values.get(i).length; j++) {
                double value = values.get(i)[j];
                worst = Math.max(worst, Math.abs(value - others.get(i)[j]) / Math.max(1, Math.abs(value)));
            }
        }
        return worst;
    }

    private static List<float[]> values(Path file) throws IOException {
        List<float[]> values = new ArrayList<>();
        try (WeightsFile weights = SafetensorsFile.read(file, FileChannel.open(file))) {
            for (StoredLayer layer : weights.layers()) {
                layer.arrays().forEach(array -> values.add(array.read(array.shape())));
            }
        }
        return values;
    }
}
