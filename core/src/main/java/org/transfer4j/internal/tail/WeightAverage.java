package org.transfer4j.internal.tail;

import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.tail.TailTrainer.Snapshot;

/**
 * The exponential moving average of a tail's parameters over its steps, as PyTorch's {@code get_ema_multi_avg_fn}: the
 * first step's weights as they are, then {@code average + (1 - decay) * (weights - average)}. Running statistics of batch
 * normalization are parameters as all others here, as with PyTorch's {@code use_buffers=True}.
 *
 * <p>Average and weights change places for validation and for what is kept, so that whoever looks at the tail's parameters
 * between epochs sees the average; learning goes on from the weights.
 */
final class WeightAverage {
    private final double decay;
    private final Map<String, Map<String, INDArray>> parameters;
    private final Snapshot other;
    private boolean begun;
    private boolean shown;

    WeightAverage(Map<String, Map<String, INDArray>> parameters, double decay) {
        this.parameters = parameters;
        this.decay = decay;
        this.other = new Snapshot(parameters);
    }

    /** Counts a step in. */
    void add() {
        if (!begun) {
            begun = true;
            other.take();
            return;
        }
        forEach((weights, average) -> {
            try (INDArray step = weights.sub(average).muli(1 - decay)) {
                average.addi(step);
            }
        });
    }

    /** Puts the average where the tail's parameters are. */
    void show() {
        if (begun && !shown) {
            change();
        }
    }

    /** Puts the weights there again, to learn. */
    void hide() {
        if (shown) {
            change();
        }
    }

    private void change() {
        shown = !shown;
        forEach((values, kept) -> {
            try (INDArray between = values.dup()) {
                values.assign(kept);
                kept.assign(between);
            }
        });
    }

    /** Does something with each of the tail's parameters, and with what is kept beside it. */
    private void forEach(BiConsumer<INDArray, INDArray> work) {
        parameters.forEach((layer, values) -> {
            Map<String, INDArray> kept = Objects.requireNonNull(other.copies().get(layer));
            values.forEach((name, value) -> work.accept(value, Objects.requireNonNull(kept.get(name))));
        });
    }

    /** The weights while the average is shown, not copied. */
    Map<String, Map<String, INDArray>> weights() {
        return other.copies();
    }

    /** Goes on where the tail's parameters are the average, and {@link #weights()} were filled. */
    void resume() {
        begun = true;
        shown = true;
    }
}
