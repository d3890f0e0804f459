package org.transfer4j.benchmarks;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.trunk.Trunk;
import picocli.CommandLine;

/** How many images a second pass the frozen layers, from arrays in memory, after a warm-up. */
@CommandLine.Command(name = "features", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Features implements Callable<Integer> {
    @CommandLine.Mixin
    private FrozenNetwork network = new FrozenNetwork();

    @CommandLine.Option(names = "--batch", defaultValue = "8")
    private int batch;

    @CommandLine.Option(names = "--images", defaultValue = "64", description = "how many images are measured")
    private int images;

    @Override
    public Integer call() {
        try (Trunk trunk = network.compile();
                INDArray input = network.images(batch)) {
            System.out.println("engine: " + trunk.engine());
            int batches = Math.max(1, images / batch);
            run(trunk, input, Math.max(1, batches / 4));
            long start = System.nanoTime();
            run(trunk, input, batches);
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.println(String.format(Locale.ROOT, "images/s: %.2f", batches * batch / seconds));
        }
        return 0;
    }

    private static void run(Trunk trunk, INDArray input, int times) {
        for (int i = 0; i < times; i++) {
            trunk.infer(input).close();
        }
    }
}
