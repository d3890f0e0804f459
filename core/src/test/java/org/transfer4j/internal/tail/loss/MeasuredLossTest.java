package org.transfer4j.internal.tail.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

class MeasuredLossTest {
    private static final INDArray LABELS =
            Nd4j.createFromArray(new float[][] {{0, 1, 0}, {1, 0, 0}, {0, 0, 1}, {0, 0, 1}});

    private final MeasuredLoss loss = new MeasuredLoss(TrainingLoss.crossEntropy());

    private static INDArray logits() {
        return Nd4j.createFromArray(new float[][] {{-1, 2, 0.5f}, {0, 1, 0}, {-9, -8, -7}, {1, 1, 0}});
    }

    /** softmax minus labels, worked out by hand for the second row: (1, e, 1) / (2 + e). */
    @Test
    void itIsTheCrossEntropyOfDl4j() {
        INDArray gradient = loss.computeGradient(LABELS, logits(), new ActivationSoftmax(), null);
        assertThat(gradient)
                .isEqualTo(new LossMCXENT().computeGradient(LABELS, logits(), new ActivationSoftmax(), null));
        assertThat(gradient.getDouble(1, 0)).isCloseTo(1 / (2 + Math.E) - 1, within(1e-6));
        assertThat(gradient.getDouble(1, 1)).isCloseTo(Math.E / (2 + Math.E), within(1e-6));
        assertThat(loss.computeScore(LABELS, logits(), new ActivationSoftmax(), null, true))
                .isEqualTo(new LossMCXENT().computeScore(LABELS, logits(), new ActivationSoftmax(), null, true));
        assertThat(loss.name()).isEqualTo(new LossMCXENT().name());
    }

    @Test
    void itCountsTheHitsOfTheLastBatch() {
        loss.computeGradient(LABELS, logits(), new ActivationSoftmax(), null);
        assertThat(loss.correct()).isEqualTo(2);
        loss.computeGradient(LABELS, LABELS.mul(3), new ActivationSoftmax(), null);
        assertThat(loss.correct()).isEqualTo(4);
    }
}
