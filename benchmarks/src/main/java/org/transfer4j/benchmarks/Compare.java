package org.transfer4j.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * The library and its peers side by side, each in a process of its own, in turn, several rounds; a table of medians and
 * of ratios within each round. For people who have Python with keras, tensorflow-cpu and onnxruntime.
 */
@CommandLine.Command(name = "compare", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Compare implements Callable<Integer> {
    /** What is measured in one row of the table, written kind:size:batch:images. */
    record Case(String kind, int size, int batch, int images) {
        static Case parse(String text) {
            String[] parts = text.split(":", -1);
            if (parts.length != 4 || !List.of("features", "latency").contains(parts[0])) {
                throw new CommandLine.TypeConversionException(
                        "a case is features|latency:size:batch:images, such as features:224:8:64, got " + text);
            }
            return new Case(
                    parts[0], Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
        }

        List<String> options() {
            return List.of("--size", "" + size, "--batch", "" + batch, "--images", "" + images);
        }

        @Override
        public String toString() {
            return kind + " " + size + "x" + size + " batch " + batch;
        }
    }

    @CommandLine.Option(
            names = "--case",
            split = ",",
            defaultValue = "features:224:8:64,features:224:32:96,features:48:32:1024,latency:224:1:30",
            description = "kind:size:batch:images, several with commas")
    private List<Case> cases = List.of();

    @CommandLine.Option(
            names = "--python",
            defaultValue = "python3",
            description = "the interpreter that has the peers")
    private String python = "python3";

    @CommandLine.Option(names = "--peers", defaultValue = "peers", description = "the folder of the peers' scripts")
    private Path peers = Path.of("peers");

    @CommandLine.Option(names = "--rounds", defaultValue = "3")
    private int rounds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.out.println("| | Transfer4J | Keras | ONNX Runtime | over Keras | over ONNX Runtime |");
        System.out.println("|---|---|---|---|---|---|");
        for (Case measured : cases) {
            double[][] figures = new double[3][rounds];
            for (int round = 0; round < rounds; round++) {
                figures[0][round] = figure(library(measured));
                figures[1][round] = figure(peer("keras_vgg16.py", measured));
                figures[2][round] = figure(peer("onnxruntime_vgg16.py", measured));
            }
            System.out.println(row(measured, figures));
        }
        return 0;
    }

    private String row(Case measured, double[][] figures) {
        boolean latency = measured.kind().equals("latency");
        double[] overKeras = new double[rounds];
        double[] overRuntime = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            overKeras[i] = latency ? figures[1][i] / figures[0][i] : figures[0][i] / figures[1][i];
            overRuntime[i] = latency ? figures[2][i] / figures[0][i] : figures[0][i] / figures[2][i];
        }
        return String.format(
                Locale.ROOT,
                "| %s, %s | %.1f | %.1f | %.1f | %.2f | %.2f |",
                measured,
                latency ? "p50 ms" : "images/s",
                median(figures[0]),
                median(figures[1]),
                median(figures[2]),
                median(overKeras),
                median(overRuntime));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static List<String> library(Case measured) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        // run by exec:java, the class path is that of the loader, not of the JVM
        String classPath = ClassPath.ofThisProgram();
        return Stream.concat(
                        Stream.of(java, "-Xmx4g", "-cp", classPath, Benchmarks.class.getName(), measured.kind()),
                        measured.options().stream())
                .toList();
    }

    private List<String> peer(String script, Case measured) {
        return Stream.concat(
                        Stream.of(python, peers.resolve(script).toString(), measured.kind()),
                        measured.options().stream())
                .toList();
    }

    /** The number after the colon of the last line that a program prints. */
    private static double figure(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(new ArrayList<>(command))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int exitCode = process.waitFor();
        String last = output.substring(output.lastIndexOf('\n') + 1);
        if (exitCode != 0 || !last.contains(":")) {
            throw new IOException(String.join(" ", command) + " ended with " + exitCode + " and printed: " + output);
        }
        return Double.parseDouble(last.substring(last.lastIndexOf(':') + 1).strip());
    }
}
