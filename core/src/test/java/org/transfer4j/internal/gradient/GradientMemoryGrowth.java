package org.transfer4j.internal.gradient;

import java.util.concurrent.Callable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.backbone.Precision;
import org.transfer4j.testing.MemoryLeft;

/** Prints how many bytes two steps of training leave behind; run by {@link GradientLeakTest}. */
final class GradientMemoryGrowth {
    /** The smallest thing that a step could lose are a few hundred bytes, the activations of one layer 16 kB. */
    static final long FEW_BYTES = 2_000;

    private static final int ROUNDS = 500;

    private GradientMemoryGrowth() {}

    public static void main(String[] arguments) throws Exception {
        TestNetwork network = GradientLeakTest.network();
        DataSet whole = network.batch(4, 1);
        DataSet shorter = network.batch(3, 2);
        // on a busy machine nearly all of the time of so little work is threads that wait for each other
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
        try (OneDnnGraph graph = TestNetwork.filled(new OneDnnGraph(network.configuration(), Precision.FLOAT32))) {
            Callable<Void> steps = () -> {
                graph.fit(whole);
                graph.fit(shorter);
                return null;
            };
            System.out.println("bytes " + MemoryLeft.bytesARound(steps, ROUNDS, FEW_BYTES));
        }
    }
}
