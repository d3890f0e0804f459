package org.transfer4j.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import picocli.CommandLine;

/**
 * How many predictions a second a classifier makes where several threads ask for one image at a time, and where one does:
 * medians, measured in turn.
 */
@CommandLine.Command(name = "callers", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Callers implements Callable<Integer> {
    private static final int TRAINED = 4;

    @CommandLine.Parameters(paramLabel = "N", defaultValue = "8", description = "how many threads ask")
    private int callers = 8;

    @CommandLine.Option(names = "--backbone", defaultValue = "tinyvgg", description = "a backbone's name")
    private String backbone = "tinyvgg";

    @CommandLine.Option(
            names = "--size",
            converter = Benchmarks.Count.class,
            defaultValue = "32",
            description = "height and width in pixels")
    private int size;

    @CommandLine.Option(names = "--rounds", converter = Benchmarks.Count.class, defaultValue = "9")
    private int rounds;

    @CommandLine.Option(names = "--seconds", defaultValue = "1", description = "how long a round is, for each number")
    private double seconds;

    @CommandLine.Mixin
    private OtherWork otherWork = new OtherWork();

    @Override
    public Integer call() throws Exception {
        INDArray images = images();
        TransferLearner learner = TransferLearner.of(Backbones.named(backbone))
                .weights(Weights.random())
                .inputSize(size, size)
                .epochs(1);
        try (ImageClassifier classifier = learner.fit(ImageDataset.of(images, new int[] {0, 1, 0, 1}));
                INDArray image = images.slice(0).dup('c')) {
            Runnable prediction = () -> classifier.predict(image);
            predictions(callers, prediction);
            double[][] figures = new double[2][rounds];
            otherWork.beside(() -> {
                for (int round = 0; round < rounds; round++) {
                    figures[0][round] = predictions(1, prediction);
                    figures[1][round] = predictions(callers, prediction);
                }
                return figures;
            });
            print(1, figures[0]);
            print(callers, figures[1]);
        }
        return 0;
    }

    private static void print(int callers, double[] figures) {
        Arrays.sort(figures);
        System.out.println(
                String.format(Locale.ROOT, "predictions/s, callers %d: %.1f", callers, figures[figures.length / 2]));
    }

    private INDArray images() {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[TRAINED * 3 * size * size];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(256);
        }
        return Nd4j.createFromArray(values).reshape('c', TRAINED, 3, size, size);
    }

    private double predictions(int threads, Runnable prediction) throws InterruptedException, ExecutionException {
        ExecutorService asking = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Double>> each = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                each.add(asking.submit(() -> speed(prediction)));
            }
            double sum = 0;
            for (Future<Double> one : each) {
                sum += one.get();
            }
            return sum;
        } finally {
            asking.shutdown();
        }
    }

    private double speed(Runnable prediction) {
        long start = System.nanoTime();
        int done = 0;
        double taken;
        do {
            prediction.run();
            done++;
            taken = (System.nanoTime() - start) / 1e9;
        } while (taken < seconds);
        return done / taken;
    }
}
