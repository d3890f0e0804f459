package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningRateCurveTest {
    /** The rate of a step is its number, from 1. */
    private static LearningRateCurve curve(int size, IntToDoubleFunction losses) {
        return new LearningRateCurve(
                IntStream.rangeClosed(1, size).mapToObj(i -> (double) i).toList(),
                IntStream.rangeClosed(1, size).mapToObj(losses::applyAsDouble).toList());
    }

    /** Level to 30, down to 70, up: the valley's middle is 50. */
    @Test
    void theSuggestionIsTheMiddleOfTheValley() {
        LearningRateCurve curve = curve(100, i -> i <= 30 ? 4 : i <= 70 ? 4 - (i - 30) / 20.0 : i / 10.0);
        assertThat(curve.suggestion()).isBetween(48.0, 51.0);
        assertThat(curve).hasToString("100 learning rates from 1.0 to 100.0, suggestion " + curve.suggestion());
    }

    @Test
    void aLongValleyBeatsADeepFall() {
        LearningRateCurve curve =
                curve(100, i -> i <= 20 ? 9 : i <= 70 ? 9 - i / 100.0 : i <= 74 ? 20 - 2 * (i - 70) : 30);
        assertThat(curve.suggestion()).isBetween(43.0, 47.0);
    }

    @Test
    void aShortCurveHasASuggestionToo() {
        assertThat(curve(1, i -> 3).suggestion()).isEqualTo(1);
        assertThat(curve(3, i -> -i).suggestion()).isEqualTo(2);
        assertThat(curve(40, i -> i).suggestion()).isBetween(4.0, 6.0);
    }

    @Test
    void thePlotIsAPicture(@TempDir Path folder) throws IOException {
        Path png = folder.resolve("rates.plot");
        LearningRateCurve curve = curve(100, i -> Math.abs(i - 60));
        curve.plot(png);
        BufferedImage image = ImageIO.read(png.toFile());
        assertThat(image.getWidth()).isEqualTo(800);
        assertThat(image.getHeight()).isEqualTo(500);
        assertThat(IntStream.range(0, 500).mapToObj(y -> image.getRGB(400, y)).distinct())
                .as("colours in a column")
                .hasSizeGreaterThan(2);
    }

    @Test
    void aFolderThatIsNotThereIsAnError(@TempDir Path folder) {
        Path png = folder.resolve("missing").resolve("rates.png");
        assertThatThrownBy(() -> curve(3, i -> i).plot(png))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(png.toString());
    }

    @Test
    void ratesAndLossesBelongTogether() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LearningRateCurve(List.of(1.0), List.of()))
                .withMessageEndingWith("got 1 and 0");
        assertThatIllegalArgumentException().isThrownBy(() -> new LearningRateCurve(List.of(), List.of()));
    }
}
