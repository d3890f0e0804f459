package org.transfer4j.internal.gradient;

import java.util.List;

/**
 * ReLU as a layer of its own.
 *
 * @param rectifier with or without a maximum
 */
record Rectification(Rectifier rectifier) implements Operation {
    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        return new OnTape(rectifier, rectifier.apply(tape, inputs.get(0)));
    }

    private record OnTape(Rectifier rectifier, Tensor output) implements Recorded {
        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            return inputGradientWanted ? List.of(rectifier.masked(tape, gradient, output)) : List.of();
        }
    }
}
