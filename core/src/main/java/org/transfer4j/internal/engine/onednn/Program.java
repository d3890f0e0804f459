package org.transfer4j.internal.engine.onednn;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.transfer4j.internal.engine.onednn.Operation.Value;

/** Operations in an order in which they can run. */
record Program(Value input, List<Operation> operations, Value output) {
    Program {
        operations = List.copyOf(operations);
    }

    /** How often each value is read, by its id; the program's output is read once more, by the caller. */
    Map<Integer, Integer> uses() {
        Map<Integer, Integer> uses = new HashMap<>();
        for (Operation operation : operations) {
            operation.inputs().forEach(value -> uses.merge(value.id(), 1, Integer::sum));
        }
        uses.merge(output.id(), 1, Integer::sum);
        return uses;
    }

    /** How many numbers its convolutions multiply for one image, as they are written. */
    long multiplications() {
        return operations.stream().mapToLong(Operation::multiplications).sum();
    }

    /** Its convolutions whose weights are not learned. */
    List<Operation.Convolution> convolutions() {
        return operations.stream()
                .filter(Operation.Convolution.class::isInstance)
                .map(Operation.Convolution.class::cast)
                .toList();
    }

    /** How many weights its convolutions have, biases not counted. */
    long weights() {
        return convolutions().stream()
                .mapToLong(convolution -> convolution.filter().weights().length)
                .sum();
    }

    /** How many weights of convolutions are learned. */
    long learnedWeights() {
        return operations.stream()
                .filter(Operation.LearnedConvolution.class::isInstance)
                .map(Operation.LearnedConvolution.class::cast)
                .mapToLong(convolution -> convolution.filter().weights().length())
                .sum();
    }

    /** Whether what is made of an image, in training too, is the same whatever other images there are. */
    boolean takesImagesAlone() {
        return operations.stream()
                .noneMatch(operation ->
                        operation instanceof Operation.LearnedNormalization normalization && !normalization.still());
    }

    /** Frees what the operations own. */
    void close() {
        operations.forEach(Operation::close);
    }

    /** The largest sum of what one operation reads and writes for one image, in bytes of float. */
    long widestStepBytes() {
        long widest = 2 * input.shape().elements();
        for (Operation operation : operations) {
            long read = operation.inputs().stream()
                    .mapToLong(value -> value.shape().elements())
                    .sum();
            widest = Math.max(widest, read + operation.output().shape().elements());
        }
        return widest * Float.BYTES;
    }
}
