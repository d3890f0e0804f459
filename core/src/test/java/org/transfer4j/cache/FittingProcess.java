package org.transfer4j.cache;

import static org.transfer4j.cache.Experiments.learner;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.TransferLearner;
import org.transfer4j.head.Head;
import org.transfer4j.training.FitListener;

/**
 * Fits in a process of its own: the folder of the cache, the number of images, and after how many of them it stands
 * still for ever. Without the last it prints how many it computed, and the hash of the network's weights.
 */
final class FittingProcess {
    private FittingProcess() {}

    /** Rows of 64 kB, of which a chunk holds 1,024. */
    static TransferLearner wide() {
        return learner().epochs(1).batchSize(128).head(Head.flatten());
    }

    static int hash(INDArray weights) {
        return Arrays.hashCode(weights.toFloatVector());
    }

    public static void main(String[] arguments) {
        FeatureCache cache = FeatureCache.in(Path.of(arguments[0]));
        int images = Integer.parseInt(arguments[1]);
        long standstill = arguments.length > 2 ? Long.parseLong(arguments[2]) : Long.MAX_VALUE;
        ComputedImages computed = new ComputedImages();
        TransferLearner learner = wide().listener(computed).listener(new FitListener() {
            @Override
            public void featuresAdvanced(long done) {
                if (done >= standstill) {
                    System.out.println("standing still");
                    standStill();
                }
            }
        });
        System.out.println("started");
        INDArray weights = Experiments.weights(learner, cache, Experiments.digits(images));
        System.out.println("computed " + computed.images() + ", weights " + hash(weights));
    }

    private static void standStill() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts it", e);
        }
    }
}
