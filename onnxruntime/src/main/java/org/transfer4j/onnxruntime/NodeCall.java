package org.transfer4j.onnxruntime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.NodeProto;
import org.jspecify.annotations.Nullable;

/** A node with what is known of its inputs, and its attributes by name. */
final class NodeCall {
    /** Where numbers are not known. */
    static final String OF_IMAGES = "computes its size of what is in the images";

    private final NodeProto node;
    private final List<@Nullable Foreseen> inputs;
    private final long opset;

    NodeCall(NodeProto node, List<@Nullable Foreseen> inputs, long opset) {
        this.node = node;
        this.inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
        this.opset = opset;
    }

    /** What a node will compute can't be known before: its size depends on what is in the images, or no rule is known. */
    static final class UnforeseenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String reason;

        UnforeseenException(String reason) {
            super(reason);
            this.reason = reason;
        }

        @Override
        public String getMessage() {
            return reason;
        }
    }

    String operator() {
        return node.getOpType();
    }

    long opset() {
        return opset;
    }

    int outputs() {
        return node.getOutputCount();
    }

    int inputs() {
        return inputs.size();
    }

    boolean has(int input) {
        return input >= 0 && input < inputs.size() && inputs.get(input) != null;
    }

    Foreseen in(int input) {
        Foreseen value = input < inputs.size() ? inputs.get(input) : null;
        if (value == null) {
            throw new UnforeseenException("has no input " + input);
        }
        return value;
    }

    List<Foreseen> all() {
        List<Foreseen> there = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            if (has(i)) {
                there.add(in(i));
            }
        }
        return there;
    }

    List<Long> shape(int input) {
        List<Long> shape = in(input).shape();
        if (shape == null) {
            throw new UnforeseenException("has an input whose size depends on what is in the images");
        }
        return shape;
    }

    /** The shape of an input of a rank. */
    List<Long> shape(int input, int leastRank) {
        List<Long> shape = shape(input);
        if (shape.size() < leastRank) {
            throw new IllegalArgumentException("has an input of the shape " + shape);
        }
        return shape;
    }

    List<Double> numbers(int input) {
        List<Double> numbers = in(input).numbers();
        if (numbers == null) {
            throw new UnforeseenException(OF_IMAGES);
        }
        return numbers;
    }

    List<Long> longs(int input) {
        return numbers(input).stream().map(Double::longValue).toList();
    }

    /** An attribute's whole numbers, or those of an input where newer versions of an operator have it, -1 for none. */
    Optional<List<Long>> longs(String attribute, int input) {
        Optional<List<Long>> own = attribute(attribute).map(AttributeProto::getIntsList);
        return own.isEmpty() && has(input) ? Optional.of(longs(input)) : own;
    }

    /** Sizes of as many dimensions as there are; all the same by default. */
    List<Long> longs(String attribute, int count, long otherwise) {
        List<Long> values = attribute(attribute)
                .map(AttributeProto::getIntsList)
                .filter(list -> !list.isEmpty())
                .orElseGet(() -> LongStream.generate(() -> otherwise)
                        .limit(count)
                        .boxed()
                        .toList());
        if (values.size() != count || values.stream().anyMatch(value -> value < 0 || value > Integer.MAX_VALUE)) {
            throw new IllegalArgumentException("has " + attribute + " of " + values);
        }
        return values;
    }

    long integer(String attribute, long otherwise) {
        return attribute(attribute).map(AttributeProto::getI).orElse(otherwise);
    }

    String text(String attribute, String otherwise) {
        return attribute(attribute).map(value -> value.getS().toStringUtf8()).orElse(otherwise);
    }

    Optional<AttributeProto> attribute(String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .findFirst();
    }

    /** An axis counted from the front. */
    static int axis(long axis, int rank) {
        long front = axis < 0 ? axis + rank : axis;
        if (front < 0 || front >= Math.max(1, rank)) {
            throw new IllegalArgumentException("has the axis " + axis + " of " + rank);
        }
        return (int) front;
    }
}
