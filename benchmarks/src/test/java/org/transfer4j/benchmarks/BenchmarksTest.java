package org.transfer4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.benchmarks.Case.Peer;
import org.transfer4j.benchmarks.Compare.Figures;
import org.transfer4j.benchmarks.Compare.MeasuringProcess;
import org.transfer4j.benchmarks.FrozenNetwork.Engine;
import org.transfer4j.benchmarks.SampleImages.Origin;

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
        assertThat(lastLine()).matches("images/s: [0-9]+\\.[0-9]+");
    }

    @Test
    void labelCurvesAreATableAndAPicture(@TempDir Path folder) {
        int exitCode = Benchmarks.run(
                "labels",
                "--pool",
                "80",
                "--test-images",
                "50",
                "--seeds",
                "2",
                "--labels",
                "10",
                "--rounds",
                "2",
                "--picture",
                folder.toString());
        assertThat(exitCode).isZero();
        assertThat(lastLine()).matches("\\| 20 \\| [0-9.]+ ± [0-9.]+ \\| [0-9.]+ ± [0-9.]+ \\| .+ \\|");
        assertThat(folder.resolve("labels-digits.png")).isNotEmptyFile();
    }

    @Test
    void theAccuracyOfProbesLeavesFeaturesForThePeer(@TempDir Path folder) {
        int exitCode = Benchmarks.run(
                "probe-accuracy",
                "--images",
                "60",
                "--test-images",
                "50",
                "--seeds",
                "2",
                "--features",
                folder.toString());
        assertThat(exitCode).isZero();
        assertThat(lastLine()).matches("digits_60: [0-9.]+% \\([0-9.]+, [0-9.]+\\)");
        assertThat(folder.resolve("digits_60_1_test_labels.npy")).isNotEmptyFile();
    }

    @Test
    void trainingFromFilesIsMeasuredBesideItsInputPipeline(@TempDir Path folder) throws IOException {
        for (int i = 0; i < 8; i++) {
            BufferedImage image = new BufferedImage(40, 32, BufferedImage.TYPE_INT_RGB);
            image.setRGB(i, i, 0xffffff);
            Path label = Files.createDirectories(folder.resolve("class" + i % 2));
            ImageIO.write(image, "jpg", label.resolve(i + ".jpg").toFile());
        }
        int exitCode = Benchmarks.run(
                "scratch", "--data", folder.toString(), "--size", "32", "--batch", "4", "--images", "8", "--augment");
        assertThat(exitCode).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8)).containsPattern("pipeline alone, images/s: [1-9]");
        assertThat(lastLine()).matches("images/s: [1-9][0-9]*\\.[0-9]+");
    }

    @Test
    void scriptsFindTheLatencyInTheLastLine() {
        int exitCode = Benchmarks.run("latency", "--size", "32", "--images", "3");
        assertThat(exitCode).isZero();
        assertThat(lastLine()).matches("p50 ms: [0-9]+\\.[0-9]+");
    }

    @Test
    void callersAreMeasuredBesideOne() {
        int exitCode = Benchmarks.run("callers", "2", "--size", "8", "--rounds", "1", "--seconds", "0.01");
        assertThat(exitCode).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("predictions/s, callers 1: ");
        assertThat(lastLine()).matches("predictions/s, callers 2: [1-9][0-9]*\\.[0-9]");
    }

    @Test
    void busyProcessesAreStartedMeasuredAndEnded() {
        int exitCode = Benchmarks.run("latency", "--size", "32", "--images", "3", "--busy", "2");
        assertThat(exitCode).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .containsPattern("CPU seconds in [0-9.]+ s: [0-9.]+, and [0-9.]+ of 2 busy processes");
        assertThat(lastLine()).startsWith("p50 ms: ");
        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void headsTrainOnBothEngines(Engine engine) {
        int exitCode = Benchmarks.run(
                "head",
                "--engine",
                engine.name(),
                "--width",
                "16",
                "--hidden",
                "8",
                "--images",
                "100",
                "--batch",
                "32");
        assertThat(exitCode).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8).lines()).hasSize(4);
        assertThat(lastLine()).matches("images/s: [0-9]+");
    }

    @Test
    void probesAreTimed() {
        int exitCode = Benchmarks.run("probe", "--width", "16", "--images", "100", "--rounds", "2");
        assertThat(exitCode).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .containsPattern("round 2: [0-9.]+ s, C [0-9.e+-]+, accuracy");
        assertThat(lastLine()).matches("seconds: [0-9]+\\.[0-9]+");
    }

    @Test
    void bothEnginesStartFromLossesOfChance() {
        Benchmarks.run("head", "--width", "16", "--images", "1000", "--epochs", "1", "--optimizer", "ADAM");
        Benchmarks.run("head", "--width", "16", "--images", "1000", "--epochs", "1", "--engine", "DL4J");
        List<Double> losses = printed.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("loss"))
                .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .toList();
        // ten classes, labels that mean nothing
        assertThat(losses).hasSize(2).allSatisfy(loss -> assertThat(loss).isCloseTo(Math.log(10), within(0.4)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Origin.class,
            names = {"PHOTOS", "IDX"})
    void filesAreDecodedAndRemoved(Origin origin) throws IOException {
        int exitCode = Benchmarks.run(
                "features",
                "--size",
                "32",
                "--batch",
                "2",
                "--images",
                "4",
                "--from",
                origin.name(),
                "--engine",
                "DL4J");
        assertThat(exitCode).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .hasSize(3)
                .first()
                .asString()
                .startsWith("engine: DL4J");
        assertThat(lastLine()).matches("images/s: [0-9]+\\.[0-9]+");
    }

    @Test
    void photographsAreAsLargeAsOnesOnWebPages() throws IOException {
        try (SampleImages samples = SampleImages.write(Origin.PHOTOS, 2)) {
            assertThat(samples.bytes()).isBetween(2 * 60_000L, 2 * 100_000L);
            assertThat(samples.open().size()).isEqualTo(2);
        }
    }

    /** Once each, so that a piece that no longer runs is noticed; what they take is not looked at. */
    @Test
    void allPiecesRun() {
        int exitCode = Benchmarks.run(
                "pieces",
                "-f",
                "0",
                "-bm",
                "ss",
                "-wi",
                "0",
                "-i",
                "1",
                "-foe",
                "true",
                "-p",
                "size=48",
                "-p",
                "batch=1",
                "-p",
                "hidden=0,256",
                "-p",
                "width=512",
                "-p",
                "rows=WIDTH_512");
        assertThat(exitCode).isZero();
        for (Class<?> piece : List.of(TrunkInference.class, DecodeAndResize.class, DenseStep.class, CacheRead.class)) {
            assertThat(printed.toString(StandardCharsets.UTF_8)).contains("\n" + piece.getSimpleName() + ".");
        }
    }

    @Test
    void photographsAreFoundAgainThatWereEncodedAgain(@TempDir Path folder) throws IOException {
        for (int i = 0; i < 10; i++) {
            BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
            for (int pixel = 0; pixel < 64 * 64; pixel++) {
                int x = pixel % 64;
                int y = pixel / 64;
                int red = (int) (127 + 127 * Math.sin((i + 1) * x / 20.0));
                int green = (int) (127 + 127 * Math.cos((i + 2) * y / 25.0));
                image.setRGB(x, y, red << 16 | green << 8 | 20 * i);
            }
            ImageIO.write(image, "jpg", folder.resolve(i + ".jpg").toFile());
        }
        assertThat(Benchmarks.run("near-duplicates", "--images", folder.toString(), "--variants", "1"))
                .isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("crop 0.00, scale 1.00, quality 0.95");
        assertThat(Benchmarks.run("near-duplicates", "--images", folder.toString(), "--variants", "2"))
                .as("too few photographs")
                .isNotZero();
    }

    @Test
    void clustersAreRowsOfATable(@TempDir Path folder) throws IOException {
        Path tasks = Files.writeString(folder.resolve("tasks.csv"), "100,1.5\n200,2.5\n400,4.5\n");
        int exitCode = Benchmarks.run(
                "simulate",
                "--tasks",
                tasks.toString(),
                "--start-seconds",
                "3",
                "--images",
                "4000",
                "--images-per-task",
                "200",
                "--executors",
                "1,2",
                "--speeds",
                "1,0.5");
        assertThat(exitCode).isZero();
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .first()
                .asString()
                .isEqualTo("one worker: 0.010000 s an image, 0.500 s a task, spread 0.000, start 3.0 s");
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("| 1 | 53.0 (53.0 to 53.0) | 75 | 0.94 | 3.68 | 0 | 0 |")
                .contains("| 2 | 28.0 (28.0 to 28.0) | 143 |")
                .contains("| [1.0, 0.5] |");
        assertThat(Benchmarks.run("simulate", "--images", "1", "--images-per-task", "1"))
                .as("without a worker's figures")
                .isNotZero();
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
                "compare",
                "--python",
                peer.toString(),
                "--rounds",
                "1",
                "--beside",
                "MEMORY,KERAS",
                "--case",
                "head:16:2:4");

        assertThat(exitCode).isZero();
        List<String> rows =
                printed.toString(StandardCharsets.UTF_8).strip().lines().toList();
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0)).isEqualTo("| | Transfer4J | over the same from memory | over Keras |");
        assertThat(rows.get(2))
                .matches(
                        "\\| training softmax on 16 features, batch 2, images/s \\| [0-9.]+ \\| - \\| [0-9.]+ \\(2.0\\) \\|");
    }

    @Test
    void figuresAreMediansOfTheRounds() {
        Figures figures = new Figures(Case.parse("features:224:8:64"), 3);
        double[] library = {30, 10, 20};
        double[] keras = {4, 1000, 5};
        for (int round = 0; round < 3; round++) {
            figures.library(round, library[round]);
            figures.peer(Peer.KERAS, round, keras[round]);
        }
        assertThat(figures.row(List.of(Peer.DL4J, Peer.KERAS)))
                .isEqualTo("| features 224x224 batch 8, images/s | 20.0 | - | 4.00 (5.0) |");
    }

    /** Of a machine that was slower in one round, in another than the one of the largest ratio. */
    @Test
    void ratiosAreOfTheSameRound() {
        Figures figures = new Figures(Case.parse("features:224:8:64"), 3);
        double[] library = {30, 15, 20};
        double[] keras = {15, 5, 20};
        for (int round = 0; round < 3; round++) {
            figures.library(round, library[round]);
            figures.peer(Peer.KERAS, round, keras[round]);
        }
        assertThat(figures.row(List.of(Peer.KERAS)))
                .isEqualTo("| features 224x224 batch 8, images/s | 20.0 | 2.00 (15.0) |");
    }

    @Test
    void theNotebooksMemoryIsComparedWithThatOfKeras() {
        Case notebook = Case.parse("notebook:224:128:512");
        assertThat(Stream.of(Peer.values()).filter(notebook::isBeside)).containsExactly(Peer.KERAS);
        assertThat(notebook.arguments(Peer.KERAS))
                .containsExactly("notebook", "--size", "224", "--batch", "128", "--images", "512");
        Figures figures = new Figures(notebook, 1);
        figures.library(0, 1000);
        figures.peer(Peer.KERAS, 0, 3000);
        assertThat(figures.row(List.of(Peer.KERAS)))
                .isEqualTo("| the notebook's job 224x224 batch 128, 512 images, peak MB | 1000 | 3.00 (3000) |");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theNotebooksMemoryIsInTheLastLine() {
        assertThat(Benchmarks.run("notebook", "--size", "32", "--batch", "4", "--images", "8"))
                .isZero();
        assertThat(lastLine()).matches("peak MB: [1-9][0-9]+");
    }

    @Test
    void ofLatenciesTheSmallerIsTheBetter() {
        Figures figures = new Figures(Case.parse("latency:224:1:30"), 1);
        figures.library(0, 50);
        figures.peer(Peer.ONNX_RUNTIME, 0, 75);
        assertThat(figures.row(List.of(Peer.ONNX_RUNTIME)))
                .isEqualTo("| latency 224x224 batch 1, p50 ms | 50.0 | 1.50 (75.0) |");
    }

    @Test
    void filesAreComparedWithMemory() {
        Case photos = Case.parse("photos:224:32:256");
        assertThat(Stream.of(Peer.values()).filter(photos::isBeside)).containsExactly(Peer.MEMORY);
        assertThat(photos.arguments()).endsWith("--from", "PHOTOS");
        assertThat(photos.arguments(Peer.MEMORY))
                .containsExactly("features", "--size", "224", "--batch", "32", "--images", "256");
    }

    @Test
    void dl4jComputesFewerImagesThroughATrunk() {
        assertThat(Case.parse("features:224:32:96").arguments(Peer.DL4J))
                .containsExactly("features", "--size", "224", "--batch", "32", "--images", "32", "--engine", "DL4J");
        assertThat(Case.parse("features:48:32:1024").arguments(Peer.DL4J)).contains("64");
        assertThat(Case.parse("hidden:512:128:60000").arguments(Peer.DL4J))
                .containsExactly(
                        "head",
                        "--width",
                        "512",
                        "--batch",
                        "128",
                        "--images",
                        "60000",
                        "--epochs",
                        "3",
                        "--hidden",
                        "256",
                        "--engine",
                        "DL4J");
    }

    @Test
    void aCaseThatIsNoneIsRefused() {
        assertThat(Benchmarks.run("compare", "--case", "features:224")).isNotZero();
        assertThat(Benchmarks.run("compare", "--case", "sleeping:224:8:64")).isNotZero();
        assertThat(Benchmarks.run("compare", "--case", "features:large:8:64")).isNotZero();
    }

    @Test
    void aPeerThatFailsEndsTheComparison(@TempDir Path folder) {
        String missing = folder.resolve("no-python").toString();
        assertThat(Benchmarks.run("compare", "--python", missing, "--rounds", "1", "--case", "head:16:2:4"))
                .isNotZero();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whyAPeerFailedIsTold(@TempDir Path folder) throws IOException {
        Path peer = Files.writeString(folder.resolve("python"), "#!/bin/sh\necho 'no keras here' >&2\nexit 3\n");
        Files.setPosixFilePermissions(peer, PosixFilePermissions.fromString("rwx------"));
        assertThatThrownBy(() -> MeasuringProcess.python(peer.toString(), Path.of("script"), List.of())
                        .figure())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended with 3")
                .hasMessageContaining("no keras here");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "latency --images 0",
                "head --epochs 0",
                "probe --rounds 0",
                "similarity --rounds 5",
                "features --batch 0",
                "labels --pool 10 --labels 5 --rounds 3"
            })
    void whatCannotBeMeasuredIsRefused(String arguments) {
        assertThat(Benchmarks.run(arguments.split(" "))).isNotZero();
        assertThat(printed.size()).isZero();
    }

    private String lastLine() {
        return printed.toString(StandardCharsets.UTF_8).strip().lines().reduce("", (first, second) -> second);
    }
}
