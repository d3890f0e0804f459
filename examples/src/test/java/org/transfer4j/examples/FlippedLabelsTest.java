package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FlippedLabelsTest {
    @Test
    void printsATable() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = FlippedLabels.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--limit",
                "400",
                "--side",
                "32",
                "--seeds",
                "2");
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        String[] cells = text.lines().toList().get(2).split("\\|", -1);
        assertThat(cells[1].strip()).isEqualTo("digits");
        assertThat(cells[2].strip()).isEqualTo("400");
        assertThat(Double.parseDouble(cells[5].strip())).isBetween(0.6, 1.0);
        assertThat(cells[6].strip().split(" ", -1)).hasSize(2);
    }
}
