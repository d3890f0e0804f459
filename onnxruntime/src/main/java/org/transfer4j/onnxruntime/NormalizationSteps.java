package org.transfer4j.onnxruntime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;

/**
 * Layer normalizations written as other nodes, which ONNX Runtime computes faster: its own kernel, up to 1.29, adds number by
 * number, ten times as long as an instance normalization of as many numbers. For few threads rows become images of one
 * channel, whose instance normalization is computed by one thread; for many the steps that define it, mean, difference,
 * square, mean, root and quotient, each of which all threads share.
 */
final class NormalizationSteps {
    /** The runtime's two optimizations that join such steps to its kernel again, before and after the others. */
    private static final String JOINERS = "LayerNormFusionL1;LayerNormFusionL2";

    private static final String OWN = "transfer4j/normalization";

    /** What the standard says where a node says nothing. */
    private static final float EPSILON = 1e-5f;

    /** With more, one thread alone takes longer than all with the steps. */
    private static final int FEW = 4;

    private final GraphProto.Builder graph;
    private final boolean axesAreInput;
    private final boolean few;
    private int count;

    private NormalizationSteps(ModelProto model, int threads) {
        this.few = threads <= FEW;
        this.graph = model.getGraph().toBuilder().clearNode();
        this.axesAreInput = ModelGraph.opset(model) >= FeatureModel.AXES_ARE_INPUT;
    }

    /** Keeps the runtime from joining steps, these or those that a file has. */
    static void keepApart(OrtSession.SessionOptions options) throws OrtException {
        options.addConfigEntry("optimization.disable_specified_optimizers", JOINERS);
    }

    /**
     * The same model, with other nodes for each normalization over the last axis in float.
     *
     * @param threads that will run it
     */
    static ModelProto of(ModelProto model, int threads) {
        Map<String, TensorProto> weights = model.getGraph().getInitializerList().stream()
                .collect(Collectors.toMap(TensorProto::getName, Function.identity(), (one, other) -> one));
        List<NodeProto> nodes = model.getGraph().getNodeList();
        if (nodes.stream().allMatch(node -> scale(node, weights).isEmpty())) {
            return model;
        }
        NormalizationSteps steps = new NormalizationSteps(model, threads);
        for (NodeProto node : nodes) {
            scale(node, weights)
                    .ifPresentOrElse(scale -> steps.write(node, scale.getDims(0)), () -> steps.graph.addNode(node));
        }
        return model.toBuilder().setGraph(steps.graph).build();
    }

    /** That of a normalization that is taken. Of half precision the kernel computes sums in float, which steps would not. */
    private static Optional<TensorProto> scale(NodeProto node, Map<String, TensorProto> weights) {
        boolean taken = node.getOpType().equals("LayerNormalization")
                && node.getDomain().isEmpty()
                && node.getInputCount() >= 2
                && node.getOutputCount() == 1
                && node.getAttributeList().stream()
                        .noneMatch(one -> one.getName().equals("axis") && one.getI() != -1);
        return !taken
                ? Optional.empty()
                : Optional.ofNullable(weights.get(node.getInput(1)))
                        .filter(scale -> scale.getDataType() == TensorProto.DataType.FLOAT.getNumber()
                                && scale.getDimsCount() == 1
                                && scale.getDims(0) > 1);
    }

    private void write(NodeProto node, long columns) {
        String own = OWN + count++;
        float epsilon = node.getAttributeList().stream()
                .filter(one -> one.getName().equals("epsilon"))
                .map(AttributeProto::getF)
                .findFirst()
                .orElse(EPSILON);
        String normal = few ? rows(own, node.getInput(0), columns, epsilon) : steps(own, node.getInput(0), epsilon);
        boolean biased = node.getInputCount() > 2 && !node.getInput(2).isEmpty();
        String scaled = step("Mul", biased ? own + "/scaled" : node.getOutput(0), normal, node.getInput(1));
        if (biased) {
            step("Add", node.getOutput(0), scaled, node.getInput(2));
        }
    }

    private String rows(String own, String input, long columns, float epsilon) {
        integers(own + "/rows", -1, 1, columns);
        floats(own + "/one", 1).addDims(1);
        floats(own + "/zero", 0).addDims(1);
        String rows = step("Reshape", own + "/images", input, own + "/rows");
        String normal = own + "/normal";
        graph.addNode(node("InstanceNormalization", normal)
                .addAllInput(List.of(rows, own + "/one", own + "/zero"))
                .addAttribute(AttributeProto.newBuilder()
                        .setName("epsilon")
                        .setType(AttributeProto.AttributeType.FLOAT)
                        .setF(epsilon)));
        return step("Reshape", own + "/back", normal, step("Shape", own + "/shape", input));
    }

    private String steps(String own, String input, float epsilon) {
        floats(own + "/epsilon", epsilon);
        String mean = mean(own + "/mean", input);
        String centred = step("Sub", own + "/centred", input, mean);
        String squares = step("Mul", own + "/squares", centred, centred);
        String variance = mean(own + "/variance", squares);
        String shifted = step("Add", own + "/shifted", variance, own + "/epsilon");
        String deviation = step("Sqrt", own + "/deviation", shifted);
        return step("Div", own + "/normal", centred, deviation);
    }

    private String mean(String name, String of) {
        NodeProto.Builder node = node("ReduceMean", name).addInput(of);
        if (axesAreInput) {
            node.addInput(integers(name + "/axes", -1));
        } else {
            node.addAttribute(AttributeProto.newBuilder()
                    .setName("axes")
                    .setType(AttributeProto.AttributeType.INTS)
                    .addInts(-1));
        }
        graph.addNode(node);
        return name;
    }

    private TensorProto.Builder floats(String name, float value) {
        return graph.addInitializerBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addFloatData(value);
    }

    private String integers(String name, long... values) {
        TensorProto.Builder tensor = graph.addInitializerBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return name;
    }

    private String step(String operator, String name, String... inputs) {
        graph.addNode(node(operator, name).addAllInput(List.of(inputs)));
        return name;
    }

    private static NodeProto.Builder node(String operator, String name) {
        return NodeProto.newBuilder().setName(name).setOpType(operator).addOutput(name);
    }
}
