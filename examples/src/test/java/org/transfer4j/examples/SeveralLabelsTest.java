package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SeveralLabelsTest {
    @Test
    void learnsPrintsTheReportAndPredicts() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = SeveralLabels.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8), "--limit", "600", "--epochs", "10");
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        assertThat(text).contains("below five").contains("macro").contains("mean average precision");
        // with a fixed seed the same on each machine but for the last bits
        assertThat(text.lines().filter(line -> line.contains("%  right: ["))).hasSizeGreaterThanOrEqualTo(7);
        assertThat(text.lines().filter(line -> line.contains("%  right: [") || line.contains("%  wrong: [")))
                .hasSize(10);
    }
}
