package org.transfer4j.internal.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.UnsafeByteOperations;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.trunk.MemoryOrder;

/** Builds an ONNX graph with one input and one output: nodes in the order in which they compute, and their weights. */
final class OnnxGraph {
    /** The name of the batch dimension, which is free unless a model in it has a batch of its own. */
    private static final String BATCH = "N";

    private final GraphProto.Builder proto = GraphProto.newBuilder();
    private final Set<String> names = new HashSet<>();
    private final Set<String> nodeNames = new HashSet<>();
    private final TensorMemory memory;
    private final Value input;
    private final String outputName;
    private final Map<String, Long> opsets = new TreeMap<>();
    private long formatVersion;
    private TensorShapeProto.Dimension batch =
            TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH).build();

    OnnxGraph(String name, Value input, String outputName, int opset, TensorMemory memory) {
        opsets.put("", (long) opset);
        formatVersion = Opset.formatVersion(opset);
        proto.setName(name);
        this.input = input;
        this.outputName = outputName;
        this.memory = memory;
        names.addAll(List.of(input.name(), outputName));
    }

    /** Starts a node, whose names begin with that of the layer it is a part of. */
    Node node(String layer, String operator) {
        String wanted = layer + "/" + operator;
        String name = unusedName(wanted);
        while (!nodeNames.add(name)) {
            name = unusedName(wanted);
        }
        return new Node(this, name, operator);
    }

    /** The version of ONNX' own operators, that of a model in it if there is one. */
    long opset() {
        return Objects.requireNonNull(opsets.get(""));
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

    /**
     * Appends a whole model; its names begin with that of the layer. It must be one that a runtime has taken: a list of
     * nodes in order, without graphs in their attributes, with one input and one output.
     *
     * @param bytes of the model, which stay open until this one is written
     * @param read what its input becomes
     * @param shape of its output for one image
     */
    Value append(String layer, INDArray bytes, Value read, Shape shape) throws IOException {
        CodedInputStream in = memory.bytes(bytes).newCodedInput();
        in.enableAliasing(true);
        ModelProto model = ModelProto.parseFrom(in);
        GraphProto graph = model.getGraph();
        Map<String, String> renamed = new HashMap<>();
        renamed.put("", "");
        renamed.put(graph.getInput(0).getName(), read.name());
        for (TensorProto weights : graph.getInitializerList()) {
            String name = unusedName(layer + "/" + weights.getName());
            renamed.put(weights.getName(), name);
            proto.addInitializer(weights.toBuilder().setName(name));
        }
        for (NodeProto node : graph.getNodeList()) {
            NodeProto.Builder own = node.toBuilder().clearInput().clearOutput();
            own.setName(
                    unused(layer + "/" + (node.getName().isEmpty() ? node.getOpType() : node.getName()), nodeNames));
            node.getInputList().forEach(input -> own.addInput(Objects.requireNonNull(renamed.get(input), input)));
            for (String output : node.getOutputList()) {
                String name = output.isEmpty() ? "" : unusedName(layer + "/" + output);
                renamed.put(output, name);
                own.addOutput(name);
            }
            proto.addNode(own);
        }
        TensorShapeProto.Dimension images =
                graph.getInput(0).getType().getTensorType().getShape().getDim(0);
        if (images.hasDimValue()) {
            batch = images;
        }
        model.getOpsetImportList()
                .forEach(opset ->
                        opsets.put(opset.getDomain().equals("ai.onnx") ? "" : opset.getDomain(), opset.getVersion()));
        formatVersion = Math.max(formatVersion, model.getIrVersion());
        return new Value(Objects.requireNonNull(renamed.get(graph.getOutput(0).getName())), shape);
    }

    /**
     * The versions of operators that it is written in: those of the model in it where there is one, since our own nodes are
     * the same in all of them, or ask for {@link #opset}.
     */
    private List<OperatorSetIdProto> opsets() {
        return opsets.entrySet().stream()
                .map(opset -> OperatorSetIdProto.newBuilder()
                        .setDomain(opset.getKey())
                        .setVersion(opset.getValue())
                        .build())
                .toList();
    }

    /** Names of tensors, and of our nodes, which have those of what they give: layers may have any names. */
    String unusedName(String wanted) {
        return unused(wanted, names);
    }

    private static String unused(String wanted, Set<String> taken) {
        String name = wanted;
        for (int i = 1; !taken.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    /** Ends the graph at a value, which gets the name of the output, and begins a model with it. */
    ModelProto.Builder model(Value last, String inputDescription, String outputDescription) {
        Value output = last.name().equals(input.name())
                ? node("output", "Identity").inputs(input).output(input.shape())
                : last;
        rename(output.name(), outputName);
        proto.addInput(described(input.name(), input.shape(), inputDescription))
                .addOutput(described(outputName, output.shape(), outputDescription));
        return ModelProto.newBuilder()
                .setIrVersion(formatVersion)
                .addAllOpsetImport(opsets())
                .setGraph(proto);
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

    private ValueInfoProto described(String name, Shape shape, String description) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder().addDim(batch);
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

    /** A node of the graph in the making; {@link #output} puts it into the graph. */
    static final class Node {
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

    /**
     * A tensor that flows through the graph.
     *
     * @param name unique in the graph
     * @param shape for one image
     */
    record Value(String name, Shape shape) {}

    /**
     * The memory that a model's weights point to until the model is written: the network's own where its values lie in C
     * order, as those of convolutions do, else a copy. So weights are never twice in memory without need.
     */
    static final class TensorMemory implements AutoCloseable {
        private final List<INDArray> used = new ArrayList<>();
        private final List<INDArray> copies = new ArrayList<>();

        /** The values as little-endian floats in C order, or the bytes as they are, valid until this is closed. */
        ByteString bytes(INDArray values) {
            if (values.dataType() == DataType.UINT8) {
                used.add(values);
                return UnsafeByteOperations.unsafeWrap(ModelBytes.memory(values));
            }
            INDArray plain = values;
            if (values.dataType() != DataType.FLOAT || !MemoryOrder.isContiguous(values)) {
                plain = values.castTo(DataType.FLOAT).dup('c');
                copies.add(plain);
            }
            used.add(plain);
            FloatPointer memory = new FloatPointer(plain.data().addressPointer());
            return UnsafeByteOperations.unsafeWrap(memory.limit(plain.length()).asByteBuffer());
        }

        @Override
        public void close() {
            copies.forEach(INDArray::close);
            copies.clear();
            used.clear();
        }
    }
}
