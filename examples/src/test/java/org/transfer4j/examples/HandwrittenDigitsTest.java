package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HandwrittenDigitsTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int run(String... args) {
        return HandwrittenDigits.run(new PrintStream(printed, true, StandardCharsets.UTF_8), args);
    }

    @Test
    void learnsRealDigitsSavesAndLoads() {
        Path model = folder.resolve("digits.t4j");
        int exitCode = run("--epochs", "5", "--model", model.toString());

        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        assertThat(text)
                .contains("training images: 1438 images, 10 classes")
                .contains("Model: \"tinyvgg\"")
                .doesNotContain("RANDOM weights")
                .contains("its predictions are the same");
        Matcher accuracy = Pattern.compile("accuracy +(0\\.\\d+)").matcher(text);
        assertThat(accuracy.find()).isTrue();
        assertThat(Double.parseDouble(accuracy.group(1))).isGreaterThan(0.9);
        assertThat(model).isNotEmptyFile();
    }

    @Test
    void whereTheModelCannotGoIsSaidBeforeTheWork() {
        assertThat(run("--model", folder.resolve("missing/digits.t4j").toString()))
                .isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("--model", folder.toString())).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("--epochs", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(printed.size()).isZero();
    }

    @Test
    void takesTheNotebooksNetworkAndSaysThatItKnowsNothing() {
        int exitCode = run(
                "--backbone",
                "vgg16",
                "--blocks",
                "1",
                "--weights",
                "random",
                "--size",
                "32",
                "--unit",
                "--sgd",
                "--epochs",
                "1",
                "--model",
                folder.resolve("vgg16.t4j").toString());

        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        assertThat(text).contains("RANDOM weights").contains("block1_pool").contains("unit: values 0.000 to 1.000");
    }

    @Test
    void saysWhatIsMissingWhenAFolderHasNoDataset() {
        assertThat(run("--data", "mnist", "--folder", folder.toString())).isNotZero();
    }
}
