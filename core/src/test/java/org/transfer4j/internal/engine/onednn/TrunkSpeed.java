package org.transfer4j.internal.engine.onednn;

import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;

/**
 * Measures the trunk of VGG16 with random weights; not a test. Arguments: pairs of image size and batch size, such as
 * {@code 224 8 48 32}; {@code -Dseconds=10} is how long each is measured. The best of all runs counts, for others may
 * use the CPU.
 */
final class TrunkSpeed {
    private TrunkSpeed() {}

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < arguments.length; i += 2) {
            measure(Integer.parseInt(arguments[i]), Integer.parseInt(arguments[i + 1]));
        }
    }

    private static void measure(int size, int batch) throws Exception {
        TestGraph vgg = TestGraph.vgg(64, size);
        ComputationGraph graph = vgg.build();
        long start = System.nanoTime();
        try (OneDnnTrunk trunk = TestGraph.compile(
                graph, vgg.inputShape(), Precision.valueOf(System.getProperty("precision", "FLOAT32")))) {
            double compiled = millisecondsSince(start);
            INDArray images = vgg.images(batch);
            start = System.nanoTime();
            INDArray first = trunk.infer(images);
            double firstRun = millisecondsSince(start);
            double best = Double.MAX_VALUE;
            long end = System.nanoTime() + Integer.getInteger("seconds", 10) * 1_000_000_000L;
            while (System.nanoTime() < end) {
                start = System.nanoTime();
                trunk.infer(images).close();
                best = Math.min(best, millisecondsSince(start));
            }
            System.out.printf(
                    "%s, %dx%d, batch %d: %.1f images/s (best %.2f ms), compiled in %.0f ms, first run %.0f ms, %s%n",
                    trunk.engine(), size, size, batch, 1000 * batch / best, best, compiled, firstRun, residentMemory());
            if (Boolean.getBoolean("check")) {
                System.out.println(
                        "relative error against DL4J: " + RelativeError.worst(first, graph.outputSingle(images)));
            }
        }
    }

    private static double millisecondsSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    private static String residentMemory() throws Exception {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return "";
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("RssAnon"))
                .findFirst()
                .orElse("");
    }
}
