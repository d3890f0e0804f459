package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrustedAnswersTest {
    @Test
    void printsWhatAnswersAreWorth() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = TrustedAnswers.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--backbone",
                "TINY_VGG",
                "--side",
                "32",
                "--draws",
                "2",
                "--training",
                "300",
                "--held-out",
                "200",
                "--test-limit",
                "150",
                "--unknown",
                "50");
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        List<String> lines = text.lines().toList();
        assertThat(lines.get(0)).startsWith("| Images | accuracy | calibration error before | after |");
        assertThat(lines.get(2)).startsWith("| digits | ").contains("±");
        assertThat(lines.get(4)).startsWith("| Known, unknown | AUROC of the probability | AUROC, MAHALANOBIS |");
        assertThat(lines.get(6))
                .as("noise is no digit")
                .matches("\\| digits, noise \\| [0-9.]+ ± [0-9.]+ \\| (9[5-9]|100)\\.\\d\\d ± .*");
    }
}
