package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ImageException;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.head.Head;
import org.transfer4j.testing.TinyBackbones;

/** The vectors of an extractor are those that a learner's head learns from, here and after a file. */
class FeatureExtractorTest {
    private static final TransferLearner LEARNER = TransferLearner.of(TinyBackbones.residual())
            .weights(Weights.random())
            .inputSize(16, 16);

    @TempDir
    private Path folder;

    private static byte[] png(int seed) {
        BufferedImage image = new BufferedImage(20, 18, BufferedImage.TYPE_3BYTE_BGR);
        for (int i = 0; i < 20 * 18; i++) {
            image.setRGB(i % 20, i / 20, (i * 7919 + seed * 104729) & 0xFFFFFF);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static float[] ofDataset(TransferLearner learner, byte[] image) {
        ImageDataset data = ImageDataset.encoded(List.of(EncodedImage.of("image", "any", image)));
        try (INDArray features = learner.features(data)) {
            return features.reshape(features.length()).toFloatVector();
        }
    }

    @Test
    void givesTheFeaturesOfTheLearner() throws IOException {
        byte[] image = png(1);
        Path file = Files.write(folder.resolve("image.png"), image);
        try (FeatureExtractor extractor = LEARNER.extractor()) {
            float[] features = extractor.features(image);
            assertThat(features).hasSize(extractor.length()).containsExactly(ofDataset(LEARNER, image), within(1e-6f));
            assertThat(extractor.features(file)).containsExactly(features);
            assertThat(extractor.features(ImageIO.read(file.toFile()))).containsExactly(features);
            assertThat(features).isNotEqualTo(extractor.features(png(2)));
        }
    }

    @Test
    void averagesWhereTheHeadDoes() {
        TransferLearner averaged = LEARNER.head(Head.globalAveragePooling());
        ImageDataset data = ImageDataset.encoded(List.of(EncodedImage.of("image", "any", png(3))));
        try (FeatureExtractor extractor = averaged.extractor();
                INDArray embedding = averaged.embeddings(data)) {
            assertThat(extractor.features(png(3)))
                    .hasSize(4)
                    .containsExactly(embedding.reshape(4).toFloatVector(), within(1e-6f));
        }
    }

    @Test
    void endsWhereTheLearnerIsCut() {
        TransferLearner cut = LEARNER.freezeUpTo("block_relu");
        try (FeatureExtractor extractor = cut.extractor()) {
            assertThat(extractor.length()).isEqualTo(4 * 16 * 16);
            assertThat(extractor.features(png(4))).containsExactly(ofDataset(cut, png(4)), within(1e-6f));
            assertThat(extractor)
                    .hasToString("FeatureExtractor[residual up to block_relu at 16x16, preprocessing "
                            + TinyBackbones.residual().preprocessing() + ", 1024 features]");
        }
    }

    @Test
    void isTheSameAfterAFile() throws IOException {
        Path file = folder.resolve("features.t4j");
        float[] features;
        try (FeatureExtractor extractor = LEARNER.extractor()) {
            extractor.save(file);
            features = extractor.features(png(5));
        }
        try (FeatureExtractor loaded = FeatureExtractor.load(file)) {
            assertThat(loaded.features(png(5))).containsExactly(features);
            Path again = folder.resolve("again.t4j");
            loaded.save(again);
            assertThat(again).hasSameBinaryContentAs(file);
        }
    }

    @Test
    void givesTheSameToManyThreads() throws Exception {
        try (FeatureExtractor extractor = LEARNER.extractor()) {
            List<float[]> alone = IntStream.range(0, 20)
                    .mapToObj(i -> extractor.features(png(i)))
                    .toList();
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Future<float[]>> beside = IntStream.range(0, 20)
                        .mapToObj(i -> threads.submit(() -> extractor.features(png(i))))
                        .toList();
                for (int i = 0; i < 20; i++) {
                    assertThat(beside.get(i).get()).containsExactly(alone.get(i));
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void refusesWhatItCantDo() throws IOException {
        assertThatThrownBy(() -> LEARNER.unfreezeAll().extractor())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a feature extractor needs frozen layers");
        FeatureExtractor extractor = LEARNER.extractor();
        assertThatThrownBy(() -> extractor.features(new byte[] {1, 2, 3})).isInstanceOf(ImageException.class);
        String description = extractor.toString();
        extractor.close();
        extractor.close();
        assertThatThrownBy(() -> extractor.features(png(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the feature extractor is closed");
        // what it is can be logged all the same
        assertThat(extractor).hasToString(description);
        assertThat(extractor.length()).isPositive();
        Path text = Files.writeString(folder.resolve("text.t4j"), "no extractor");
        assertThatThrownBy(() -> FeatureExtractor.load(text))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("not a Transfer4J feature extractor");
    }

    @Test
    void tellsModelsAndExtractorsApart() {
        Path file = folder.resolve("features.t4j");
        try (FeatureExtractor extractor = LEARNER.extractor()) {
            extractor.save(file);
        }
        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(
                        "the format in manifest.json must be transfer4j-model, but is transfer4j-extractor");
    }
}
