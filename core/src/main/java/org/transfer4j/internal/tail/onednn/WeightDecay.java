package org.transfer4j.internal.tail.onednn;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.training.Optimizer;

/**
 * Decoupled weight decay: before a step weights lose the part rate times decay of themselves.
 *
 * @param pieces of the weights, that threads can work on at once; no biases
 */
public record WeightDecay(double decay, List<Piece> pieces) {
    /** Weights that a thread makes smaller at a time. */
    private static final long PIECE = 1 << 16;

    /** Some weights, and the part of the learning rate that their layer gets. */
    record Piece(INDArray weights, double ratePart) {}

    static WeightDecay of(Optimizer optimizer, ParameterRow parameters) {
        List<Piece> pieces = new ArrayList<>();
        for (ParameterLayout.Parameter parameter : parameters.parameters()) {
            for (long from = parameter.from(); parameter.weight() && from < parameter.to(); from += PIECE) {
                long to = Math.min(parameter.to(), from + PIECE);
                pieces.add(new Piece(parameters.range(from, to), parameter.ratePart()));
            }
        }
        return new WeightDecay(optimizer.weightDecay(), pieces);
    }

    /** Does so, if there is any. */
    void apply(double rate) {
        if (decay > 0) {
            Workers.run(pieces.size(), number -> {
                Piece piece = pieces.get(number);
                piece.weights().muli((float) kept(decay, rate * piece.ratePart()));
            });
        }
    }

    /** What is left of a weight. */
    public static double kept(double decay, double rate) {
        return decay > 0 ? 1 - rate * decay : 1;
    }
}
