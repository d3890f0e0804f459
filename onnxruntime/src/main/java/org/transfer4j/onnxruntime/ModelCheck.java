package org.transfer4j.onnxruntime;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.Descriptors.Descriptor;
import org.nd4j.shade.protobuf.Descriptors.EnumValueDescriptor;
import org.nd4j.shade.protobuf.Descriptors.FieldDescriptor;
import org.nd4j.shade.protobuf.Message;
import org.nd4j.shade.protobuf.UnknownFieldSet;

/**
 * Looks at a model before the runtime sees it: a stranger's file may be anything. What passes is a list of the runtime's
 * own operators, each after what it reads, with tensors as long as they say, and without loops. How much memory they take is
 * for {@link ComputedSizes}, which knows the images' size.
 */
final class ModelCheck {
    private static final int MOST_NODES = 100_000;

    private static final String MICROSOFT = "com.microsoft";

    /** The runtime's own operators beside those of ONNX that exports of image networks have. */
    private static final Set<String> FUSED = Set.of(
            "Attention",
            "BiasAdd",
            "BiasGelu",
            "FastGelu",
            "FusedConv",
            "FusedGemm",
            "FusedMatMul",
            "Gelu",
            "MultiHeadAttention",
            "NhwcFusedConv",
            "QuickGelu",
            "SkipLayerNormalization");

    private final Set<String> constants = new HashSet<>();
    private final Set<String> known = new HashSet<>();

    private ModelCheck() {}

    /**
     * Checks a model.
     *
     * @throws IllegalArgumentException with the rule that it breaks
     */
    static void check(ModelProto model) {
        new ModelCheck().run(model);
    }

    private void run(ModelProto model) {
        UnknownFields.check(model);
        GraphProto graph = model.getGraph();
        if (graph.getNodeCount() < 1 || graph.getNodeCount() > MOST_NODES || graph.getOutputCount() < 1) {
            throw new IllegalArgumentException("a model has 1 to " + MOST_NODES + " nodes and an output, got "
                    + graph.getNodeCount() + " and " + graph.getOutputCount());
        }
        if (model.getFunctionsCount() > 0) {
            throw new IllegalArgumentException("it has functions of its own, such as "
                    + model.getFunctions(0).getName() + ": inline them with onnx.inliner, or export with dynamo=False");
        }
        requireOneVersion(model);
        if (graph.getSparseInitializerCount() > 0) {
            throw new IllegalArgumentException("it has sparse weights, which are not read here");
        }
        for (TensorProto weights : graph.getInitializerList()) {
            check(weights);
            define(weights.getName());
            constants.add(weights.getName());
        }
        for (ValueInfoProto input : graph.getInputList()) {
            // before 2020 weights were inputs, too
            if (!constants.contains(input.getName())) {
                define(input.getName());
            }
        }
        graph.getNodeList().forEach(this::check);
        graph.getOutputList().forEach(output -> requireKnown(output.getName(), "the outputs"));
    }

    /** Of two versions of one operator the runtime might take another one than the check. */
    private static void requireOneVersion(ModelProto model) {
        Map<String, Long> versions = new HashMap<>();
        for (OperatorSetIdProto opset : model.getOpsetImportList()) {
            String domain = isStandard(opset.getDomain()) ? "" : opset.getDomain();
            Long other = versions.putIfAbsent(domain, opset.getVersion());
            if (other != null && other != opset.getVersion()) {
                throw new IllegalArgumentException("it has operators of one version, but imports the opsets " + other
                        + " and " + opset.getVersion() + " of \"" + domain + "\"");
            }
        }
    }

    static boolean isStandard(String domain) {
        return domain.isEmpty() || domain.equals("ai.onnx");
    }

    private void define(String name) {
        if (name.isEmpty() || !known.add(name)) {
            throw new IllegalArgumentException("it has no two values of one name, but two called \"" + name + "\"");
        }
    }

