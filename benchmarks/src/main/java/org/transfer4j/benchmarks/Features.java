package org.transfer4j.benchmarks;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;
import picocli.CommandLine;

/** How many images a second pass the frozen layers, from arrays in memory or from files, after a warm-up. */
@CommandLine.Command(name = "features", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Features implements Callable<Integer> {
    @CommandLine.Mixin
    private FrozenNetwork network = new FrozenNetwork();

    @CommandLine.Option(names = "--batch", defaultValue = "8")
    private int batch;

    @CommandLine.Option(names = "--images", defaultValue = "64", description = "how many images are measured")
    private int images;

    @CommandLine.Option(
            names = "--from",
            defaultValue = "MEMORY",
            description =
                    "${COMPLETION-CANDIDATES}: preprocessed arrays, 500x375 JPEGs, 32x32 JPEGs, 28x28 PNGs, 28x28 IDX")
    private Origin from = Origin.MEMORY;

    @Override
    public Integer call() throws IOException {
        try (Trunk trunk = network.compile()) {
            System.out.println("engine: " + trunk.engine());
            int batches = Math.max(1, images / batch);
            double seconds = from == Origin.MEMORY ? fromMemory(trunk, batches) : fromFiles(trunk, batches);
            System.out.println(String.format(Locale.ROOT, "images/s: %.2f", batches * batch / seconds));
        }
        return 0;
    }

    private double fromMemory(Trunk trunk, int batches) {
        try (INDArray input = network.images(batch)) {
            infer(trunk, input, warmUp(batches));
            long start = System.nanoTime();
            infer(trunk, input, batches);
            return secondsSince(start);
        }
    }

    private static void infer(Trunk trunk, INDArray input, int times) {
        for (int i = 0; i < times; i++) {
            trunk.infer(input).close();
        }
    }

    /** From the list of the files to the last image's features, nothing decoded beforehand. */
    private double fromFiles(Trunk trunk, int batches) throws IOException {
        try (SampleImages samples = SampleImages.write(from, batches * batch)) {
            System.out.println("bytes an image: " + samples.bytes() / ((long) batches * batch));
            infer(trunk, samples.open().limit(warmUp(batches) * batch));
            long start = System.nanoTime();
            infer(trunk, samples.open());
            return secondsSince(start);
        }
    }

    private void infer(Trunk trunk, ImageDataset data) {
        try (BatchStream stream =
                new DatasetSource(data).open(network.size(), network.size(), ImagePreprocessing.caffe(), batch)) {
            while (stream.hasNext()) {
                trunk.infer(stream.next().features()).close();
            }
        }
    }

    private static int warmUp(int batches) {
        return Math.max(1, batches / 4);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
