package org.transfer4j.internal.gradient;

import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.backbone.Precision;

/** Prints by how many kilobytes the process grows over some thousand steps of training; run by {@link GradientLeakTest}. */
final class GradientMemoryGrowth {
    private static final int STEPS = 1_000;

    private GradientMemoryGrowth() {}

    public static void main(String[] arguments) throws Exception {
        TestNetwork network = GradientLeakTest.network();
        DataSet whole = network.batch(4, 1);
        DataSet shorter = network.batch(3, 2);
        // on a busy machine nearly all of the time of so little work is threads that wait for each other
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
        try (OneDnnGraph graph = TestNetwork.filled(new OneDnnGraph(network.configuration(), Precision.FLOAT32))) {
            train(graph, whole, shorter);
            long before = settledKilobytes();
            train(graph, whole, shorter);
            System.out.println("kilobytes " + (settledKilobytes() - before));
        }
    }

    private static void train(OneDnnGraph graph, DataSet whole, DataSet shorter) {
        for (int i = 0; i < STEPS; i++) {
            graph.fit(whole);
            graph.fit(shorter);
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
