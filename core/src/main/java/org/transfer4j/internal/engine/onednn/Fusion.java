package org.transfer4j.internal.engine.onednn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.transfer4j.internal.engine.onednn.Operation.Binary;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.engine.onednn.Operation.Elementwise;
import org.transfer4j.internal.engine.onednn.Operation.LearnedConvolution;
import org.transfer4j.internal.engine.onednn.Operation.LearnedNormalization;
import org.transfer4j.internal.engine.onednn.Operation.Padding;
import org.transfer4j.internal.engine.onednn.Operation.Pooling;
import org.transfer4j.internal.engine.onednn.Operation.ScaleShift;
import org.transfer4j.internal.engine.onednn.Operation.Upsampling;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Window;

/**
 * Merges operations that one oneDNN primitive does at once: a batch normalization disappears into the weights before
 * it, a residual becomes the addend of a convolution, an activation the end of what it follows, padding a part of the
 * window after it. One number for each channel is multiplied without being repeated. A merged operation takes
 * the later one's place, where the values of both are there.
 */
final class Fusion {
    private static final Activation RELU = Activation.of(Activation.Function.RELU);

    private final Map<Integer, Integer> uses;
    private final boolean learned;
    private final Map<Integer, Operation> done = new LinkedHashMap<>();

    private Fusion(Program program, boolean learned) {
        this.uses = program.uses();
        this.learned = learned;
        program.operations().forEach(this::take);
    }

    /** Of a program that has no backward pass. */
    static Program fuse(Program program) {
        List<Operation> operations = new Fusion(program, false)
                .done.values().stream().map(Fusion::withPrimitive).toList();
        return new Program(program.input(), operations, program.output());
    }

