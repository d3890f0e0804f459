package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FineTuneInPhasesTest {
    @TempDir
    private Path folder;

    private String run() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = FineTuneInPhases.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--blocks",
                "2",
                "--limit",
                "200",
                "--epochs",
                "2",
                "--plot",
                folder.resolve("plot.png").toString(),
                "--checkpoints",
                folder.resolve("run").toString());
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        return text;
    }

    @Test
    void threePhasesAreTrainedDrawnAndNotRepeated() {
        String first = run();
        assertThat(first)
                .contains("RANDOM weights")
                .contains("suggested learning rate")
                .containsPattern("after phase 3: [01]\\.[0-9]{4}");
        assertThat(folder.resolve("plot.png")).isNotEmptyFile();
        assertThat(run())
                .as("the checkpoint is complete")
                .contains(first.substring(first.indexOf("accuracy on the test images")))
                .doesNotContain("Epoch");
    }

    /** Not where in the code. */
    @Test
    void whatIsWrongIsSaidInOneLine() {
        PrintStream standard = System.err;
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            assertThat(FineTuneInPhases.run(System.out, "--blocks", "1")).isEqualTo(1);
        } finally {
            System.setErr(standard);
        }
        assertThat(errors.toString(StandardCharsets.UTF_8))
                .contains("--blocks is 2 to 5, got 1")
                .doesNotContain("\tat ");
    }
}
