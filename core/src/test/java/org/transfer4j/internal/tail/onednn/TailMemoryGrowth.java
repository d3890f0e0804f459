package org.transfer4j.internal.tail.onednn;

import java.util.concurrent.Callable;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.testing.MemoryLeft;

/** Prints how many bytes two steps of training leave behind; run by {@link TailLeakTest}. */
final class TailMemoryGrowth {
    /** The smallest thing that a step could lose are a few hundred bytes, the activations of one layer 16 kB. */
    static final long FEW_BYTES = 2_000;

    private static final int ROUNDS = 500;

    private TailMemoryGrowth() {}

    public static void main(String[] arguments) throws Exception {
        TestNetwork network = TailLeakTest.network();
        Batch whole = network.batch(4, 1);
        Batch shorter = network.batch(3, 2);
        // on a busy machine nearly all of the time of so little work is threads that wait for each other
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
        try (OneDnnTail tail = network.own(TestNetwork.sgd())) {
            Callable<Void> steps = () -> {
                tail.train(whole, 0.001);
                tail.train(shorter, 0.001);
                return null;
            };
            System.out.println("bytes " + MemoryLeft.bytesARound(steps, ROUNDS, FEW_BYTES));
        }
    }
}
