package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

class FewLabelsTest {
    @Test
    void printsATableAndLeavesFeatures(@TempDir Path folder) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = FewLabels.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--backbone",
                "TINY_VGG",
                "--side",
                "32",
                "--per-class",
                "1,10",
                "--draws",
                "2",
                "--test-limit",
                "100",
                "--features",
                folder.toString());
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        List<String> lines = text.lines().toList();
        assertThat(lines.get(1)).isEqualTo("| Training images | fit | probe | prototypes | neighbours |");
        assertThat(lines.get(3)).startsWith("| digits, 1 a class |").contains("±");
        assertThat(lines.get(4)).startsWith("| digits, 10 a class |");
        assertThat(Nd4j.createFromNpyFile(
                                folder.resolve("digits_10_1_train_features.npy").toFile())
                        .shape())
                .containsExactly(100, 128);
    }

    @Test
    void labelsRoundByRound() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = FewLabels.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--backbone",
                "TINY_VGG",
                "--side",
                "16",
                "--per-class",
                "1",
                "--draws",
                "1",
                "--limit",
                "200",
                "--test-limit",
                "50",
                "--rounds",
                "2",
                "--labels",
                "15");
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        assertThat(text.lines().filter(line -> line.startsWith("digits, ")).map(line -> line.replaceAll(":.*", "")))
                .containsExactly("digits, 15 labels", "digits, 30 labels");
    }
}
