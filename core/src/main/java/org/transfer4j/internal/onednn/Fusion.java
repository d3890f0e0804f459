package org.transfer4j.internal.onednn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.transfer4j.internal.onednn.Operation.Addition;
import org.transfer4j.internal.onednn.Operation.Convolution;
import org.transfer4j.internal.onednn.Operation.Elementwise;
import org.transfer4j.internal.onednn.Operation.ScaleShift;

/**
 * Merges operations that one oneDNN primitive does at once: a batch normalization disappears into the weights before
 * it, a residual becomes the addend of a convolution, an activation the end of what it follows. A merged operation takes
 * the later one's place, where the values of both are there.
 */
final class Fusion {
    private final Map<Integer, Integer> uses;
    private final Map<Integer, Operation> done = new LinkedHashMap<>();

    private Fusion(Map<Integer, Integer> uses) {
        this.uses = uses;
    }

    static Program fuse(Program program) {
        Fusion fusion = new Fusion(program.uses());
        program.operations().forEach(fusion::take);
        return new Program(program.input(), new ArrayList<>(fusion.done.values()), program.output());
    }

    private void take(Operation operation) {
        Operation merged = mergedWithProducer(operation);
        done.put(merged.output().id(), merged);
    }

    private Operation mergedWithProducer(Operation operation) {
        List<Value> inputs = operation.inputs();
        // the latest input first: of two convolutions that are added, the later one can take the other's result
        for (int i = inputs.size() - 1; i >= 0; i--) {
            Value input = inputs.get(i);
            Operation producer = done.get(input.id());
            if (producer == null || uses.getOrDefault(input.id(), 0) != 1) {
                continue;
            }
            Optional<Operation> merged = merge(producer, operation);
            if (merged.isPresent()) {
                done.remove(input.id());
                return merged.get();
            }
        }
        return operation instanceof ScaleShift normalization ? standalone(normalization) : operation;
    }

    private static Optional<Operation> merge(Operation producer, Operation operation) {
        if (operation instanceof ScaleShift normalization) {
            return normalized(producer, normalization);
        }
        if (operation instanceof Addition addition) {
            return added(producer, addition);
        }
        return operation instanceof Elementwise elementwise ? activated(producer, elementwise) : Optional.empty();
    }

    private static Optional<Operation> normalized(Operation producer, ScaleShift next) {
        if (producer instanceof Convolution convolution && convolution.isBare()) {
            Filter filter = convolution.filter().scaled(next.scale());
            return Optional.of(new Convolution(
                    convolution.input(), filter, convolution.window(), null, Activation.IDENTITY, next.output()));
        }
        return Optional.empty();
    }

    private static Optional<Operation> added(Operation producer, Addition next) {
        if (producer instanceof Convolution convolution && convolution.isBare()) {
            Value addend = next.left().id() == producer.output().id() ? next.right() : next.left();
            return Optional.of(new Convolution(
                    convolution.input(),
                    convolution.filter(),
                    convolution.window(),
                    addend,
                    next.activation(),
                    next.output()));
        }
        return Optional.empty();
    }

    private static Optional<Operation> activated(Operation producer, Elementwise next) {
        if (producer instanceof Convolution convolution
                && convolution.activation().isIdentity()) {
            return Optional.of(new Convolution(
                    convolution.input(),
                    convolution.filter(),
                    convolution.window(),
                    convolution.addend(),
                    next.activation(),
                    next.output()));
        }
        if (producer instanceof Addition addition && addition.activation().isIdentity()) {
            return Optional.of(new Addition(addition.left(), addition.right(), next.activation(), next.output()));
        }
        return Optional.empty();
    }

    /** A normalization with nothing to fold it into is a convolution of each channel with one weight. */
    private static Convolution standalone(ScaleShift normalization) {
        return new Convolution(
                normalization.input(),
                Filter.pointwise(normalization.scale()),
                Window.pointwise(),
                null,
                Activation.IDENTITY,
                normalization.output());
    }
}
