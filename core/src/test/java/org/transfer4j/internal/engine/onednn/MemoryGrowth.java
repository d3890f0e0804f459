package org.transfer4j.internal.engine.onednn;

import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.backbone.Precision;
import org.transfer4j.testing.MemoryLeft;

/** Prints how many bytes a run and a compilation leave behind; run by {@link LeakTest}. */
final class MemoryGrowth {
    /** The smallest thing that a run could lose is a native object of a few hundred bytes. */
    static final long FEW_BYTES_A_RUN = 400;

    /** The packed weights alone are 4.7 MB. */
    static final long FEW_BYTES_A_COMPILATION = 500_000;

    static final long LEAKED_BYTES = 1_000;

    private static final int RUNS = 2_500;
    private static final int COMPILATIONS = 10;

    private MemoryGrowth() {}

    public static void main(String[] arguments) throws Exception {
        Callable<?> leak = () -> Pointer.malloc(LEAKED_BYTES);
        System.out.println("leaking " + MemoryLeft.bytesARound(leak, RUNS, FEW_BYTES_A_RUN));
        TestGraph small =
                TestGraph.of(3, 8, 8).convolution(16, 3, 1, Activation.RELU).convolution(16, 3, 1, Activation.RELU);
        ComputationGraph smallDl4j = small.build();
        // on a busy machine nearly all of the time of so little work is threads that wait for each other
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
        INDArray padded = small.images(3);
        INDArray whole = small.images(4);
        try (OneDnnTrunk trunk = TestGraph.compile(smallDl4j, small.inputShape(), Precision.FLOAT32)) {
            Callable<Void> run = () -> {
                trunk.infer(padded).close();
                trunk.infer(whole).close();
                return null;
            };
            System.out.println("running " + MemoryLeft.bytesARound(run, RUNS, FEW_BYTES_A_RUN));
        }
        // 1.2 MB of plain weights, 4.7 MB packed
        TestGraph wide = TestGraph.of(64, 8, 8).convolution(512, 3, 1, Activation.RELU);
        ComputationGraph wideDl4j = wide.build();
        INDArray images = wide.images(4);
        Callable<Void> compilation = () -> {
            try (OneDnnTrunk trunk = TestGraph.compile(wideDl4j, wide.inputShape(), Precision.FLOAT32)) {
                trunk.infer(images).close();
            }
            return null;
        };
        System.out.println("compiling " + MemoryLeft.bytesARound(compilation, COMPILATIONS, FEW_BYTES_A_COMPILATION));
    }
}
