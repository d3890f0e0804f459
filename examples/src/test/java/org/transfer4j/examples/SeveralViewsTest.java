package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeveralViewsTest {
    @Test
    void printsATable() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = SeveralViews.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--limit",
                "200",
                "--test-limit",
                "60",
                "--side",
                "32",
                "--draws",
                "1");
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        List<String> rows = text.lines().skip(2).toList();
        assertThat(rows).hasSize(3).allMatch(row -> row.startsWith("| digits | "));
        for (String row : rows) {
            String[] cells = row.split("\\|", -1);
            assertThat(cells).as(row).hasSize(8);
            assertThat(Double.parseDouble(cells[3].split(",", -1)[0])).as(row).isBetween(70.0, 100.0);
            assertThat(cells[4]).as("a mirrored digit is none: %s", row).isNotEqualTo(cells[3]);
        }
    }
}
