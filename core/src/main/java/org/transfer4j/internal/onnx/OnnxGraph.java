package org.transfer4j.internal.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.ByteString;
import org.transfer4j.internal.network.Shape;

/** Builds an ONNX graph with one input and one output: nodes in the order in which they compute, and their weights. */
final class OnnxGraph {
    /** The name of the batch dimension, which is free. */
    private static final String BATCH = "N";

    private final GraphProto.Builder proto = GraphProto.newBuilder();
    private final Set<String> names = new HashSet<>();
    private final TensorMemory memory;
    private final Value input;
    private final String outputName;

    OnnxGraph(String name, Value input, String outputName, TensorMemory memory) {
        proto.setName(name);
        this.input = input;
        this.outputName = outputName;
        this.memory = memory;
        names.addAll(List.of(input.name(), outputName));
    }

    Value input() {
        return input;
    }

    /** Starts a node, whose names begin with that of the layer it is a part of. */
    Node node(String layer, String operator) {
        return new Node(this, unusedName(layer + "/" + operator), operator);
    }

    void add(NodeProto node) {
        proto.addNode(node);
    }

    /** Weights of a network in their own shape; returns the tensor's name. */
    String weights(String layer, String parameter, INDArray values) {
        return constant(
                layer,
                parameter,
                TensorProto.DataType.FLOAT,
                Arrays.stream(values.shape()).boxed().toList(),
                memory.bytes(values));
    }

    /** Floats of a shape; returns the tensor's name. */
    String floats(String layer, String what, List<Long> shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return constant(layer, what, TensorProto.DataType.FLOAT, shape, ByteString.copyFrom(bytes));
    }

    /** One float that is broadcast to all values; returns the tensor's name. */
    String scalar(String layer, String what, double value) {
        return floats(layer, what, List.of(), (float) value);
    }

    /** A list of whole numbers, as operators want shapes and indices; returns the tensor's name. */
    String integers(String layer, String what, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Long.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return constant(
                layer, what, TensorProto.DataType.INT64, List.of((long) values.length), ByteString.copyFrom(bytes));
    }

    private String constant(String layer, String what, TensorProto.DataType type, List<Long> shape, ByteString bytes) {
        String name = unusedName(layer + "/" + what);
        proto.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .addAllDims(shape)
                .setRawData(bytes));
        return name;
    }

    /** Names of nodes and tensors share one space: layers may have any names. */
    private String unusedName(String wanted) {
        String name = wanted;
        for (int i = 1; !names.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    /** Ends the graph at a value, which gets the name of the output. */
    GraphProto build(Value last, String inputDescription, String outputDescription) {
        Value output = last.name().equals(input.name())
                ? node("output", "Identity").inputs(input).output(input.shape())
                : last;
        rename(output.name(), outputName);
        return proto.addInput(described(input.name(), input.shape(), inputDescription))
                .addOutput(described(outputName, output.shape(), outputDescription))
                .build();
    }

    private void rename(String from, String to) {
        for (NodeProto.Builder node : proto.getNodeBuilderList()) {
            for (int i = 0; i < node.getInputCount(); i++) {
                if (node.getInput(i).equals(from)) {
                    node.setInput(i, to);
                }
            }
            if (node.getOutput(0).equals(from)) {
                node.setOutput(0, to);
            }
        }
    }

    private static ValueInfoProto described(String name, Shape shape, String description) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder()
                .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH));
        shape.sizes()
                .forEach(size -> dimensions.addDim(
                        TensorShapeProto.Dimension.newBuilder().setDimValue(size)));
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setDocString(description)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT.getNumber())
                                .setShape(dimensions)))
                .build();
    }
}
