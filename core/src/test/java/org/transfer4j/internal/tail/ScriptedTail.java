package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.Batch;

/** A tail of one weight, which counts its steps, and whose losses are written beforehand. */
final class ScriptedTail implements Tail {
    private final INDArray weight = Nd4j.zeros(DataType.FLOAT, 1, 1);
    private final IntToDoubleFunction losses;
    private final List<List<Integer>> seen = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();
    private int steps;
    private int epochs;

    /** From the number of the step, from 1, to its loss. */
    ScriptedTail(IntToDoubleFunction losses) {
        this.losses = losses;
    }

    /** The first feature of each example, batch by batch. */
    List<List<Integer>> seen() {
        return seen;
    }

    /** The rate of each step. */
    List<Double> rates() {
        return rates;
    }

    float weight() {
        return weight.getFloat(0);
    }

    int epochs() {
        return epochs;
    }

    @Override
    public StepResult train(Batch batch, double rate) {
        rates.add(rate);
        steps++;
        seen.add(numbers(batch));
        weight.assign(steps);
        return new StepResult(losses.applyAsDouble(steps), batch.size() - 1);
    }

    private static List<Integer> numbers(Batch batch) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            numbers.add(batch.features().getInt(i, 0));
        }
        return numbers;
    }

    void poison() {
        weight.assign(Float.NaN);
    }

    /** Class 0 with 0.75, class 1 with 0.25. */
    @Override
    public INDArray probabilities(Batch batch) {
        return Nd4j.createFromArray(0.75f, 0.25f).reshape(1, 2).repeat(0, batch.size());
    }

    @Override
    public void endEpoch() {
        epochs++;
    }

    @Override
    public UpdaterState updaterState() {
        return new UpdaterState(steps, epochs, Map.of());
    }

    @Override
    public void restore(UpdaterState state) {
        steps = state.iteration();
        epochs = state.epoch();
    }

    @Override
    public Map<String, Map<String, INDArray>> parameters() {
        return Map.of("layer", Map.of("W", weight));
    }

    @Override
    public void close() {
        weight.close();
    }
}