    private void requireKnown(String name, String reader) {
        if (!known.contains(name)) {
            throw new IllegalArgumentException("each node stands after what it reads, but " + reader + " read \"" + name
                    + "\", which is not there yet: it is missing, or a part of a circle");
        }
    }

    private void check(NodeProto node) {
        String title = node.getOpType() + " \"" + node.getName() + "\"";
        boolean fused = node.getDomain().equals(MICROSOFT) && FUSED.contains(node.getOpType());
        if (!isStandard(node.getDomain()) && !fused) {
            throw new IllegalArgumentException("the node " + title + " is of " + node.getDomain()
                    + ": only ONNX' own operators are run, and of " + MICROSOFT + " " + FUSED);
        }
        AttributeCheck.check(node, title);
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()
                    || attribute.getGraphsCount() > 0
                    || attribute.getSparseTensorsCount() > 0
                    || attribute.hasSparseTensor()) {
                throw new IllegalArgumentException("the node " + title
                        + " has a graph of its own (a loop or a branch), which is not run here: export the network with"
                        + " fixed sizes (PyTorch: dynamo=False), or fold its constants with onnxsim");
            }
            if (attribute.hasT()) {
                check(attribute.getT());
            }
            attribute.getTensorsList().forEach(ModelCheck::check);
        }
        node.getInputList().stream().filter(name -> !name.isEmpty()).forEach(name -> requireKnown(name, title));
        node.getOutputList().stream().filter(name -> !name.isEmpty()).forEach(this::define);
    }

    private static void check(TensorProto tensor) {
        if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL || tensor.getExternalDataCount() > 0) {
            throw new IllegalArgumentException("the tensor \"" + tensor.getName() + "\" is in another file");
        }
        if (Tensors.kinds(tensor) > 1) {
            throw new IllegalArgumentException("the tensor \"" + tensor.getName()
                    + "\" has one kind of data, but it has numbers in " + Tensors.kinds(tensor) + " fields");
        }
        long wanted = Tensors.elements(tensor);
        long width = Tensors.width(tensor);
        if (!tensor.getRawData().isEmpty() && width > 0 && tensor.getRawData().size() != (wanted * width + 1) / 2) {
            throw new IllegalArgumentException("the tensor \"" + tensor.getName() + "\" of " + tensor.getDimsList()
                    + " has " + tensor.getRawData().size() + " bytes");
        }
    }

    /** Looks at a node's attributes: ONNX Runtime divides by some of them without a look, and the processor ends the process. */
    private static final class AttributeCheck {
        /** What there is at least one of. */
        private static final Set<String> POSITIVE = Set.of(
                "blocksize",
                "dilations",
                "group",
                "kernel_shape",
                "kv_num_heads",
                "num_groups",
                "num_heads",
                "num_outputs",
                "q_num_heads",
                "size",
                "strides");

        /** The same of what 0 leaves out. */
        private static final Set<String> NOT_NEGATIVE = Set.of("block_size");

        private AttributeCheck() {}

        /**
         * Checks a node's attributes.
         *
         * @param title of the node
         * @throws IllegalArgumentException with the rule that one breaks
         */
        static void check(NodeProto node, String title) {
            Set<String> names = new HashSet<>();
            for (AttributeProto attribute : node.getAttributeList()) {
                if (!names.add(attribute.getName())) {
                    throw new IllegalArgumentException(
                            "the node " + title + " has no two attributes of one name, but two" + " called \""
                                    + attribute.getName() + "\"");
                }
                if (POSITIVE.contains(attribute.getName())) {
                    requireAtLeast(1, attribute, title);
                } else if (NOT_NEGATIVE.contains(attribute.getName())) {
                    requireAtLeast(0, attribute, title);
                }
            }
            if (node.getOpType().equals("Constant") && node.getAttributeCount() != 1) {
                throw new IllegalArgumentException("the node " + title + " has its number in one attribute, got "
                        + names.stream().sorted().toList());
            }
        }

        private static void requireAtLeast(long least, AttributeProto attribute, String title) {
            List<Long> values = switch (attribute.getType()) {
                case INT -> List.of(attribute.getI());
                case INTS -> attribute.getIntsList();
                default -> List.of(least - 1);
            };
            if (values.stream().anyMatch(value -> value < least)) {
                throw new IllegalArgumentException("the node " + title + " has whole numbers of " + least
                        + " or more for its attribute " + attribute.getName() + ", got "
                        + (attribute.getType() == AttributeProto.AttributeType.INTS
                                ? attribute.getIntsList()
                                : attribute.getI()));
            }
        }
    }

    /**
     * Fields of a newer ONNX than the one that is read here. ONNX Runtime may know them, so that what was checked would not be what
     * is run.
     */
    static final class UnknownFields {
        /** {@code metadata_props} of ONNX 1.16, in which exporters note where something comes from: nothing is computed by it. */
        private static final Map<Descriptor, Integer> NOTES = Map.of(
                GraphProto.getDescriptor(), 16,
                NodeProto.getDescriptor(), 9,
                TensorProto.getDescriptor(), 16,
                ValueInfoProto.getDescriptor(), 4);

        /** Which of several functions of one name a node calls; without functions it can only be empty. */
        private static final int OVERLOAD = 8;

        private UnknownFields() {}

        /**
         * Looks at a message and all those in it.
         *
         * @throws IllegalArgumentException if one has a field, or a choice, that is not known and no note
         */
        static void check(Message message) {
            message.getUnknownFields().asMap().forEach((number, field) -> {
                if (!isNote(message, number, field)) {
                    throw refused(message, "the field " + number);
                }
            });
            message.getAllFields().forEach((field, value) -> {
                if (value instanceof EnumValueDescriptor choice && choice.getIndex() < 0) {
                    throw refused(message, "the " + field.getName() + " " + choice.getNumber());
                }
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                    List<?> messages = value instanceof List<?> several ? several : List.of(value);
                    messages.forEach(one -> check((Message) one));
                }
            });
        }

        private static IllegalArgumentException refused(Message message, String what) {
            return new IllegalArgumentException("its " + title(message) + " has " + what
                    + ", which is not known here and so not checked, but may be to ONNX Runtime: export the model with IR"
                    + " version 9 or older");
        }

        private static boolean isNote(Message message, int number, UnknownFieldSet.Field field) {
            Descriptor type = message.getDescriptorForType();
            return Integer.valueOf(number).equals(NOTES.get(type))
                    || (type.equals(NodeProto.getDescriptor())
                            && number == OVERLOAD
                            && field.equals(UnknownFieldSet.Field.newBuilder()
                                    .addLengthDelimited(ByteString.EMPTY)
                                    .build()));
        }

        /** Such as {@code NodeProto "/conv1/Conv"}. */
        private static String title(Message message) {
            Descriptor type = message.getDescriptorForType();
            FieldDescriptor field = type.findFieldByName("name");
            Object name = field == null ? "" : message.getField(field);
            return type.getName() + (name.equals("") ? "" : " \"" + name + "\"");
        }

        /** A node that was checked, without notes and comments. */
        static NodeProto.Builder plain(NodeProto node) {
            NodeProto.Builder plain =
                    node.toBuilder().clearDocString().setUnknownFields(UnknownFieldSet.getDefaultInstance());
            for (AttributeProto.Builder attribute : plain.getAttributeBuilderList()) {
                attribute.clearDocString();
                if (attribute.hasT()) {
                    attribute.setT(plain(attribute.getT()));
                }
                for (int i = 0; i < attribute.getTensorsCount(); i++) {
                    attribute.setTensors(i, plain(attribute.getTensors(i)));
                }
            }
            return plain;
        }

        /** The same of a tensor. */
        static TensorProto.Builder plain(TensorProto tensor) {
            return tensor.toBuilder().clearDocString().setUnknownFields(UnknownFieldSet.getDefaultInstance());
        }
    }
}
