package org.transfer4j.internal.gradient;

import java.util.List;

/** ReLU as a layer of its own. */
record Rectification() implements Operation {
    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        return new OnTape(Rectifier.apply(tape, inputs.get(0)));
    }

    private record OnTape(Tensor output) implements Recorded {
        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            return inputGradientWanted ? List.of(Rectifier.masked(tape, gradient, output)) : List.of();
        }
    }
}
