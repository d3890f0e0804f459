package org.transfer4j.internal.onednn;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.backbone.Precision;

/** Prints by how many kilobytes the process grows; run by {@link LeakTest} with a heap whose pages are all there. */
final class MemoryGrowth {
    private static final int RUNS = 10_000;
    private static final int COMPILATIONS = 20;

    private MemoryGrowth() {}

    public static void main(String[] arguments) throws Exception {
        TestGraph small =
                TestGraph.of(3, 8, 8).convolution(16, 3, 1, Activation.RELU).convolution(16, 3, 1, Activation.RELU);
        ComputationGraph smallDl4j = small.build();
        // on a busy machine nearly all of the time of so little work is threads that wait for each other
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
        INDArray padded = small.images(3);
        INDArray whole = small.images(4);
        try (OneDnnTrunk trunk = OneDnnTrunk.compile(smallDl4j, small.inputShape(), Precision.FLOAT32)) {
            Callable<Void> run = () -> {
                trunk.infer(padded).close();
                trunk.infer(whole).close();
                return null;
            };
            System.out.println("running " + growth(run, RUNS / 2));
        }
        // 1.2 MB of plain weights, 4.7 MB packed
        TestGraph wide = TestGraph.of(64, 8, 8).convolution(512, 3, 1, Activation.RELU);
        ComputationGraph wideDl4j = wide.build();
        INDArray images = wide.images(4);
        Callable<Void> compilation = () -> {
            try (OneDnnTrunk trunk = OneDnnTrunk.compile(wideDl4j, wide.inputShape(), Precision.FLOAT32)) {
                trunk.infer(images).close();
            }
            return null;
        };
        System.out.println("compiling " + growth(compilation, COMPILATIONS));
    }

    private static long growth(Callable<Void> work, int times) throws Exception {
        repeat(work, times);
        long before = settledKilobytes();
        repeat(work, times);
        return settledKilobytes() - before;
    }

    private static void repeat(Callable<Void> work, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            work.call();
        }
    }

    private static long settledKilobytes() throws Exception {
        System.gc();
        Thread.sleep(200); // JavaCPP's thread frees what the collector found
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssAnon")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IllegalStateException("no RssAnon in /proc/self/status");
    }
}
