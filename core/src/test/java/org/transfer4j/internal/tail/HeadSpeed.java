package org.transfer4j.internal.tail;

import java.nio.file.Path;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;

/**
 * Measures the training of a head on features in a file, batch 128: not a test. Its peer is {@code dense_head_speed.py}.
 *
 * <p>Arguments: width, images, hidden units or 0, epochs, sgd or adam, dense or graph.
 */
final class HeadSpeed {
    private static final int CLASSES = 10;
    private static final int BATCH = 128;

    private HeadSpeed() {}

    public static void main(String[] arguments) {
        int width = Integer.parseInt(arguments[0]);
        int images = Integer.parseInt(arguments[1]);
        int hidden = Integer.parseInt(arguments[2]);
        int epochs = Integer.parseInt(arguments[3]);
        Optimizer optimizer = arguments[4].equals("adam") ? Optimizer.adam(1e-3) : Optimizer.sgd(0.01);
        TrainingLoss loss = TrainingLoss.crossEntropy();
        TestHead head = TestHead.on(width);
        ComputationGraphConfiguration graph = (hidden == 0 ? head : head.dense(hidden)).classes(CLASSES);
        try (Examples examples = features(width, images);
                Tail tail = arguments[5].equals("dense")
                        ? Tails.create(graph, optimizer, loss, 1)
                        : new GraphTail(graph, optimizer, loss)) {
            InitialWeights.fill(graph, tail.parameters(), 1);
            TailTrainer trainer = new TailTrainer(tail, optimizer, loss, BATCH, 1, new FitListener() {
                @Override
                public void epochFinished(EpochRecord epoch) {
                    System.out.printf(
                            "epoch %d images/s: %.0f loss %.4f%n",
                            epoch.epoch(), epoch.imagesPerSecond(), epoch.loss());
                }
            });
            trainer.train(examples, null, epochs);
            long start = System.nanoTime();
            Scores scores = Scores.of(tail, loss, examples, BATCH);
            System.out.printf(
                    "scoring images/s: %.0f loss %.4f%n", images / ((System.nanoTime() - start) / 1e9), scores.loss());
        }
    }

    private static Examples features(int width, int images) {
        FeatureStore store =
                FeatureStore.create(Path.of(System.getProperty("java.io.tmpdir")), new long[] {width}, images);
        Random random = new Random(1);
        for (int done = 0; done < images; done += BATCH) {
            int count = Math.min(BATCH, images - done);
            float[] values = new float[count * width];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat();
            }
            try (INDArray batch =
                    Nd4j.createFromArray(values).castTo(DataType.FLOAT).reshape(count, width)) {
                store.append(batch, random.ints(count, 0, CLASSES).toArray());
            }
        }
        return store;
    }
}
