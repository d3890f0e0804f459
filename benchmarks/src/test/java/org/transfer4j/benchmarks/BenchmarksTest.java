package org.transfer4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class BenchmarksTest {
    private final PrintStream standard = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void listen() {
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void stopListening() {
        System.setOut(standard);
    }

    @Test
    void scriptsFindTheThroughputInTheLastLine() {
        int exitCode = Benchmarks.run("features", "--size", "32", "--batch", "2", "--images", "4");
        assertThat(exitCode).isZero();
        assertThat(lastLine()).matches("images/s: [1-9][0-9]*\\.[0-9]+");
    }

    @Test
    void scriptsFindTheLatencyInTheLastLine() {
        int exitCode = Benchmarks.run("latency", "--size", "32", "--images", "3");
        assertThat(exitCode).isZero();
        assertThat(lastLine()).matches("p50 ms: [0-9]+\\.[0-9]+");
    }

    @Test
    void anUnknownNetworkIsRefused() {
        assertThat(Benchmarks.run("features", "--backbone", "alexnet")).isNotZero();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void comparisonsAreOneRowEachWithRatios(@TempDir Path folder) throws IOException {
        // a peer that says what peers say: 2 images a second, 2 ms an image
        Path peer = Files.writeString(folder.resolve("python"), "#!/bin/sh\necho 'warming up'\necho 'figure: 2'\n");
        Files.setPosixFilePermissions(peer, PosixFilePermissions.fromString("rwx------"));

        int exitCode = Benchmarks.run(
                "compare", "--python", peer.toString(), "--rounds", "1", "--case", "features:32:2:4,latency:32:1:3");

        assertThat(exitCode).isZero();
        List<String> rows =
                printed.toString(StandardCharsets.UTF_8).strip().lines().toList();
        assertThat(rows).hasSize(4);
        assertThat(rows.get(2))
                .startsWith("| features 32x32 batch 2, images/s |")
                .contains("| 2.0 | 2.0 |");
        assertThat(rows.get(3)).startsWith("| latency 32x32 batch 1, p50 ms |").contains("| 2.0 | 2.0 |");
        double ours = Double.parseDouble(rows.get(2).split("\\|", -1)[2]);
        double ratio = Double.parseDouble(rows.get(2).split("\\|", -1)[5]);
        assertThat(ratio).isCloseTo(ours / 2, within(0.06));
    }

    @Test
    void aCaseThatIsNoneIsRefused() {
        assertThat(Benchmarks.run("compare", "--case", "training:1")).isNotZero();
    }

    @Test
    void aPeerThatFailsEndsTheComparison(@TempDir Path folder) {
        String missing = folder.resolve("no-python").toString();
        assertThat(Benchmarks.run("compare", "--python", missing, "--rounds", "1", "--case", "latency:32:1:1"))
                .isNotZero();
    }

    private String lastLine() {
        return printed.toString(StandardCharsets.UTF_8).strip().lines().reduce("", (first, second) -> second);
    }
}
