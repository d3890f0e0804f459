package org.transfer4j.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.LogisticProbe;
import org.transfer4j.internal.thread.NativeThreads;
import picocli.CommandLine;

/**
 * How long a linear probe of 10 classes takes on features that are ready, its 10 strengths on 5 parts among it: the median
 * of all rounds but the first. Features are overlapping clouds, as the peer's.
 */
@CommandLine.Command(name = "probe", mixinStandardHelpOptions = true, showDefaultValues = true)
final class ProbeLearning implements Callable<Integer> {
    private static final int CLASSES = 10;

    @CommandLine.Option(
            names = "--width",
            converter = Benchmarks.Count.class,
            defaultValue = "384",
            description = "features of an image")
    private int width;

    @CommandLine.Option(names = "--images", converter = Benchmarks.Count.class, defaultValue = "1000")
    private int images;

    @CommandLine.Option(
            names = "--rounds",
            converter = Benchmarks.Count.class,
            defaultValue = "4",
            description = "at least 1")
    private int rounds;

    @Override
    public Integer call() {
        NativeThreads.applyToNd4j();
        int[] labels = new int[images];
        Arrays.setAll(labels, i -> i % CLASSES);
        double[] equal = new double[CLASSES];
        Arrays.fill(equal, 1);
        double[] seconds = new double[rounds];
        try (INDArray clouds = clouds();
                FeatureStore store = FeatureStore.create(
                        Path.of(System.getProperty("java.io.tmpdir")), new long[] {width}, images)) {
            store.append(new Batch(clouds, labels));
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                LogisticProbe.Learned learned;
                try (FeatureMatrix features = FeatureMatrix.of(store, width)) {
                    learned = LogisticProbe.learn(features, labels, equal);
                }
                seconds[round] = (System.nanoTime() - start) / 1e9;
                System.out.println(String.format(
                        Locale.ROOT,
                        "round %d: %.3f s, C %.3g, accuracy %.4f",
                        round + 1,
                        seconds[round],
                        learned.strength(),
                        Collections.max(learned.accuracies())));
            }
        }
        double[] steady = Arrays.copyOfRange(seconds, Math.min(1, rounds - 1), rounds);
        Arrays.sort(steady);
        System.out.println(String.format(Locale.ROOT, "seconds: %.3f", steady[steady.length / 2]));
        return 0;
    }

    /** Around a centre a class, whose distance is a fifth of the noise in each direction. */
    private INDArray clouds() {
        Random random = new Random(1);
        double[][] centres = new double[CLASSES][width];
        for (double[] centre : centres) {
            Arrays.setAll(centre, j -> 0.2 * random.nextGaussian());
        }
        float[][] rows = new float[images][width];
        for (int i = 0; i < images; i++) {
            for (int j = 0; j < width; j++) {
                rows[i][j] = (float) (centres[i % CLASSES][j] + random.nextGaussian());
            }
        }
        return Nd4j.createFromArray(rows);
    }
}
