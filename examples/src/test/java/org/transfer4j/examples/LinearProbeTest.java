package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinearProbeTest {
    /** The figures of a row, each with half its interval. */
    private static List<double[]> cells(String row) {
        return Stream.of(row.split("\\|"))
                .filter(cell -> cell.contains("±"))
                .map(cell -> Stream.of(cell.split("±"))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
    }

    @Test
    void printsATableOfAccuraciesWithIntervals() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = LinearProbe.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--per-class",
                "10",
                "--sides",
                "32",
                "--draws",
                "3");
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        List<String> lines = text.lines().toList();
        assertThat(lines.get(1)).containsSubsequence("pixels", "tinyVgg, random", "tinyVgg", "tinyResNet");
        assertThat(lines.get(3)).startsWith("| digits, 10 a class | 32 |");
        assertThat(lines.get(4)).startsWith("| digits, 1,438 | 32 |");
        List<double[]> few = cells(lines.get(3));
        List<double[]> all = cells(lines.get(4));
        assertThat(few).hasSize(5);
        assertThat(all).hasSize(5).allSatisfy(cell -> assertThat(cell[0]).isBetween(70.0, 100.0));
        for (int i = 0; i < few.size(); i++) {
            assertThat(all.get(i)[0]).as("more images teach more").isGreaterThan(few.get(i)[0]);
            // of 359 images, an accuracy of 90% is known to about 3 points
            assertThat(few.get(i)[1]).isBetween(0.5, 12.0);
        }
    }

    /** Two colours with a little noise, as PNG files. */
    private static void writeImages(Path folder, int count) throws IOException {
        Random random = new Random(count);
        for (String colour : List.of("red", "blue")) {
            Path ofClass = Files.createDirectories(folder.resolve(colour));
            for (int i = 0; i < count; i++) {
                BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
                for (int pixel = 0; pixel < 32 * 32; pixel++) {
                    int noise = random.nextInt(0x40) * 0x010101;
                    image.setRGB(pixel % 32, pixel / 32, noise + (colour.equals("red") ? 0xa00000 : 0xa0));
                }
                ImageIO.write(image, "png", ofClass.resolve(i + ".png").toFile());
            }
        }
    }

    @Test
    void takesAFolderOfOnesOwnAndOneNetwork(@TempDir Path parent) throws IOException {
        Path folder = parent.resolve("colours");
        writeImages(folder.resolve("train"), 12);
        writeImages(folder.resolve("val"), 5);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = LinearProbe.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--no-digits",
                "--folder",
                folder.toString(),
                "--of",
                "tiny_resnet",
                "--sides",
                "32",
                "--per-class");
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        assertThat(text.lines().skip(1))
                .containsExactly(
                        "| Training images | Side | tinyResNet |",
                        "|---|---|---|",
                        "| colours, 24 | 32 | 100.0 ± 0.0 |");
    }
}
