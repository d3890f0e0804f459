package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.NarrowVgg16;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

class ExplanationTest {
    private static final int SIZE = 64;
    private static final Path HEAD = GoldenFiles.path("weights/head64.weights.h5");

    private static TransferLearner narrow() {
        return TransferLearner.of(NarrowVgg16.backbone())
                .weights(Weights.file(HEAD))
                .inputSize(SIZE, SIZE);
    }

    private static ImageClassifier untrained(TransferLearner learner) {
        return KerasClassifier.read(learner, HEAD, Shape.of(16, 2, 2), "predictions");
    }

    /** Wherever it is cut, the network is the same. */
    static Stream<TransferLearner> cuts() {
        return Stream.of(narrow(), narrow().freezeUpTo("block4_pool"), narrow().unfreezeAll());
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void mapsAreThoseOfPyTorch(TransferLearner learner) {
        JsonNode golden = GoldenFiles.json("explanation/explanation.json");
        INDArray image = IntegerImages.rgb(2, SIZE, SIZE).slice(1);
        try (ImageClassifier classifier = untrained(learner)) {
            for (JsonNode expected : golden.get("cases")) {
                int wanted = expected.get("class").asInt();
                Explainer explainer = classifier
                        .explainer()
                        .layer(expected.get("layer").asText())
                        .label(Integer.toString(wanted));
                Explanation gradCam = explainer.explain(image);
                assertThat(gradCam.probability())
                        .isEqualTo(golden.get("probabilities").get(wanted).asDouble(), within(1e-5));
                assertRows(gradCam.map(), 1, 1, expected.get("gradCam"));
                assertRows(explainer.scoreCam().explain(image).map(), 1, 1, expected.get("scoreCam"));
                if (expected.has("heat")) {
                    assertRows(gradCam.heat(), 9, 7, expected.get("heat"));
                }
            }
            Explanation byDefault = classifier.explainer().explain(image);
            assertThat(byDefault.toString()).isEqualTo("Grad-CAM of 1 (0.1296) at block5_pool, 2x2");
        }
    }

    /** Every so many rows and columns. */
    private static void assertRows(INDArray actual, int down, int across, JsonNode expected) {
        assertThat((actual.rows() + down - 1) / down).isEqualTo(expected.size());
        for (int y = 0; y < expected.size(); y++) {
            assertThat((actual.columns() + across - 1) / across)
                    .isEqualTo(expected.get(y).size());
            for (int x = 0; x < expected.get(y).size(); x++) {
                assertThat(actual.getDouble((long) y * down, (long) x * across))
                        .as("%d, %d", y, x)
                        .isEqualTo(expected.get(y).get(x).asDouble(), within(2e-4));
            }
        }
    }

    /** Noise with a mark of the class at a random place: a cross or a ring. */
    private record Marked(BufferedImage image, int top, int left, String label) {
        private static final int SIDE = 64;
        private static final int MARK = 14;

        static Marked of(int number) {
            Random random = new Random(number);
            BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
            for (int i = 0; i < SIDE * SIDE; i++) {
                int gray = 96 + random.nextInt(64);
                image.setRGB(i % SIDE, i / SIDE, gray << 16 | gray << 8 | gray);
            }
            int top = random.nextInt(SIDE - MARK);
            int left = random.nextInt(SIDE - MARK);
            boolean cross = number % 2 == 0;
            for (int i = 0; i < MARK * MARK; i++) {
                int y = i / MARK;
                int x = i % MARK;
                boolean onCross = Math.abs(y - MARK / 2) < 2 || Math.abs(x - MARK / 2) < 2;
                boolean onRing = Math.min(Math.min(x, y), MARK - 1 - Math.max(x, y)) < 3;
                if (cross ? onCross : onRing) {
                    image.setRGB(left + x, top + y, 0xFFFFFF);
                }
            }
            return new Marked(image, top, left, cross ? "cross" : "ring");
        }

        EncodedImage encoded(int number) {
            return EncodedImage.of("mark " + number, label, Pictures.png(image));
        }

        /** Whether the hottest pixel is in the mark, or no farther from it than half a position of the map. */
        boolean isFound(Explanation explanation) {
            INDArray heat = explanation.heat();
            assertThat(heat.shape()).containsExactly(SIDE, SIDE);
            long hottest = heat.argMax().getLong(0);
            double slack = SIDE / 2.0 / explanation.map().rows();
            return isNear(hottest / SIDE, top, slack) && isNear(hottest % SIDE, left, slack);
        }

        private static boolean isNear(long place, int mark, double slack) {
            return place >= mark - slack && place < mark + MARK + slack;
        }
    }

    @Test
    void plantedMarksAreFound() {
        List<EncodedImage> images = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            images.add(Marked.of(i).encoded(i));
        }
        int found = 0;
        try (ImageClassifier classifier = TransferLearner.tinyResNet()
                .inputSize(64, 64)
                .head(Head.globalAveragePooling())
                .probe(ImageDataset.encoded(images))) {
            for (int i = 1000; i < 1040; i++) {
                Marked marked = Marked.of(i);
                Explanation explanation =
                        classifier.explainer().label(marked.label()).explain(marked.image());
                found += marked.isFound(explanation) ? 1 : 0;
            }
        }
        // by chance a fifth
        assertThat(found).isGreaterThanOrEqualTo(34);
    }

