package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;

class PretrainTinyResNetTest {
    private static final TinyImageNet.Counts COUNTS = new TinyImageNet.Counts(2, 20, 8);

    @TempDir
    private Path folder;

    private Path archive;
    private int exitCode;

    @BeforeEach
    void anArchive() throws IOException {
        archive = TinyImageNetTest.pack(folder.resolve("tiny.tar.xz"), TinyImageNetTest.files(COUNTS));
    }

    private String[] arguments(String sides, String epochs, String rates, String to) {
        return new String[] {
            "--archive",
            archive.toString(),
            "--data",
            folder.resolve("data").toString(),
            "--sides",
            sides,
            "--epochs",
            epochs,
            "--rates",
            rates,
            "--average",
            "0.5",
            "--batch",
            "8",
            "--folder",
            folder.resolve(to).toString(),
            "--test"
        };
    }

    private String run(String sides, String epochs, String rates) {
        return run(arguments(sides, epochs, rates, "run"));
    }

    private String run(String[] arguments) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        exitCode = PretrainTinyResNet.run(new PrintStream(printed, true, StandardCharsets.UTF_8), COUNTS, arguments);
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** The program in a process that ends at once, wherever it is, when there is a checkpoint. */
    public static final class Killed {
        private static final int LIKE_KILL_9 = 137;

        private Killed() {}

        public static void main(String[] args) {
            Path checkpoint = Path.of(args[args.length - 2]).resolve("training.checkpoint");
            Thread killer = new Thread(() -> {
                while (!Files.exists(checkpoint)) {
                    Thread.onSpinWait();
                }
                Runtime.getRuntime().halt(LIKE_KILL_9);
            });
            killer.setDaemon(true);
            killer.start();
            PretrainTinyResNet.run(System.out, COUNTS, args);
        }
    }

    @Test
    void killedItGoesOnToTheSameWeights() throws Exception {
        String[] killed = arguments("32,48", "5,1", "0.05,0.02", "run");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // the bits are those of a number of threads, which may be a property of this JVM
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Killed.class.getName()));
        command.addAll(List.of(killed));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("killed.log").toFile())
                .start();
        assertThat(process.waitFor()).isEqualTo(Killed.LIKE_KILL_9);
        assertThat(folder.resolve("run/tinyresnet.safetensors")).doesNotExist();

        run(killed);
        assertThat(exitCode).isZero();
        run(arguments("32,48", "5,1", "0.05,0.02", "never killed"));
        assertThat(folder.resolve("run/tinyresnet.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("never killed/tinyresnet.safetensors"));
    }

    @Test
    void learnsInThreeSizesAndLeavesWeightsAndCurves() throws IOException {
        String text = run("32,48,64", "2,1,1", "0.05,0.03,0.01");
        assertThat(exitCode).as(text).isZero();
        assertThat(text)
                .contains("time in all")
                .containsPattern("accuracy on 4 held-out images: [01]")
                .containsPattern("accuracy on 8 validation images: (0\\.[89]|1\\.0)");
        assertThat(folder.resolve("run").resolve("curves.png")).isNotEmptyFile();
        Path weights = folder.resolve("run").resolve("tinyresnet.safetensors");
        ImageDataset images = ImageDataset.folder(folder.resolve("data").resolve("val"));
        assertThat(TransferLearner.tinyResNet()
                        .weights(Weights.file(weights))
                        .features(images)
                        .shape())
                .containsExactly(8, 512, 10, 10);

        byte[] trained = Files.readAllBytes(weights);
        FileTime before = Files.getLastModifiedTime(folder.resolve("run").resolve("training.checkpoint"));
        assertThat(run("32,48,64", "2,1,1", "0.05,0.03,0.01"))
                .as("the training is over: nothing is trained again")
                .contains("accuracy on 8");
        assertThat(Files.readAllBytes(weights)).isEqualTo(trained);
        assertThat(Files.getLastModifiedTime(folder.resolve("run").resolve("training.checkpoint")))
                .isEqualTo(before);
    }

    @Test
    void aCheckpointOfAnotherRecipeIsNotGoneOnFrom() throws IOException {
        run("32", "1", "0.05");
        byte[] checkpoint = Files.readAllBytes(folder.resolve("run").resolve("training.checkpoint"));
        run("32", "1", "0.06");
        assertThat(exitCode).isNotZero();
        assertThat(Files.readAllBytes(folder.resolve("run").resolve("training.checkpoint")))
                .isEqualTo(checkpoint);
    }

    @Test
    void phasesNeedAsManyRatesAsSides() {
        run("32,48,64", "2,1,1", "0.1");
        assertThat(exitCode).isNotZero();
        assertThat(folder.resolve("data"))
                .as("said before anything is unpacked")
                .doesNotExist();
    }
}
