package org.transfer4j.internal.tail;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * DL4J's categorical cross-entropy, or another loss of softmax's output, which also counts hits: DL4J does not give out the predictions of a training step,
 * and a second forward pass only to know the accuracy would cost as much as the first.
 */
@SuppressWarnings("serial")
final class MeasuredLoss implements ILossFunction {
    private final LossMCXENT crossEntropy = new LossMCXENT();
    private final TrainingLoss loss;
    private int correct;

    MeasuredLoss(TrainingLoss loss) {
        this.loss = loss;
    }

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
        return loss.isCrossEntropy()
                ? crossEntropy.computeGradient(labels, preOutput, activation, mask)
                : gradient(labels, preOutput);
    }

    private INDArray gradient(INDArray labels, INDArray logits) {
        float[][] wanted = labels.castTo(DataType.FLOAT).toFloatMatrix();
        float[][] rows = logits.castTo(DataType.FLOAT).toFloatMatrix();
        for (int i = 0; i < rows.length; i++) {
            SoftmaxCrossEntropy.softmax(rows[i]);
            int first = next(wanted[i], 0);
            loss.derive(rows[i], first, other(wanted[i], first), wanted[i][first], 1);
        }
        return Nd4j.createFromArray(rows).castTo(logits.dataType());
    }

    private double[] losses(INDArray labels, INDArray logits) {
        float[][] wanted = labels.castTo(DataType.FLOAT).toFloatMatrix();
        float[][] rows = logits.castTo(DataType.FLOAT).toFloatMatrix();
        double[] losses = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            SoftmaxCrossEntropy.softmax(rows[i]);
            int first = next(wanted[i], 0);
            losses[i] =
                    loss.of(rows[i], first, other(wanted[i], first), wanted[i][first], SoftmaxCrossEntropy.SMALLEST);
        }
        return losses;
    }

    /** The second class of mixed images; the first once more where there is none. */
    private static int other(float[] label, int first) {
        int second = next(label, first + 1);
        return second < label.length ? second : first;
    }

    private static int next(float[] label, int from) {
        int next = from;
        while (next < label.length && label[next] == 0) {
            next++;
        }
        return next;
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        if (loss.isCrossEntropy()) {
            return crossEntropy.computeScore(labels, preOutput, activation, mask, average);
        }
        double[] losses = losses(labels, preOutput);
        double sum = DoubleStream.of(losses).sum();
        return average ? sum / losses.length : sum;
    }

    @Override
    public INDArray computeScoreArray(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        return loss.isCrossEntropy()
                ? crossEntropy.computeScoreArray(labels, preOutput, activation, mask)
                : Nd4j.createFromArray(losses(labels, preOutput)).reshape(-1, 1);
    }

    @Override
    public Pair<Double, INDArray> computeGradientAndScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        return new Pair<>(
                computeScore(labels, preOutput, activation, mask, average),
                computeGradient(labels, preOutput, activation, mask));
    }

    @Override
    public String name() {
        return crossEntropy.name();
    }
}
