package org.transfer4j.internal.gradient;

import java.util.Collections;
import java.util.List;

/** The sum of two values or more. */
record Addition() implements Operation {
    @Override
    public Recorded record(Tape tape, List<Tensor> inputs, boolean training) {
        Tensor sum = inputs.stream()
                .reduce((left, right) -> Sum.of(tape, left, right))
                .orElseThrow();
        return new OnTape(sum, inputs.size());
    }

    private record OnTape(Tensor output, int terms) implements Recorded {
        @Override
        public List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted) {
            return inputGradientWanted ? Collections.nCopies(terms, gradient) : List.of();
        }
    }
}
