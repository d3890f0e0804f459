package org.transfer4j.internal.tail.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.training.Loss;

class BinaryLossTest {
    private static final Target A_AND_C = target(0, 2);
    private static final Target NONE = target();
    private static final Target B = target(1);
    private static final double SMALLEST = 1e-10;

    private static Target target(int... members) {
        BitSet set = new BitSet();
        IntStream.of(members).forEach(set::set);
        return new Target.SeveralClasses(set, 3);
    }

    static Stream<TrainingLoss> losses() {
        return Stream.of(
                TrainingLoss.binary(Loss.binaryCrossEntropy()),
                TrainingLoss.binary(Loss.binaryCrossEntropy().labelSmoothing(0.2)),
                TrainingLoss.binary(Loss.binaryCrossEntropy(), 3, 0.5, 1),
                TrainingLoss.binary(Loss.binaryCrossEntropy().labelSmoothing(0.1), 1, 2, 3));
    }

    private static double at(TrainingLoss loss, float[] logits, Target target) {
        float[] row = logits.clone();
        loss.activate(row);
        return loss.of(row, target, SMALLEST);
    }

    @ParameterizedTest
    @MethodSource("losses")
    void derivativesAreThoseOfTheLoss(TrainingLoss loss) {
        float[] logits = {0.3f, -1.2f, 2};
        float step = 1e-2f;
        for (Target own : List.of(A_AND_C, NONE, B)) {
            for (double share : new double[] {1, 0.7, 0}) {
                Target target = Target.mixed(own, A_AND_C, share);
                float[] derivatives = logits.clone();
                loss.activate(derivatives);
                loss.derive(derivatives, target, 2);
                for (int i = 0; i < logits.length; i++) {
                    float[] above = logits.clone();
                    float[] below = logits.clone();
                    above[i] += step;
                    below[i] -= step;
                    double slope = (at(loss, above, target) - at(loss, below, target)) / (above[i] - below[i]);
                    assertThat((double) derivatives[i]).isCloseTo(2 * slope, within(1e-4));
                }
            }
        }
    }

    /** Sigmoid of ln 3 is 3/4. */
    @Test
    void valuesWorkedOutByHand() {
        float ln3 = (float) Math.log(3);
        float[] row = {ln3, 0, -ln3};
        TrainingLoss plain = TrainingLoss.binary(Loss.binaryCrossEntropy());
        plain.activate(row);
        assertThat(row).containsExactly(new float[] {0.75f, 0.5f, 0.25f}, within(1e-6f));
        assertThat(plain.of(row, A_AND_C, SMALLEST))
                .isCloseTo(-(Math.log(0.75) + Math.log(0.5) + Math.log(0.25)) / 3, within(1e-6));
        assertThat(TrainingLoss.binary(Loss.binaryCrossEntropy(), 4, 1, 1).of(row, A_AND_C, SMALLEST))
                .isCloseTo(-(4 * Math.log(0.75) + Math.log(0.5) + Math.log(0.25)) / 3, within(1e-6));
        assertThat(plain.hits(new float[] {1, 1, -1}, A_AND_C)).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(plain.hitsOfProbabilities(new float[] {0.6f, 0.5f, 0.4f}, A_AND_C))
                .isCloseTo(2 / 3.0, within(1e-12));
        assertThat(plain.unweighted().of(row, NONE, SMALLEST)).isEqualTo(plain.of(row, NONE, SMALLEST));
    }

    @Test
    void certainAndWrongIsFinite() {
        float[] row = {200, -200, 0};
        TrainingLoss loss = TrainingLoss.binary(Loss.binaryCrossEntropy());
        loss.activate(row);
        assertThat(loss.of(row, B, SMALLEST)).isCloseTo(-(2 * Math.log(1e-7) + Math.log(0.5)) / 3, within(1e-6));
        assertThat(loss.of(new float[] {Float.NaN, 0, 0}, B, SMALLEST)).isNaN();
    }

    @Test
    void dl4jHasItsSum() {
        INDArray labels = Nd4j.createFromArray(new float[][] {{1, 0, 1}, {0, 0, 0}});
        INDArray logits = Nd4j.createFromArray(new float[][] {{0.5f, -1, 2}, {-0.3f, 0.2f, 1}});
        MeasuredLoss ours = new MeasuredLoss(TrainingLoss.binary(Loss.binaryCrossEntropy()));
        LossBinaryXENT theirs = new LossBinaryXENT();
        assertThat(3 * ours.computeScore(labels, logits.dup(), new ActivationSigmoid(), null, true))
                .isCloseTo(
                        theirs.computeScore(labels, logits.dup(), new ActivationSigmoid(), null, true), within(1e-5));
        INDArray gradient = ours.computeGradient(labels, logits.dup(), new ActivationSigmoid(), null);
        assertThat(gradient.mul(3).toFloatMatrix()[0])
                .containsExactly(
                        theirs.computeGradient(labels, logits.dup(), new ActivationSigmoid(), null)
                                .toFloatMatrix()[0],
                        within(1e-4f));
        assertThat(ours.correct()).isCloseTo(1 + 1 / 3.0, within(1e-12));
    }

    @Test
    void targetsOfAnotherHeadAreRefused() {
        TrainingLoss binary = TrainingLoss.binary(Loss.binaryCrossEntropy());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> binary.require(A_AND_C, 4))
                .withMessageStartingWith("a multi-label head of 4 classes needs images with any number of these, got");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> binary.require(Target.mixed(A_AND_C, new Target.OneClass(1), 0.5), 3))
                .withMessageEndingWith("got OneClass[index=1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainingLoss.crossEntropy().require(A_AND_C, 3))
                .withMessageStartingWith("a softmax head needs images with one class each, got");
    }
}
