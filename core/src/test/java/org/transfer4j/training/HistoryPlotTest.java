package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryPlotTest {
    private static final int TRAINING = 0x1F77B4;
    private static final int VALIDATION = 0xFF7F0E;

    @TempDir
    Path folder;

    private static EpochRecord record(int epoch, double loss, boolean validated) {
        EpochRecord.Builder builder =
                EpochRecord.builder(epoch).phase(epoch < 5 ? 1 : 2).training(loss, Math.min(1, epoch / 10.0));
        return validated ? builder.validation(loss * 1.2, 0.5).build() : builder.build();
    }

    private static TrainingHistory history(int epochs, boolean validated) {
        List<EpochRecord> records = new ArrayList<>();
        for (int epoch = 1; epoch <= epochs; epoch++) {
            records.add(record(epoch, 2.0 / epoch, validated));
        }
        return TrainingHistory.of(records);
    }

    private BufferedImage plotted(TrainingHistory history) throws IOException {
        Path file = folder.resolve("plot.png");
        history.plot(file);
        return ImageIO.read(file.toFile());
    }

    /** How many pixels of a half have a colour. */
    private static long pixels(BufferedImage image, boolean left, int colour) {
        long count = 0;
        for (int x = left ? 0 : image.getWidth() / 2; x < (left ? image.getWidth() / 2 : image.getWidth()); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                count += (image.getRGB(x, y) & 0xFFFFFF) == colour ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void lossAndAccuracyAreDrawnSideBySide() throws IOException {
        BufferedImage image = plotted(history(9, true));

        assertThat(image.getWidth()).isEqualTo(1400);
        assertThat(image.getHeight()).isEqualTo(500);
        for (boolean left : new boolean[] {true, false}) {
            assertThat(pixels(image, left, TRAINING)).isGreaterThan(300);
            assertThat(pixels(image, left, VALIDATION)).isGreaterThan(300);
        }
    }

    /** As in a container of which nothing but a volume can be written to. */
    @Test
    void noTemporaryFileIsNeeded() throws IOException {
        Path gone = Files.createDirectory(folder.resolve("temporary"));
        ImageIO.setCacheDirectory(gone.toFile());
        try {
            Files.delete(gone);
            history(4, true).plot(folder.resolve("plot.png"));
        } finally {
            ImageIO.setCacheDirectory(null);
        }
        assertThat(folder.resolve("plot.png")).isNotEmptyFile();
    }

    @Test
    void ticksOfLargeValuesDifferAndEpochsAreWhole() {
        List<EpochRecord> records = new ArrayList<>();
        for (int epoch = 1; epoch <= 3; epoch++) {
            records.add(record(epoch, 12_000_000 + 100_000.0 * epoch, false));
        }
        String svg = TrainingHistory.of(records).toSvg();

        assertThat(svg).contains(">1.210e7<", ">1.215e7<", ">1.230e7<", ">1<", ">2<", ">3<");
    }

    @Test
    void withoutValidationThereIsOneLine() throws IOException {
        BufferedImage image = plotted(history(4, false));
        assertThat(pixels(image, true, TRAINING)).isGreaterThan(300);
        assertThat(pixels(image, true, VALIDATION)).isZero();
    }

    @Test
    void oneEpochIsAPoint() throws IOException {
        assertThat(pixels(plotted(history(1, false)), true, TRAINING)).isPositive();
    }

    @Test
    void whatDivergedLeavesAGap() throws IOException {
        EpochRecord diverged =
                EpochRecord.builder(5).training(Double.NaN, Double.NaN).build();
        assertThat(pixels(plotted(history(4, true).with(diverged)), true, TRAINING))
                .isGreaterThan(200);
        assertThat(pixels(plotted(TrainingHistory.empty().with(diverged)), true, TRAINING))
                .isZero();
    }

    @Test
    void refusesWhatCantBeDrawnOrWritten() {
        assertThatIllegalStateException()
                .isThrownBy(() -> TrainingHistory.empty().plot(folder.resolve("plot.png")))
                .withMessageContaining("without epochs");
        assertThatThrownBy(() -> history(2, true).plot(folder)).hasMessageContaining("but this is a folder");
        assertThatThrownBy(() -> history(2, true).plot(folder.resolve("missing/plot.png")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void aPlotterKeepsTheFileUpToDate() throws IOException {
        Path file = folder.resolve("live.png");
        HistoryPlotter plotter = new HistoryPlotter(file);
        TrainingHistory history = history(3, true);

        history.epochs().forEach(plotter::epochFinished);
        assertThat(Files.readAllBytes(file)).isEqualTo(png(history));

        plotter.epochFinished(history.epochs().get(0));
        assertThat(Files.readAllBytes(file)).isEqualTo(png(history(1, true)));
    }

    private byte[] png(TrainingHistory history) throws IOException {
        Path file = folder.resolve("expected.png");
        history.plot(file);
        return Files.readAllBytes(file);
    }
}
