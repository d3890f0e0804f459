package org.transfer4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

    private String lastLine() {
        return printed.toString(StandardCharsets.UTF_8).strip().lines().reduce("", (first, second) -> second);
    }
}
