package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A disk that fills up while a fit runs takes nothing away of what was written before. */
class SideFileTest {
    private static final EpochRecord FIRST =
            EpochRecord.builder(1).training(1, 0.5).build();
    private static final EpochRecord SECOND =
            EpochRecord.builder(2).training(0.5, 0.75).build();
    private static final EpochRecord THIRD =
            EpochRecord.builder(3).training(0.25, 1).build();

    private FileSystem disk;
    private Path folder;
    private Path rest;

    @BeforeEach
    void makeDisk() throws IOException {
        disk = Jimfs.newFileSystem(Configuration.unix().toBuilder()
                .setMaxSize(1 << 18)
                .setBlockSize(16)
                .build());
        folder = Files.createDirectory(disk.getPath("/run"));
        rest = folder.resolve("rest");
    }

    @AfterEach
    void close() throws IOException {
        disk.close();
    }

    private void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(rest)) {
            assertThatThrownBy(() -> {
                        while (true) {
                            out.write(new byte[16]);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    private static TrainingHistory history(EpochRecord... records) {
        return TrainingHistory.of(List.of(records));
    }

    @Test
    void aPlotStaysUntilThereIsRoomForTheNext() throws IOException {
        Path file = folder.resolve("plot.png");
        HistoryPlotter plotter = new HistoryPlotter(file);
        plotter.epochFinished(FIRST);
        byte[] before = Files.readAllBytes(file);

        fill();
        assertThatThrownBy(() -> plotter.epochFinished(SECOND))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("the plot", file.toString());
        assertThat(Files.readAllBytes(file)).isEqualTo(before);

        Files.delete(rest);
        plotter.epochFinished(THIRD);
        byte[] after = Files.readAllBytes(file);
        history(FIRST, SECOND, THIRD).plot(file);
        assertThat(after).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void epochsThatCouldNotBeWrittenFollowWithTheNext() throws IOException {
        Path file = folder.resolve("history.csv");
        CsvLogger logger = new CsvLogger(file);
        logger.epochFinished(FIRST);

        fill();
        assertThatThrownBy(() -> logger.epochFinished(SECOND))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("the figures of epoch 2", file.toString());
        assertThat(Files.readString(file)).startsWith(history(FIRST).toCsv());

        Files.delete(rest);
        logger.epochFinished(THIRD);
        assertThat(Files.readString(file))
                .isEqualTo(history(FIRST, SECOND, THIRD).toCsv());
    }

    @Test
    void figuresOfAnEarlierFitStayUntilThereIsRoomForTheNext() throws IOException {
        Path file = folder.resolve("history.csv");
        String earlier = history(FIRST, SECOND, THIRD).toCsv();
        Files.writeString(file, earlier);
        CsvLogger logger = new CsvLogger(file);
        logger.fitStarting();

        fill();
        assertThatThrownBy(() -> logger.epochFinished(FIRST)).isInstanceOf(UncheckedIOException.class);
        assertThat(Files.readString(file)).isEqualTo(earlier);
    }
}