    @Test
    void overlayHasTheImagesSizeAndIsGrayWhereNothingSpeaksForTheClass(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("image.png");
        BufferedImage gray = new BufferedImage(23, 31, BufferedImage.TYPE_BYTE_GRAY);
        int[] samples = new int[23 * 31];
        Arrays.fill(samples, 90);
        gray.getRaster().setSamples(0, 0, 23, 31, 0, samples);
        ImageIO.write(gray, "png", file.toFile());
        try (ImageClassifier classifier = untrained(narrow())) {
            Explanation explanation = classifier.explain(file);
            BufferedImage overlay = explanation.overlay();
            INDArray heat = explanation.heat();
            assertThat(heat.shape()).containsExactly(31, 23);
            assertThat(heat.maxNumber().doubleValue()).isLessThanOrEqualTo(1);
            assertThat(heat.minNumber().doubleValue()).isNotNegative();
            for (int i = 0; i < 23 * 31; i++) {
                int x = i % 23;
                int y = i / 23;
                int colour = overlay.getRGB(x, y);
                int red = colour >> 16 & 0xFF;
                int blue = colour & 0xFF;
                if (heat.getDouble(y, x) == 0) {
                    assertThat(colour).isEqualTo(0xFF5A5A5A);
                } else if (heat.getDouble(y, x) > 0.05) {
                    assertThat(red).isGreaterThan(blue);
                }
            }
            Path plot = folder.resolve("why.png");
            explanation.plot(plot);
            BufferedImage read = ImageIO.read(plot.toFile());
            assertThat(read.getRGB(11, 5)).isEqualTo(overlay.getRGB(11, 5));
            byte[] bytes = Files.readAllBytes(file);
            assertThat(classifier.explainer().explain(bytes).map()).isEqualTo(explanation.map());
            assertThat(classifier
                            .explainer()
                            .explain(Files.newInputStream(file))
                            .map())
                    .isEqualTo(explanation.map());
        }
    }

    @Test
    void whatIsWrongIsRefusedBeforeTheImageIsRead() {
        Path missing = Path.of("there-is-no-such.png");
        ImageClassifier classifier = untrained(narrow());
        Explainer explainer = classifier.explainer();
        assertThat(explainer.layers()).startsWith("block1_conv1").endsWith("block5_pool");
        assertThatThrownBy(() -> explainer.layer("block9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no layer named \"block9\"")
                .hasMessageContaining("block5_conv3");
        assertThatThrownBy(() -> explainer.layer("flatten"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than one position")
                .hasMessageContaining("[64]");
        assertThatThrownBy(() -> explainer.label("cat"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no class \"cat\"");
        classifier.close();
        assertThatThrownBy(() -> explainer.explain(missing)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(classifier::explainer).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aClassIsFoundByTheDecomposedFormOfItsName() {
        List<EncodedImage> images = IntStream.range(0, 8)
                .mapToObj(i -> EncodedImage.of(i + ".png", i % 2 == 0 ? "caf\u00e9" : "tea", Pictures.png(i)))
                .toList();
        try (ImageClassifier drinks = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(ImageDataset.encoded(images))) {
            assertThat(drinks.explainer()
                            .label("cafe\u0301")
                            .explain(Pictures.image(0))
                            .label())
                    .isEqualTo("caf\u00e9");
        }
    }

    @Test
    void aNetworkThatEndsInOnePositionIsLookedAtBelow() {
        Path missing = Path.of("there-is-no-such.png");
        try (ImageClassifier small = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            assertThat(small.explainer().explain(Pictures.image(0)).layer()).isEqualTo("pool2");
            assertThatThrownBy(() -> small.explain(missing)).isInstanceOf(UncheckedIOException.class);
        }
        TransferLearner one = TransferLearner.of(NarrowVgg16.backbone()).weights(Weights.random());
        try (ImageClassifier classifier = one.epochs(1).fit(Pictures.dataset(8))) {
            assertThat(classifier.explainer().explain(Pictures.image(0)).layer())
                    .isEqualTo("block5_conv3");
        }
    }

    /** A layer of which no gradient is known here. */
    @Test
    void layersOfDl4jAloneAreExplainedByScoresOnly() {
        Backbone backbone = Backbone.builder(
                        "normalized",
                        (height, width) -> new NeuralNetConfiguration.Builder()
                                .dataType(DataType.FLOAT)
                                .graphBuilder()
                                .addInputs("input")
                                .setInputTypes(InputType.convolutional(height, width, 3))
                                .validateOutputLayerConfig(false)
                                .addLayer("conv", convolution(), "input")
                                .addLayer("lrn", new LocalResponseNormalization.Builder().build(), "conv")
                                .addLayer("last", convolution(), "lrn")
                                .setOutputs("last")
                                .build())
                .inputSize(16, 16)
                .build();
        try (ImageClassifier classifier =
                TransferLearner.of(backbone).weights(Weights.random()).epochs(1).fit(Pictures.dataset(8))) {
            assertThat(classifier.explainer().explain(Pictures.image(0)).layer())
                    .isEqualTo("last");
            Explainer below = classifier.explainer().layer("conv");
            assertThatThrownBy(() -> below.explain(Path.of("there-is-no-such.png")))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("lrn");
            assertThat(below.scoreCam().explain(Pictures.image(0)).map().shape())
                    .containsExactly(16, 16);
        }
    }

    private static ConvolutionLayer convolution() {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(4)
                .convolutionMode(ConvolutionMode.Same)
                .build();
    }
}
