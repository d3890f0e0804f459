package org.transfer4j.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.transfer4j.benchmarks.Benchmarks.ClassPath;
import org.transfer4j.benchmarks.Case.Peer;
import picocli.CommandLine;

/**
 * The library and its peers side by side, each in a process of its own, in turn, several rounds; one table of medians of
 * the rounds' ratios. For people who have Python with keras, tensorflow-cpu and onnxruntime.
 */
@CommandLine.Command(name = "compare", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Compare implements Callable<Integer> {
    @CommandLine.Option(
            names = "--case",
            split = ",",
            defaultValue = "features:224:8:64,features:224:32:96,features:48:32:1024,latency:224:1:30,"
                    + "photos:224:32:256,idx:48:32:4096,png:48:32:4096,jpeg:48:32:4096,"
                    + "head:512:128:60000,head:25088:128:6400,hidden:512:128:60000,hidden:25088:128:6400",
            description = "kind:size:batch:images, several with commas")
    private List<Case> cases = List.of();

    @CommandLine.Option(
            names = "--beside",
            split = ",",
            defaultValue = "KERAS,ONNX_RUNTIME,DL4J,MEMORY",
            description = "${COMPLETION-CANDIDATES}, several with commas")
    private List<Peer> peers = List.of();

    @CommandLine.Option(
            names = "--python",
            defaultValue = "python3",
            description = "the interpreter that has the peers")
    private String python = "python3";

    @CommandLine.Option(names = "--peers", defaultValue = "peers", description = "the folder of the peers' scripts")
    private Path scripts = Path.of("peers");

    @CommandLine.Option(names = "--rounds", defaultValue = "9")
    private int rounds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.out.println(Figures.header(peers));
        for (Case measured : cases) {
            System.out.println(measure(measured).row(peers));
        }
        return 0;
    }

    private Figures measure(Case measured) throws IOException, InterruptedException {
        Figures figures = new Figures(measured, rounds);
        for (int round = 0; round < rounds; round++) {
            figures.library(round, own(measured, measured.arguments()).figure());
            for (Peer peer : peers) {
                if (measured.isBeside(peer)) {
                    figures.peer(peer, round, process(measured, peer).figure());
                }
            }
        }
        return figures;
    }

    private MeasuringProcess process(Case measured, Peer peer) {
        List<String> arguments = measured.arguments(peer);
        return switch (peer) {
            case KERAS -> python(measured.kerasScript(), arguments);
            case ONNX_RUNTIME -> python("onnxruntime_vgg16.py", arguments);
            case DL4J, MEMORY -> own(measured, arguments);
        };
    }

    /** What takes memory is not told how much there is. */
    private static MeasuringProcess own(Case measured, List<String> arguments) {
        return measured.isMemory() ? MeasuringProcess.plainJava(arguments) : MeasuringProcess.java(arguments);
    }

    private MeasuringProcess python(String script, List<String> arguments) {
        return MeasuringProcess.python(python, scripts.resolve(script), arguments);
    }

    /** What was measured for one case, by round: one row of the table. */
    static final class Figures {
        private static final String NONE = "-";

        private final Case measured;
        private final double[] library;
        private final Map<Peer, double[]> peers = new EnumMap<>(Peer.class);

        Figures(Case measured, int rounds) {
            this.measured = measured;
            this.library = new double[rounds];
        }

        void library(int round, double figure) {
            library[round] = figure;
        }

        void peer(Peer peer, int round, double figure) {
            peers.computeIfAbsent(peer, any -> new double[library.length])[round] = figure;
        }

        static String header(List<Peer> columns) {
            StringBuilder header = new StringBuilder("| | Transfer4J |");
            StringBuilder line = new StringBuilder("|---|---|");
            for (Peer peer : columns) {
                header.append(" over ").append(peer.title()).append(" |");
                line.append("---|");
            }
            return header + System.lineSeparator() + line;
        }

        /**
         * The library's median; for each peer the median of how many times faster, or smaller, the library was in each round, and in
         * brackets the peer's median.
         */
        String row(List<Peer> columns) {
            StringBuilder row = new StringBuilder("| " + measured + " | " + rounded(median(library)) + " |");
            for (Peer peer : columns) {
                double[] figures = peers.get(peer);
                row.append(' ').append(figures == null ? NONE : cell(figures)).append(" |");
            }
            return row.toString();
        }

        /** A round's two figures were measured one after the other: the machine was most likely as fast in both. */
        private String cell(double[] peer) {
            double[] ratios = new double[library.length];
            for (int round = 0; round < ratios.length; round++) {
                double faster = library[round] / peer[round];
                ratios[round] = measured.isCost() ? 1 / faster : faster;
            }
            return String.format(Locale.ROOT, "%.2f (%s)", median(ratios), rounded(median(peer)));
        }

        private static String rounded(double figure) {
            return String.format(Locale.ROOT, figure < 1000 ? "%.1f" : "%.0f", figure);
        }

        private static double median(double[] values) {
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            return sorted[sorted.length / 2];
        }
    }

    /** A program in a process of its own that prints one figure in its last line, after a colon. */
    record MeasuringProcess(List<String> command) {
        /** DL4J's convolutions unfold their input: 3.7 GB at 224x224 and batch 32. The rest is for the arrays around it. */
        private static final List<String> MEMORY =
                List.of("-Xmx4g", "-Dorg.bytedeco.javacpp.maxbytes=12g", "-Dorg.bytedeco.javacpp.maxphysicalbytes=16g");

        /** One of our own programs. */
        static MeasuringProcess java(List<String> arguments) {
            return java(MEMORY, arguments);
        }

        /** One of our own programs, in a JVM without options. */
        static MeasuringProcess plainJava(List<String> arguments) {
            return java(List.of(), arguments);
        }

        private static MeasuringProcess java(List<String> options, List<String> arguments) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(options);
            command.add("-cp");
            // run by exec:java, the class path is that of the loader, not of the JVM
            command.add(ClassPath.ofThisProgram());
            command.add(Benchmarks.class.getName());
            command.addAll(arguments);
            return new MeasuringProcess(command);
        }

        /** A peer's script. */
        static MeasuringProcess python(String interpreter, Path script, List<String> arguments) {
            List<String> command = new ArrayList<>(List.of(interpreter, script.toString()));
            command.addAll(arguments);
            return new MeasuringProcess(command);
        }

        /** Runs it. */
        double figure() throws IOException, InterruptedException {
            Path errors = Files.createTempFile("transfer4j-benchmark", ".txt");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectError(errors.toFile())
                        .start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                int exitCode = process.waitFor();
                String last = output.substring(output.lastIndexOf('\n') + 1);
                if (exitCode != 0 || !last.contains(":")) {
                    throw new IOException(String.join(" ", command) + " ended with " + exitCode + " and printed: "
                            + output + "\n" + new String(Files.readAllBytes(errors), StandardCharsets.UTF_8).strip());
                }
                return Double.parseDouble(
                        last.substring(last.lastIndexOf(':') + 1).strip());
            } finally {
                Files.delete(errors);
            }
        }
    }
}
