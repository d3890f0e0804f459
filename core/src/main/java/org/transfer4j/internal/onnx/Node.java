package org.transfer4j.internal.onnx;

import java.util.Arrays;
import java.util.List;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.NodeProto;
import org.nd4j.shade.protobuf.ByteString;
import org.transfer4j.internal.network.Shape;

/** A node of the graph in the making; {@link #output} puts it into the graph. */
final class Node {
    private final OnnxGraph graph;
    private final NodeProto.Builder proto;
    private final String name;

    Node(OnnxGraph graph, String name, String operator) {
        this.graph = graph;
        this.name = name;
        this.proto = NodeProto.newBuilder().setName(name).setOpType(operator);
    }

    Node inputs(Value... values) {
        Arrays.stream(values).map(Value::name).forEach(proto::addInput);
        return this;
    }

    /** Adds constants; an empty name stands for an optional input that is left out. */
    Node constants(String... names) {
        proto.addAllInput(List.of(names));
        return this;
    }

    Node attribute(String attribute, long value) {
        return add(typed(attribute, AttributeProto.AttributeType.INT).setI(value));
    }

    Node attribute(String attribute, double value) {
        return add(typed(attribute, AttributeProto.AttributeType.FLOAT).setF((float) value));
    }

    Node attribute(String attribute, List<Long> values) {
        return add(typed(attribute, AttributeProto.AttributeType.INTS).addAllInts(values));
    }

    Node attribute(String attribute, String value) {
        return add(typed(attribute, AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value)));
    }

    private static AttributeProto.Builder typed(String attribute, AttributeProto.AttributeType type) {
        return AttributeProto.newBuilder().setName(attribute).setType(type);
    }

    private Node add(AttributeProto.Builder attribute) {
        proto.addAttribute(attribute);
        return this;
    }

    /** Ends a node with two outputs. */
    List<Value> outputs(Shape first, Shape second) {
        String other = graph.unusedName(name + "_2");
        graph.add(proto.addOutput(name).addOutput(other).build());
        return List.of(new Value(name, first), new Value(other, second));
    }

    /** Ends the node with the shape of its output for one image. */
    Value output(Shape shape) {
        graph.add(proto.addOutput(name).build());
        return new Value(name, shape);
    }
}
