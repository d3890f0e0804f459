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
import org.transfer4j.ImageRegressor;

class RotatedDigitsTest {
    private static final Pattern PREDICTED = Pattern.compile("turned by +(-?[\\d.]+) degrees, predicted +(-?[\\d.]+)");

    @TempDir
    private Path folder;

    @Test
    void learnsAnglesPrintsTheReportAndPredicts() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Path model = folder.resolve("angle.t4j");
        int exitCode = RotatedDigits.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--limit",
                "300",
                "--epochs",
                "60",
                "--loss",
                "HUBER",
                "--model",
                model.toString(),
                "--report",
                folder.resolve("report.html").toString());
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        assertThat(text).contains("learns from 300 images with 1 target: angle").contains("median abs.");
        Matcher matcher = PREDICTED.matcher(text);
        int lines = 0;
        double error = 0;
        double spread = 0;
        while (matcher.find()) {
            lines++;
            error += Math.abs(Double.parseDouble(matcher.group(1)) - Double.parseDouble(matcher.group(2)));
            spread += Math.abs(Double.parseDouble(matcher.group(1)));
        }
        assertThat(lines).isEqualTo(10);
        // with a fixed seed the same on each machine but for the last bits
        assertThat(error).isLessThan(spread / 2);
        assertThat(folder.resolve("report.html")).content().contains("Largest errors", "<svg ");
        try (ImageRegressor regressor = ImageRegressor.load(model)) {
            assertThat(regressor.targetNames()).containsExactly("angle");
        }
    }
}
