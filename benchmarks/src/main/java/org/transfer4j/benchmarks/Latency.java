package org.transfer4j.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.trunk.Trunk;
import picocli.CommandLine;

/** How long one image, or one small batch, takes through the frozen layers: the median of many, after a warm-up. */
@CommandLine.Command(name = "latency", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Latency implements Callable<Integer> {
    @CommandLine.Mixin
    private FrozenNetwork network = new FrozenNetwork();

    @CommandLine.Option(names = "--batch", converter = Benchmarks.Count.class, defaultValue = "1")
    private int batch;

    @CommandLine.Option(
            names = "--images",
            converter = Benchmarks.Count.class,
            defaultValue = "50",
            description = "how many runs are measured")
    private int images;

    @CommandLine.Mixin
    private OtherWork otherWork = new OtherWork();

    @Override
    public Integer call() throws Exception {
        try (Trunk trunk = network.compile();
                INDArray input = network.images(batch)) {
            System.out.println("engine: " + trunk.engine());
            measure(trunk, input, 5);
            long[] nanoseconds = otherWork.beside(() -> measure(trunk, input, images));
            Arrays.sort(nanoseconds);
            System.out.println(String.format(Locale.ROOT, "p50 ms: %.2f", nanoseconds[images / 2] / 1e6));
        }
        return 0;
    }

    private static long[] measure(Trunk trunk, INDArray input, int runs) {
        long[] nanoseconds = new long[runs];
        for (int i = 0; i < runs; i++) {
            long start = System.nanoTime();
            trunk.infer(input).close();
            nanoseconds[i] = System.nanoTime() - start;
        }
        return nanoseconds;
    }
}
