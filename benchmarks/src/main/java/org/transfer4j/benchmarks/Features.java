package org.transfer4j.benchmarks;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.benchmarks.SampleImages.Origin;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.FeatureStream;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;
import picocli.CommandLine;

/** How many images a second pass the frozen layers, as in a pass over a dataset, from memory or from files, after a warm-up. */
@CommandLine.Command(name = "features", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Features implements Callable<Integer> {
    @CommandLine.Mixin
    private FrozenNetwork network = new FrozenNetwork();

    @CommandLine.Option(names = "--batch", converter = Benchmarks.Count.class, defaultValue = "8")
    private int batch;

    @CommandLine.Option(
            names = "--images",
            converter = Benchmarks.Count.class,
            defaultValue = "64",
            description = "how many images are measured")
    private int images;

    @CommandLine.Option(
            names = "--from",
            defaultValue = "MEMORY",
            description =
                    "${COMPLETION-CANDIDATES}: preprocessed arrays, 500x375 JPEGs, 32x32 JPEGs, 28x28 PNGs, 28x28 IDX")
    private Origin from = Origin.MEMORY;

    @CommandLine.Mixin
    private OtherWork otherWork = new OtherWork();

    @Override
    public Integer call() throws Exception {
        try (Trunk trunk = network.compile().forPasses(batch)) {
            System.out.println("engine: " + trunk.engine());
            int batches = Math.max(1, images / batch);
            double seconds = from == Origin.MEMORY ? fromMemory(trunk, batches) : fromFiles(trunk, batches);
            System.out.println(String.format(Locale.ROOT, "images/s: %.2f", batches * batch / seconds));
        }
        return 0;
    }

    private double fromMemory(Trunk trunk, int batches) throws Exception {
        try (INDArray input = network.images(batch)) {
            infer(trunk, new Repeated(input, warmUp(batches)));
            return otherWork.beside(() -> {
                long start = System.nanoTime();
                infer(trunk, new Repeated(input, batches));
                return secondsSince(start);
            });
        }
    }

    private static void infer(Trunk trunk, BatchStream images) {
        try (BatchStream features = new FeatureStream(images, trunk)) {
            while (features.hasNext()) {
                features.next();
            }
        }
    }

    /** From the list of the files to the last image's features, nothing decoded beforehand. */
    private double fromFiles(Trunk trunk, int batches) throws Exception {
        try (SampleImages samples = SampleImages.write(from, batches * batch)) {
            System.out.println("bytes an image: " + samples.bytes() / ((long) batches * batch));
            infer(trunk, decoded(samples.open().limit(warmUp(batches) * batch)));
            return otherWork.beside(() -> {
                long start = System.nanoTime();
                infer(trunk, decoded(samples.open()));
                return secondsSince(start);
            });
        }
    }

    private BatchStream decoded(ImageDataset data) {
        return new DatasetSource(data)
                .open(new NetworkInput(network.size(), network.size(), ImagePreprocessing.caffe()), batch);
    }

    /** The same batch again and again. */
    private static final class Repeated implements BatchStream {
        private final INDArray images;
        private int left;

        Repeated(INDArray images, int times) {
            this.images = images;
            this.left = times;
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public Batch next() {
            left--;
            return Batch.unlabelled(images);
        }

        @Override
        public void close() {
            // the images are the caller's
        }
    }

    private static int warmUp(int batches) {
        return Math.max(1, batches / 4);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
