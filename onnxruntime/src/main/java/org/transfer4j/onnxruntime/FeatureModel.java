package org.transfer4j.onnxruntime;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.transfer4j.onnxruntime.ModelCheck.UnknownFields;

/**
 * The part of a model up to an output, made to what an engine runs: one input {@code images}, float [N, 3, H, W], one output
 * {@code features}, float. What is said of layout, type and tokens becomes nodes of the model, so that it is all in its bytes.
 */
final class FeatureModel {
    /** The name of the input. */
    static final String IMAGES = "images";

    /** The name of the output. */
    static final String FEATURES = "features";

    private static final String OWN = "transfer4j/";

    /** The first version in which the axes of a mean are an input. */
    static final long AXES_ARE_INPUT = 18;

    /** The first version in which a slice's ends are inputs. */
    private static final long ENDS_ARE_INPUT = 10;

    private final ModelGraph source;
    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final long opset;
    private String last;

    private FeatureModel(ModelGraph source, String output) {
        this.source = source;
        this.last = output;
        this.opset = ModelGraph.opset(source.model());
    }

    /** The part with its output as it is, in float. */
    static ModelProto raw(ModelGraph source, String output, ModelGraph.ImageInput input) {
        FeatureModel model = new FeatureModel(source, output);
        model.begin(input);
        return model.end(input);
    }

    /**
     * The part with an output [N, C, H, W].
     *
     * @param rank of the output as it is: 2 of features, 3 of tokens, 4 of images
     * @param channelsLast whether the output's images are [N, H, W, C]
     * @param tokens what becomes of tokens
     * @param prefix how many tokens stand before those of patches
     */
    static ModelProto of(
            ModelGraph source,
            String output,
            ModelGraph.ImageInput input,
            int rank,
            boolean channelsLast,
            Tokens tokens,
            int prefix) {
        FeatureModel model = new FeatureModel(source, output);
        model.begin(input);
        if (rank == 4 && channelsLast) {
            model.add("Transpose", List.of(model.last), integers("perm", 0, 3, 1, 2));
        } else if (rank == 3) {
            model.chosen(tokens, prefix);
        }
        if (rank < 4) {
            // 0 keeps the batch
            model.add("Reshape", List.of(model.last, model.constant("image", 0, -1, 1, 1)));
        }
        return model.end(input);
    }

    private void begin(ModelGraph.ImageInput input) {
        String output = last;
        last = IMAGES;
        List<NodeProto> nodes = source.upTo(output);
        if (input.channelsLast()) {
            add("Transpose", List.of(last), integers("perm", 0, 2, 3, 1));
        }
        if (input.half()) {
            cast(TensorProto.DataType.FLOAT16);
        }
        String name = input.name();
        for (NodeProto node : nodes) {
            NodeProto.Builder own = UnknownFields.plain(node)
                    .clearInput()
                    .clearOutput()
                    .setDomain(ModelCheck.isStandard(node.getDomain()) ? "" : node.getDomain());
            node.getInputList().forEach(read -> own.addInput(read.equals(name) ? last : unlikeOurs(read)));
            node.getOutputList().forEach(given -> own.addOutput(unlikeOurs(given)));
            graph.addNode(own);
        }
        for (TensorProto weights : source.weights(nodes)) {
            graph.addInitializer(UnknownFields.plain(weights).setName(unlikeOurs(weights.getName())));
        }
        last = unlikeOurs(output);
        // a runtime knows what type this has, the file need not say it; where it is float already nothing happens
        cast(TensorProto.DataType.FLOAT);
    }

    /** Names of the file's own values that are taken here. */
    static String unlikeOurs(String name) {
        return name.equals(IMAGES) || name.equals(FEATURES) || name.startsWith(OWN) ? "file/" + name : name;
    }

    private void chosen(Tokens tokens, int prefix) {
        String all = last;
        String first = tokens == Tokens.MEAN ? "" : add("Gather", List.of(all, scalar("first")), integer("axis", 1));
        if (tokens == Tokens.CLASS) {
            return;
        }
        String patches = all;
        if (prefix > 0) {
            if (opset < ENDS_ARE_INPUT) {
                throw new IllegalArgumentException("is of opset " + opset + ", but tokens are chosen from opset "
                        + ENDS_ARE_INPUT + ": export it anew, or take Tokens.CLASS");
            }
            patches = add(
                    "Slice",
                    List.of(all, constant("from", prefix), constant("to", Integer.MAX_VALUE), constant("tokens", 1)));
        }
        String mean = opset < AXES_ARE_INPUT
                ? add("ReduceMean", List.of(patches), integers("axes", 1), integer("keepdims", 0))
                : add("ReduceMean", List.of(patches, constant("mean", 1)), integer("keepdims", 0));
        if (tokens == Tokens.CLASS_AND_MEAN) {
            add("Concat", List.of(first, mean), integer("axis", 1));
        }
    }

    private void cast(TensorProto.DataType type) {
        add("Cast", List.of(last), integer("to", type.getNumber()));
    }

    /** Adds a node of ours, whose output is the last value then. */
    private String add(String operator, List<String> inputs, AttributeProto... attributes) {
        last = OWN + operator + graph.getNodeCount();
        graph.addNode(NodeProto.newBuilder()
                .setName(last)
                .setOpType(operator)
                .addAllInput(inputs)
                .addOutput(last)
                .addAllAttribute(List.of(attributes)));
        return last;
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto integers(String name, long... values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute.build();
    }

    private String constant(String what, long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(OWN + what)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        graph.addInitializer(tensor);
        return tensor.getName();
    }

    private String scalar(String what) {
        graph.addInitializer(TensorProto.newBuilder()
                .setName(OWN + what)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addInt64Data(0));
        return OWN + what;
    }

    private ModelProto end(ModelGraph.ImageInput input) {
        graph.addNode(NodeProto.newBuilder()
                .setName(OWN + FEATURES)
                .setOpType("Identity")
                .addInput(last)
                .addOutput(FEATURES));
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder()
                .addDim(dimension(input.batch(), "N"))
                .addDim(dimension(3, "C"))
                .addDim(dimension(input.height(), "H"))
                .addDim(dimension(input.width(), "W"));
        graph.setName("features")
                .addInput(ValueInfoProto.newBuilder()
                        .setName(IMAGES)
                        .setType(floats().setTensorType(
                                        floats().getTensorTypeBuilder().setShape(shape))))
                .addOutput(ValueInfoProto.newBuilder().setName(FEATURES).setType(floats()));
        // nothing else of the file is taken along: no texts, no names of its maker
        return ModelProto.newBuilder()
                .setIrVersion(source.model().getIrVersion())
                .addAllOpsetImport(imports())
                .setGraph(graph)
                .build();
    }

    /** Of the operators that are there, with one name for those of ONNX: what ONNX Runtime wrote names many others. */
    private List<OperatorSetIdProto> imports() {
        List<OperatorSetIdProto> imports = new ArrayList<>();
        imports.add(OperatorSetIdProto.newBuilder().setVersion(opset).build());
        Set<String> domains = new LinkedHashSet<>();
        graph.getNodeList().forEach(node -> domains.add(node.getDomain()));
        source.model().getOpsetImportList().stream()
                .filter(imported ->
                        !ModelCheck.isStandard(imported.getDomain()) && domains.remove(imported.getDomain()))
                .forEach(imports::add);
        return imports;
    }

    private static TensorShapeProto.Dimension.Builder dimension(long fixed, String name) {
        TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
        return fixed > 0 ? dimension.setDimValue(fixed) : dimension.setDimParam(name);
    }

    private static TypeProto.Builder floats() {
        return TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber()));
    }
}
