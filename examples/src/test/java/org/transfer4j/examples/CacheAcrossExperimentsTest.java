package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheAcrossExperimentsTest {
    private static final Pattern EXPERIMENT = Pattern.compile("(?m)^ +[0-9.]+ +([0-9,]+)  +([01]\\.[0-9]+)  ");

    @TempDir
    private Path folder;

    private List<MatchResult> experiments(String... options) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = CacheAcrossExperiments.run(new PrintStream(printed, true, StandardCharsets.UTF_8), options);
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        assertThat(text).contains("RANDOM weights").contains("kept: 459 images");
        return EXPERIMENT.matcher(text).results().toList();
    }

    @Test
    void tenHeadsAreTriedOnOnePass() {
        String[] options = {
            "--cache", folder.toString(), "--limit", "100", "--size", "32", "--blocks", "1", "--epochs", "3"
        };
        List<MatchResult> first = experiments(options);
        assertThat(first).hasSize(10);
        assertThat(first)
                .extracting(found -> found.group(1))
                .startsWith("459", "0")
                .containsOnlyOnce("459");

        List<MatchResult> again = experiments(options);
        assertThat(again).extracting(found -> found.group(1)).containsOnly("0");
        assertThat(again)
                .extracting(found -> found.group(2))
                .isEqualTo(first.stream().map(found -> found.group(2)).toList());
    }
}
