package org.transfer4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainTest {
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

    @ParameterizedTest
    @CsvSource({"vgg16, block5_conv1", "batchnorm, all"})
    void scriptsFindTheThroughputInTheLastLine(String backbone, String from) {
        int exitCode = Benchmarks.run(
                "train", "--backbone", backbone, "--from", from, "--size", "32", "--batch", "2", "--images", "4");
        assertThat(exitCode).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8).strip().lines().reduce("", (first, second) -> second))
                .matches("images/s: [0-9]+\\.[0-9]+");
    }

    @Test
    void anUnknownLayerOrNetworkIsRefused() {
        assertThat(Benchmarks.run("train", "--from", "block6_conv1")).isNotZero();
        assertThat(Benchmarks.run("train", "--backbone", "alexnet")).isNotZero();
    }
}
