package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DefaultFitsTest {
    private static List<Double> accuracies(String line) {
        return Stream.of(line.split(" "))
                .filter(cell -> cell.endsWith("%"))
                .map(cell -> Double.parseDouble(cell.replace("%", "")))
                .toList();
    }

    @Test
    void theDefaultIsNearTheBestOfNineChoices() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = DefaultFits.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8), "--limit", "200", "--per-class", "10");
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        List<String> rows = text.lines().skip(2).toList();
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0)).startsWith("| digits, 10 a class |");
        assertThat(rows.get(1)).startsWith("| digits, 200 |");
        // default, best, and what ten epochs gave
        assertThat(rows)
                .map(DefaultFitsTest::accuracies)
                .allSatisfy(accuracies -> assertThat(accuracies.get(0)).isGreaterThan(accuracies.get(1) - 2));
        assertThat(accuracies(rows.get(0)).get(0))
                .isGreaterThan(accuracies(rows.get(0)).get(2));
    }
}
