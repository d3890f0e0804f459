package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvLoggerTest {
    private static final EpochRecord FIRST =
            EpochRecord.builder(1).training(1, 0.5).build();
    private static final EpochRecord SECOND =
            EpochRecord.builder(2).training(0.5, 0.75).validation(1, 0.5).build();

    @TempDir
    Path folder;

    @Test
    void eachEpochIsThereAtOnce() throws IOException {
        Path file = folder.resolve("history.csv");
        CsvLogger logger = new CsvLogger(file);

        logger.epochFinished(FIRST);
        assertThat(Files.readString(file))
                .isEqualTo(TrainingHistory.of(List.of(FIRST)).toCsv());
        logger.epochFinished(SECOND);
        assertThat(Files.readString(file))
                .isEqualTo(TrainingHistory.of(List.of(FIRST, SECOND)).toCsv());
    }

    @Test
    void anotherFitStartsAnew() throws IOException {
        Path file = folder.resolve("history.csv");
        Files.writeString(file, "of yesterday");
        CsvLogger logger = new CsvLogger(file);

        logger.epochFinished(FIRST);
        logger.epochFinished(SECOND);
        logger.epochFinished(FIRST);
        assertThat(Files.readString(file))
                .isEqualTo(TrainingHistory.of(List.of(FIRST)).toCsv());
    }

    @Test
    void aFileThatCantBeWrittenIsNamed() {
        CsvLogger logger = new CsvLogger(folder.resolve("missing/history.csv"));
        assertThatThrownBy(() -> logger.epochFinished(FIRST))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("missing");
    }
}
