package org.transfer4j.onnxruntime;

import java.util.List;
import java.util.Optional;

/**
 * Looks at divisions of whole numbers, which ONNX Runtime leaves to the processor: by 0, or of the lowest number by -1, it ends
 * the process.
 */
final class WholeDivision {
    private WholeDivision() {}

    /** Why a node, with what is known of its inputs, may end the process; empty if it can't. */
    static Optional<String> danger(NodeCall call) {
        boolean divides = call.operator().equals("Div") || call.operator().equals("Mod");
        if (!divides
                || !call.has(0)
                || !call.has(1)
                || !(call.in(0).isWhole() || call.in(1).isWhole())) {
            return Optional.empty();
        }
        List<Double> divisors = call.in(1).numbers();
        if (divisors == null) {
            return Optional.of("divides whole numbers by some that are not known before: by 0 the process ends");
        }
        if (divisors.stream().anyMatch(number -> number == 0)) {
            return Optional.of("divides whole numbers by 0: the process ends");
        }
        List<Double> dividends = call.in(0).numbers();
        boolean lowest = dividends == null || dividends.stream().anyMatch(number -> number <= Integer.MIN_VALUE);
        return divisors.contains(-1.0) && lowest
                ? Optional.of("divides whole numbers that are not known before, or the lowest, by -1:"
                        + " of the lowest the process ends")
                : Optional.empty();
    }
}
