package org.transfer4j.internal.engine.onednn;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.engine.onednn.OneDnn.InstructionSet;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/**
 * What was recorded for a convolution, and the table for all others.
 *
 * @param recorded by {@link #key}
 */
record RecordedAlgorithms(InstructionSet instructionSet, Map<String, Algorithm> recorded)
        implements PlanBuilder.AlgorithmChoice {
    @Override
    public Algorithm choose(Convolution convolution, int batch) {
        return Optional.ofNullable(recorded.get(key(convolution, batch)))
                .orElseGet(() -> AlgorithmTable.choose(instructionSet, convolution, batch));
    }

    /** The records of a program's convolutions in which the table would choose otherwise, and only they give other bits. */
    Map<String, Algorithm> deviations(Program program) {
        Map<String, Algorithm> deviations = new TreeMap<>();
        for (Convolution convolution : program.convolutions()) {
            for (int batch : Piece.SIZES) {
                Algorithm chosen = choose(convolution, batch);
                if (chosen != AlgorithmTable.choose(instructionSet, convolution, batch)) {
                    deviations.put(key(convolution, batch), chosen);
                }
            }
        }
        return deviations;
    }

    /** All that the speed of a 3x3 convolution depends on: "64x112x112 to 128x112x112, batch 8". */
    static String key(Convolution convolution, int batch) {
        return size(convolution.input()) + " to " + size(convolution.output()) + ", batch " + batch;
    }

    private static String size(Value value) {
        Shape shape = value.shape();
        return shape.channels() + "x" + shape.height() + "x" + shape.width();
    }
}
