package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private TerminalProgress progress(boolean bars) {
        return new TerminalProgress(new PrintStream(bytes, true, StandardCharsets.UTF_8), bars);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static EpochRecord record(int epoch, boolean validated) {
        EpochRecord.Builder builder = EpochRecord.builder(epoch)
                .training(0.123456, 0.75)
                .learningRate(0.1)
                .timing(Duration.ofSeconds(2), 12345.6);
        return validated ? builder.validation(0.5, 1).build() : builder.build();
    }

    private static void fit(FitListener listener) {
        listener.featuresStarted(1234);
        listener.featuresAdvanced(32);
        listener.featuresAdvanced(1234);
        listener.featuresFinished(1234);
        listener.epochStarted(1, 2, 1234);
        listener.batchFinished(1, 1234, 0.5);
        listener.epochFinished(record(1, false));
        listener.epochStarted(2, 2, 1234);
        listener.epochFinished(record(2, true));
        listener.fitFinished(TrainingHistory.empty());
    }

    @Test
    void withoutATerminalThereAreOnlyLines() {
        fit(progress(false));

        assertThat(printed().lines())
                .containsExactly(
                        "Features of 1,234 images computed",
                        "Epoch 1/2 - loss: 0.1235 - accuracy: 0.7500 - 12,346 images/s",
                        "Epoch 2/2 - loss: 0.1235 - accuracy: 0.7500 - val_loss: 0.5000 - val_accuracy: 1.0000"
                                + " - 12,346 images/s");
    }

    @Test
    void aTerminalHasBarsOnTheSameStream() {
        fit(progress(true));

        assertThat(printed())
                .containsPattern("Features +\\d+% \\[")
                .containsPattern("Epoch 1/2 +\\d+% \\[.*/1234 images");
        // what is left on the screen is what follows the last return to the start of each line
        assertThat(Stream.of(printed().split(System.lineSeparator()))
                        .map(line -> line.substring(line.lastIndexOf('\r') + 1)))
                .containsExactly(
                        "Features of 1,234 images computed",
                        "Epoch 1/2 - loss: 0.1235 - accuracy: 0.7500 - 12,346 images/s",
                        "Epoch 2/2 - loss: 0.1235 - accuracy: 0.7500 - val_loss: 0.5000 - val_accuracy: 1.0000"
                                + " - 12,346 images/s");
    }

    /** An iterator does not say how many images it has. */
    @Test
    void aNumberThatIsNotKnownIsFine() {
        TerminalProgress progress = progress(true);
        progress.featuresStarted(-1);
        progress.featuresAdvanced(32);
        progress.featuresFinished(64);

        assertThat(printed()).contains("Features of 64 images computed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFitThatFailsLeavesNoBar(boolean duringFeatures) {
        TerminalProgress progress = progress(true);
        progress.featuresStarted(100);
        if (!duringFeatures) {
            progress.featuresFinished(100);
            progress.epochStarted(1, 2, 100);
        }

        progress.fitFinished(TrainingHistory.empty());

        int length = bytes.size();
        progress.fitFinished(TrainingHistory.empty());
        assertThat(bytes.size()).isEqualTo(length);
    }

    @Test
    void itReadsTheSameInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            withoutATerminalThereAreOnlyLines();
        } finally {
            Locale.setDefault(before);
        }
    }
}
