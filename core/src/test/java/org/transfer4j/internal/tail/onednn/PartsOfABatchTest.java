package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.training.Optimizer;

/** Each thread learns from a part of a batch of its own; what is learned differs by the order in which numbers are added. */
class PartsOfABatchTest {
    private static final int BATCH = 7;
    private static final double ROUNDING = 1e-5;

    // large enough for more than one thread, and for parts
    private static final TestNetwork NETWORK = TestNetwork.of(3, 48, 48)
            .convolution(16, Activation.RELU)
            .convolutionWithoutBias(32)
            .normalization()
            .rectification()
            .add(new DropoutLayer(0.8))
            .convolution(16, Activation.RELU);

    private final String before = System.getProperty(NativeThreads.PROPERTY);

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(NativeThreads.PROPERTY);
        } else {
            System.setProperty(NativeThreads.PROPERTY, before);
        }
    }

    @Test
    void partsLearnWhatTheWholeBatchTeaches() {
        INDArray whole = learned(1, false);
        for (int threads : new int[] {2, 3}) {
            INDArray inParts = learned(threads, false);
            assertThat(inParts.distance2(whole) / whole.norm2Number().doubleValue())
                    .as("%d threads", threads)
                    .isLessThan(ROUNDING);
            assertThat(learned(threads, false)).isEqualTo(inParts);
        }
    }

    @Test
    void statisticsAreThoseOfTheWholeBatch() {
        INDArray whole = learned(1, true);
        INDArray shared = learned(2, true);
        assertThat(shared.distance2(whole) / whole.norm2Number().doubleValue()).isLessThan(ROUNDING);
    }

    /** All parameters, less what they were, after some steps. */
    private static INDArray learned(int threads, boolean batchStatistics) {
        System.setProperty(NativeThreads.PROPERTY, Integer.toString(threads));
        TailSettings settings = new TailSettings(
                Optimizer.sgd(0.1),
                TrainingLoss.crossEntropy(),
                1,
                Precision.FLOAT32,
                Map.of(),
                batchStatistics,
                List.of());
        try (OneDnnTail tail = NETWORK.own(settings)) {
            INDArray start = all(tail);
            for (int step = 0; step < 3; step++) {
                tail.train(NETWORK.batch(BATCH, step), 0.1);
            }
            return all(tail).sub(start);
        }
    }

    private static INDArray all(OneDnnTail tail) {
        return Nd4j.toFlattened(
                'c',
                tail.parameters().values().stream()
                        .flatMap(layer -> layer.values().stream())
                        .toList());
    }
}
