package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.fitted.LibraryVersion;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** Weights that the library wrote know for which pixels they are. */
class SavedWeightsTest {
    private static final Backbone BACKBONE = TinyBackbones.plain("learned")
            .preprocessing(ImagePreprocessing.caffe())
            .build();

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("learned.safetensors");
        try (ImageClassifier classifier = TransferLearner.of(BACKBONE)
                .weights(Weights.random())
                .unfreezeAll()
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            classifier.saveBackboneWeights(file);
        }
    }

    private static List<String> warnings(TransferLearner learner) {
        Settings settings = learner.settings();
        return LogCapture.warningsOf(() -> BackboneParameters.of(settings.network(), settings.data()));
    }

    private static TransferLearner learner(Path weights) {
        return TransferLearner.of(BACKBONE).weights(Weights.file(weights));
    }

    @Test
    void nothingIsSaidWhereThePreprocessingIsTheirs() {
        assertThat(warnings(learner(file))).isEmpty();
    }

    @Test
    void anotherPreprocessingIsWarnedOf() {
        assertThat(warnings(learner(file).preprocessing(ImagePreprocessing.unit())))
                .containsExactly(
                        "the weights in " + file + " were trained with the preprocessing caffe, but it is unit now");
    }

    /** As the library wrote it before it said so. */
    @Test
    void aFileWithoutMetadataIsReadAndTakenForPyTorchs() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        ByteBuffer bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        int length = Math.toIntExact(bytes.getLong());
        String json = new String(whole, Long.BYTES, length, StandardCharsets.UTF_8);
        assertThat(json).contains("\"library\":\"Transfer4J\"").contains("\"version\":\"" + LibraryVersion.current());
        String bare = json.replaceFirst("\"__metadata__\":\\{[^}]*}[^}]*},", "");
        bare = bare + " ".repeat(json.length() - bare.length());
        assertThat(bare).doesNotContain("__metadata__").startsWith("{\"conv1.");
        System.arraycopy(bare.getBytes(StandardCharsets.UTF_8), 0, whole, Long.BYTES, length);
        Path old = Files.write(folder.resolve("old.safetensors"), whole);

        assertThat(warnings(learner(old)))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("old.safetensors is by PyTorch"));
        assertThat(Bits.of(learner(old).features(Pictures.dataset(2))))
                .isEqualTo(Bits.of(learner(file).features(Pictures.dataset(2))));
    }
}
