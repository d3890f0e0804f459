package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LinearProbeTest {
    private static List<Double> accuracies(String line) {
        return Stream.of(line.split("\\s+"))
                .filter(cell -> cell.endsWith("%"))
                .map(cell -> Double.parseDouble(cell.replace("%", "")))
                .toList();
    }

    @Test
    void printsATableOfAccuracies() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = LinearProbe.run(new PrintStream(printed, true, StandardCharsets.UTF_8), "--epochs", "10");
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        List<String> lines = text.lines().toList();
        assertThat(lines.get(1).toLowerCase(Locale.ROOT))
                .containsSubsequence("pixels", "random block2", "pretrained block2");
        assertThat(lines.get(2)).startsWith("100 digits");
        assertThat(lines.get(3)).startsWith("1,438 digits");
        List<Double> few = accuracies(lines.get(2));
        List<Double> all = accuracies(lines.get(3));
        assertThat(few).hasSize(5);
        assertThat(all).hasSize(5).allSatisfy(accuracy -> assertThat(accuracy).isBetween(70.0, 100.0));
        // what was learned from photographs helps with digits, most where there are few
        assertThat(few.get(2)).isGreaterThan(few.get(0));
    }
}
