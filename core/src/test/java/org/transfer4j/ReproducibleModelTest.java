package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** The same training gives the same file: DL4J takes a seed from the clock, and epochs take their time. */
class ReproducibleModelTest {
    @TempDir
    Path folder;

    private byte[] trained(Backbone backbone, String name) throws IOException {
        Path file = folder.resolve(name);
        try (ImageClassifier classifier = TransferLearner.of(backbone)
                .weights(Weights.random())
                .head(Head.flatten().dense(5).dropout(0.5))
                .freezeUpTo("stem")
                .epochs(2)
                .fit(Pictures.dataset(12))) {
            assertThat(classifier.history().epochs())
                    .allMatch(epoch -> epoch.wallTime().compareTo(Duration.ZERO) > 0);
            classifier.save(file);
        }
        return Files.readAllBytes(file);
    }

    @Test
    void theSameTrainingGivesTheSameBytes() throws IOException, InterruptedException {
        byte[] first = trained(TinyBackbones.residual(), "first.t4j");
        Thread.sleep(5); // another millisecond on DL4J's clock
        byte[] second = trained(TinyBackbones.residual(), "second.t4j");
        assertThat(second).isEqualTo(first);
    }

    @Test
    void aLoadedClassifierIsSavedAsItWasAndTellsNoDurations() throws IOException {
        byte[] first = trained(TinyBackbones.residual(), "first.t4j");
        try (ImageClassifier loaded = ImageClassifier.load(folder.resolve("first.t4j"))) {
            assertThat(loaded.history().epochs())
                    .hasSize(2)
                    .allMatch(epoch -> epoch.wallTime().isZero());
            loaded.save(folder.resolve("again.t4j"));
        }
        assertThat(Files.readAllBytes(folder.resolve("again.t4j"))).isEqualTo(first);
    }
}
