package org.transfer4j.internal.tail;

import java.util.stream.IntStream;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * DL4J's categorical cross-entropy, which also counts hits: DL4J does not give out the predictions of a training step,
 * and a second forward pass only to know the accuracy would cost as much as the first.
 */
@SuppressWarnings("serial")
final class MeasuredLoss implements ILossFunction {
    private final LossMCXENT loss = new LossMCXENT();
    private int correct;

    /** How many rows of the last batch had their highest output at the right class. */
    int correct() {
        return correct;
    }

    @Override
    public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        // softmax keeps the order: what is highest before it is highest after it
        long[] predicted = preOutput.argMax(1).toLongVector();
        long[] actual = labels.argMax(1).toLongVector();
        correct = (int) IntStream.range(0, actual.length)
                .filter(i -> predicted[i] == actual[i])
                .count();
        return loss.computeGradient(labels, preOutput, activation, mask);
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        return loss.computeScore(labels, preOutput, activation, mask, average);
    }

    @Override
    public INDArray computeScoreArray(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        return loss.computeScoreArray(labels, preOutput, activation, mask);
    }

    @Override
    public Pair<Double, INDArray> computeGradientAndScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        return loss.computeGradientAndScore(labels, preOutput, activation, mask, average);
    }

    @Override
    public String name() {
        return loss.name();
    }
}
