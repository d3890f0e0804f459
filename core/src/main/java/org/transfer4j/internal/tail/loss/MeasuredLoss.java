package org.transfer4j.internal.tail.loss;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.Target;

/**
 * DL4J's categorical cross-entropy, or another loss, which also counts hits: DL4J does not give out the predictions of a
 * training step, and a second forward pass only to know the accuracy would cost as much as the first.
 */
@SuppressWarnings("serial")
public final class MeasuredLoss implements ILossFunction {
    private final LossMCXENT crossEntropy = new LossMCXENT();
    private final TrainingLoss loss;
    private double correct;

    /** Of what a tail makes small. */
    public MeasuredLoss(TrainingLoss loss) {
        this.loss = loss;
    }

    /** How many rows of the last batch were right, where one row may be right in part. */
    public double correct() {
        return correct;
    }

    /** One-hot or multi-hot, or of two images' classes where they are mixed. */
    public INDArray labels(Batch batch, int classes) {
        return Nd4j.createFromArray(batch.targets().stream()
                .map(target -> loss.row(target, classes))
                .toArray(float[][]::new));
    }

    @Override
    public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        List<Target> wanted = targets(labels);
        float[][] rows = rows(preOutput);
        correct = IntStream.range(0, rows.length)
                .mapToDouble(i -> loss.hits(rows[i], wanted.get(i)))
                .sum();
        return loss.isCrossEntropy()
                ? crossEntropy.computeGradient(labels, preOutput, activation, mask)
                : gradient(wanted, rows).castTo(preOutput.dataType());
    }

    private static float[][] rows(INDArray array) {
        return array.castTo(DataType.FLOAT).toFloatMatrix();
    }

    private List<Target> targets(INDArray labels) {
        return Stream.of(rows(labels)).map(loss::target).toList();
    }

    private INDArray gradient(List<Target> wanted, float[][] rows) {
        for (int i = 0; i < rows.length; i++) {
            loss.activate(rows[i]);
            loss.derive(rows[i], wanted.get(i), 1);
        }
        return Nd4j.createFromArray(rows);
    }

    private double[] losses(INDArray labels, INDArray logits) {
        List<Target> wanted = targets(labels);
        float[][] rows = rows(logits);
        double[] losses = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            loss.activate(rows[i]);
            losses[i] = loss.of(rows[i], wanted.get(i), TrainingLoss.SMALLEST);
        }
        return losses;
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