    /** Of a program that is learned, where an operation merges with what its backward pass can do as well. */
    static Program fuseLearned(Program program) {
        List<Operation> operations = List.copyOf(new Fusion(program, true).done.values());
        return new Program(program.input(), operations, program.output());
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
            Optional<Operation> masking = masking(producer, operation);
            if (masking.isPresent()) {
                return masking.get();
            }
        }
        return operation instanceof ScaleShift normalization ? standalone(normalization) : operation;
    }

    private static Operation withPrimitive(Operation operation) {
        return operation instanceof Padding padding ? standalone(padding) : operation;
    }

    private Optional<Operation> merge(Operation producer, Operation operation) {
        if (operation instanceof ScaleShift normalization) {
            return normalized(producer, normalization);
        }
        if (operation instanceof Binary binary) {
            return producer instanceof Upsampling upsampling ? spread(upsampling, binary) : added(producer, binary);
        }
        if (producer instanceof Padding padding) {
            return padded(padding, operation);
        }
        return operation instanceof Elementwise elementwise ? activated(producer, elementwise) : Optional.empty();
    }

    /** A maximum right above ReLU, and nobody else, takes over its part in the backward pass. */
    private Optional<Operation> masking(Operation producer, Operation operation) {
        if (operation instanceof Pooling pooling
                && pooling.kind() == Op.Pooling.Kind.MAXIMUM
                && producer instanceof LearnedConvolution convolution
                && convolution.rectified()) {
            done.put(producer.output().id(), convolution.thenMasked());
            return Optional.of(new Pooling(pooling.input(), pooling.kind(), pooling.window(), true, pooling.output()));
        }
        return Optional.empty();
    }

    private static Optional<Operation> normalized(Operation producer, ScaleShift next) {
        if (producer instanceof Convolution convolution && convolution.isBare()) {
            Filter filter = convolution.filter().scaled(next.scale());
            return Optional.of(new Convolution(convolution.input(), filter, convolution.window(), next.output()));
        }
        return Optional.empty();
    }

    private static Optional<Operation> added(Operation producer, Binary next) {
        if (next.isPlainSum() && producer instanceof Convolution convolution && convolution.isBare()) {
            Value addend = next.left().id() == producer.output().id() ? next.right() : next.left();
            return Optional.of(convolution.then(addend, next.activation(), next.output()));
        }
        return Optional.empty();
    }

    /** One number for each channel need not be repeated for each pixel. */
    private static Optional<Operation> spread(Upsampling upsampling, Binary next) {
        boolean right = next.right().id() == upsampling.output().id();
        Value image = right ? next.left() : next.right();
        Value numbers = upsampling.input();
        boolean turned = !right && next.kind() == Op.Binary.Kind.DIFFERENCE;
        if (!turned
                && numbers.shape().isPixel()
                && image.id() != upsampling.output().id()
                && !image.shape().isPixel()) {
            return Optional.of(new Binary(next.kind(), image, numbers, next.activation(), next.output()));
        }
        return Optional.empty();
    }

    private Optional<Operation> activated(Operation producer, Elementwise next) {
        if (learned) {
            return next.activation().equals(RELU) ? rectified(producer, next.output()) : Optional.empty();
        }
        if (producer instanceof Convolution convolution
                && convolution.activation().isIdentity()) {
            return Optional.of(convolution.then(convolution.addend(), next.activation(), next.output()));
        }
        if (producer instanceof Binary binary && binary.activation().isIdentity()) {
            return Optional.of(
                    new Binary(binary.kind(), binary.left(), binary.right(), next.activation(), next.output()));
        }
        return Optional.empty();
    }

    private static Optional<Operation> rectified(Operation producer, Value output) {
        if (producer instanceof LearnedConvolution convolution && !convolution.rectified()) {
            return Optional.of(new LearnedConvolution(
                    convolution.input(), convolution.filter(), convolution.window(), true, false, output));
        }
        if (producer instanceof LearnedNormalization normalization && !normalization.rectified()) {
            return Optional.of(new LearnedNormalization(
                    normalization.input(), normalization.parameters(), normalization.still(), true, output));
        }
        return Optional.empty();
    }

    private Optional<Operation> padded(Padding padding, Operation next) {
        Value image = padding.input();
        if (next instanceof Convolution convolution && convolution.isBare()) {
            Window window = padding.addedTo(convolution.window());
            return Optional.of(new Convolution(image, convolution.filter(), window, convolution.output()));
        }
        if (next instanceof LearnedConvolution convolution) {
            Window window = padding.addedTo(convolution.window());
            return Optional.of(new LearnedConvolution(image, convolution.filter(), window, convolution.output()));
        }
        return next instanceof Pooling pooling ? padded(padding, pooling) : Optional.empty();
    }

    /** Padding of a pooling counts as zeros in one kind of mean alone; to a maximum it does not count, as zeros do not above zero. */
    private Optional<Operation> padded(Padding padding, Pooling pooling) {
        Window window = padding.addedTo(pooling.window());
        boolean zeros = switch (pooling.kind()) {
            case MAXIMUM -> isNonnegative(padding.input());
            case MEAN_WITH_PADDING -> true;
            case MEAN_WITHOUT_PADDING -> pooling.window().isUnpadded();
        };
        if (!zeros || !window.padsLessThanKernel()) {
            return Optional.empty();
        }
        Op.Pooling.Kind kind =
                pooling.kind() == Op.Pooling.Kind.MAXIMUM ? Op.Pooling.Kind.MAXIMUM : Op.Pooling.Kind.MEAN_WITH_PADDING;
        return Optional.of(new Pooling(padding.input(), kind, window, pooling.output()));
    }

    private boolean isNonnegative(Value value) {
        Operation producer = done.get(value.id());
        return producer != null && producer.isNonnegative();
    }

    /** A normalization with nothing to fold it into is a convolution of each channel with one weight. */
    private static Convolution standalone(ScaleShift normalization) {
        return new Convolution(
                normalization.input(), Filter.pointwise(normalization.scale()), Window.PIXEL, normalization.output());
    }

    /** Padding with nothing to fold it into is a convolution of each channel with a kernel that has a single 1. */
    private static Convolution standalone(Padding padding) {
        Extent before = padding.before();
        Extent after = padding.after();
        Extent kernel = new Extent(before.height() + after.height() + 1, before.width() + after.width() + 1);
        Extent around = new Extent(kernel.height() - 1, kernel.width() - 1);
        return new Convolution(
                padding.input(),
                Filter.shift(padding.input().shape().channels(), kernel, after),
                new Window(kernel, Extent.ONE, Extent.ONE, around, around),
                padding.output());
    }
}
