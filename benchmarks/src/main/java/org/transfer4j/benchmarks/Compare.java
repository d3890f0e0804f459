package org.transfer4j.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
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
}
