package org.transfer4j.onnxruntime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;

/** A checked model's graph, in which inputs, outputs and good places to cut are found. */
final class ModelGraph {
    private static final int CHANNELS = 3;

    /** What ends the blocks of image networks. */
    private static final Set<String> BLOCK_ENDS =
            Set.of("Add", "Concat", "MaxPool", "AveragePool", "GlobalAveragePool", "Relu", "LayerNormalization");

    /** What image networks have not, and detectors have. */
    private static final Set<String> OF_DETECTORS = Set.of("NonMaxSuppression", "RoiAlign", "MaxRoiPool");

    /** What stands before the first layer where a model scales its images itself. */
    private static final Set<String> SCALING = Set.of("Add", "Cast", "Div", "Identity", "Mul", "Sub", "Transpose");

    /** ConvNeXt's stem has windows of 4x4 and takes images of any size. */
    private static final int SMALLEST_PATCH = 8;

    private final ModelProto model;
    private final GraphProto graph;
    private final Map<String, NodeProto> producers = new HashMap<>();
    private final Set<String> weights;

    ModelGraph(ModelProto model) {
        this.model = model;
        this.graph = model.getGraph();
        graph.getNodeList().forEach(node -> node.getOutputList().forEach(output -> producers.put(output, node)));
        this.weights =
                graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
    }

    /** The version of ONNX' operators. */
    static long opset(ModelProto model) {
        return model.getOpsetImportList().stream()
                .filter(imported ->
                        imported.getDomain().isEmpty() || imported.getDomain().equals("ai.onnx"))
                .mapToLong(imported -> imported.getVersion())
                .max()
                .orElse(1);
    }

    ModelProto model() {
        return model;
    }

    /**
     * The image input as the file has it.
     *
     * @param batch the only number of images at once, 0 for any; so height and width
     * @param patch the side of the patches that the first layer cuts them into, 1 if it cuts none
     */
    record ImageInput(
            String name, boolean channelsLast, boolean half, long batch, long height, long width, long patch) {
        ImageInput withBatch(long other) {
            return new ImageInput(name, channelsLast, half, other, height, width, patch);
        }

        /**
         * Holds a size against the model's.
         *
         * @throws IllegalArgumentException if it takes no such images
         */
        void require(long wantedHeight, long wantedWidth) {
            if ((height > 0 && height != wantedHeight) || (width > 0 && width != wantedWidth)) {
                throw new IllegalArgumentException("takes images of " + (height > 0 ? height : "any") + "x"
                        + (width > 0 ? width : "any") + " alone, got " + wantedHeight + "x" + wantedWidth
                        + ": export it with free sizes for others");
            }
            if (wantedHeight % patch != 0 || wantedWidth % patch != 0) {
                throw new IllegalArgumentException("cuts images into patches of " + patch + "x" + patch
                        + ", which do not divide " + wantedHeight + "x" + wantedWidth);
            }
        }
    }

    /** The only size that a dimension can have, 0 for any. */
    private static long fixed(TypeProto.Tensor type, int dimension) {
        return Math.max(0, type.getShape().getDim(dimension).getDimValue());
    }

    /** The output of that name, or the last one; also one of an inner node. */
    String output(Optional<String> wanted) {
        String name = wanted.orElseGet(
                () -> graph.getOutput(graph.getOutputCount() - 1).getName());
        if (!producers.containsKey(name)) {
            throw new IllegalArgumentException("has no output and no node that gives \"" + name + "\"; its outputs are "
                    + names(graph.getOutputList()) + ", and it may be cut at " + cutPoints(name("")));
        }
        return name;
    }

    private static Optional<String> name(String none) {
        return none.isEmpty() ? Optional.empty() : Optional.of(none);
    }

    /** The nodes that an output needs, in their order. */
    List<NodeProto> upTo(String output) {
        Set<String> needed = new HashSet<>(Set.of(output));
        List<NodeProto> nodes = new ArrayList<>();
        for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
            NodeProto node = graph.getNode(i);
            if (node.getOutputList().stream().anyMatch(needed::contains)) {
                nodes.add(node);
                needed.addAll(node.getInputList());
            }
        }
        Collections.reverse(nodes);
        return nodes;
    }

    /** The weights that nodes read. */
    List<TensorProto> weights(List<NodeProto> nodes) {
        Set<String> read = read(nodes);
        return graph.getInitializerList().stream()
                .filter(tensor -> read.contains(tensor.getName()))
                .toList();
    }

    private static Set<String> read(List<NodeProto> nodes) {
        return nodes.stream().flatMap(node -> node.getInputList().stream()).collect(Collectors.toSet());
    }

    /**
     * The one input that an output needs, which must be of images.
     *
     * @param wanted its name, empty for whichever there is
     * @param channelsLast whether it is said that its images are [N, H, W, C]
     */
    ImageInput input(String output, Optional<String> wanted, boolean channelsLast) {
        List<NodeProto> nodes = upTo(output);
        Set<String> read = read(nodes);
        Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
        graph.getInputList().stream()
                .filter(input -> read.contains(input.getName()) && !weights.contains(input.getName()))
                .forEach(input -> inputs.put(input.getName(), input));
        String all = inputs.values().stream().map(ModelGraph::described).collect(Collectors.joining(", "));
        if (wanted.isPresent() && !inputs.containsKey(wanted.get())) {
            throw new IllegalArgumentException(
                    "has no input \"" + wanted.get() + "\" that \"" + output + "\" needs; there is " + all);
        }
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("must have one input, of images, but for \"" + output + "\" it needs "
                    + (inputs.isEmpty() ? "none" : all) + ": output(...) may name one that needs the images alone, "
                    + "such as "
                    + graph.getOutputList().stream()
                            .map(ValueInfoProto::getName)
                            .toList());
        }
        nodes.stream()
                .filter(node -> OF_DETECTORS.contains(node.getOpType()))
                .findFirst()
                .ifPresent(node -> {
                    throw new IllegalArgumentException(
                            "is a detector, whose boxes are no features: it has " + node.getOpType()
                                    + ". output(...) may end it below, such as at " + cutPoints(name(output)));
                });
        ValueInfoProto input = inputs.values().iterator().next();
        return image(input, channelsLast, patch(nodes, input.getName()));
    }

    /** The windows of a transformer's first layer lie side by side; those of other networks overlap, or are small. */
    private static long patch(List<NodeProto> nodes, String images) {
        Set<String> scaled = new HashSet<>(Set.of(images));
        for (NodeProto node : nodes) {
            if (node.getInputList().stream().noneMatch(scaled::contains)) {
                continue;
            }
            if (SCALING.contains(node.getOpType())) {
                scaled.addAll(node.getOutputList());
            } else if (node.getOpType().equals("Conv")) {
                List<Long> steps = sizes(node, "strides");
                boolean apart = steps.equals(sizes(node, "kernel_shape"));
                return apart && steps.size() == 2 && steps.get(0).equals(steps.get(1)) && steps.get(0) >= SMALLEST_PATCH
                        ? steps.get(0)
                        : 1;
            }
        }
        return 1;
    }

    private static List<Long> sizes(NodeProto node, String attribute) {
        return node.getAttributeList().stream()
                .filter(one -> one.getName().equals(attribute))
                .findFirst()
                .map(AttributeProto::getIntsList)
                .orElse(List.of());
    }

    private static ImageInput image(ValueInfoProto input, boolean channelsLast, long patch) {
        TypeProto.Tensor type = input.getType().getTensorType();
        boolean half = type.getElemType() == TensorProto.DataType.FLOAT16.getNumber();
        boolean floats = half || type.getElemType() == TensorProto.DataType.FLOAT.getNumber();
        if (!floats || type.getShape().getDimCount() != 4) {
            throw new IllegalArgumentException(
                    "must read images, float or float16 [N, 3, H, W] or [N, H, W, 3], but reads " + described(input));
        }
        boolean last = channelsLast
                || (!isChannels(type.getShape().getDim(1))
                        && type.getShape().getDim(1).hasDimValue()
                        && isChannels(type.getShape().getDim(3)))
                || (!type.getShape().getDim(1).hasDimValue()
                        && isChannels(type.getShape().getDim(3)));
        TensorShapeProto.Dimension channels = type.getShape().getDim(last ? 3 : 1);
        if (channels.hasDimValue() && channels.getDimValue() != CHANNELS) {
            throw new IllegalArgumentException(
                    "must read images of " + CHANNELS + " channels, but reads " + described(input));
        }
        return new ImageInput(
                input.getName(),
                last,
                half,
                fixed(type, 0),
                fixed(type, last ? 1 : 2),
                fixed(type, last ? 2 : 3),
                patch);
    }

    private static boolean isChannels(TensorShapeProto.Dimension dimension) {
        return dimension.hasDimValue() && dimension.getDimValue() == CHANNELS;
    }

    private static String names(List<ValueInfoProto> values) {
        return values.stream().map(ValueInfoProto::getName).toList().toString();
    }

    /** Such as {@code pixel_values float [batch, 3, 224, 224]}. */
    private static String described(ValueInfoProto value) {
        TypeProto.Tensor type = value.getType().getTensorType();
        TensorProto.DataType element = TensorProto.DataType.forNumber(type.getElemType());
        return value.getName() + " "
                + (element == null ? "of an unknown type" : element.name().toLowerCase(Locale.ROOT)) + " "
                + type.getShape().getDimList().stream()
                        .map(dimension -> dimension.hasDimValue()
                                ? Long.toString(dimension.getDimValue())
                                : dimension.getDimParam().isEmpty() ? "?" : dimension.getDimParam())
                        .toList();
    }

    /**
     * Where the graph is best cut, from the lowest up: what ends a block, and what all above it passes through.
     *
     * @param output up to this one, empty for the last
     */
    List<String> cutPoints(Optional<String> output) {
        List<NodeProto> nodes = upTo(output.orElseGet(() -> output(Optional.empty())));
        Map<String, Integer> lastRead = new HashMap<>();
        Set<String> ofImages = new HashSet<>();
        graph.getInputList().stream()
                .map(ValueInfoProto::getName)
                .filter(name -> !weights.contains(name))
                .forEach(ofImages::add);
        for (int i = 0; i < nodes.size(); i++) {
            NodeProto node = nodes.get(i);
            // what is only computed of shapes is none of the images' way
            if (!node.getOpType().equals("Shape")
                    && node.getInputList().stream().anyMatch(ofImages::contains)) {
                ofImages.addAll(node.getOutputList());
            }
            if (!node.getOpType().equals("Shape")) {
                for (String input : node.getInputList()) {
                    lastRead.put(input, i);
                }
            }
        }
        List<String> points = new ArrayList<>();
        int open = -1;
        for (String input : ofImages) {
            if (!producers.containsKey(input)) {
                open = Math.max(open, lastRead.getOrDefault(input, -1));
            }
        }
        for (int i = 0; i < nodes.size(); i++) {
            NodeProto node = nodes.get(i);
            boolean passes = open <= i;
            for (String given : node.getOutputList()) {
                if (ofImages.contains(given)) {
                    if (passes && node.getOutputCount() == 1 && BLOCK_ENDS.contains(node.getOpType())) {
                        points.add(given);
                    }
                    open = Math.max(open, lastRead.getOrDefault(given, -1));
                }
            }
        }
        return ends(points);
    }

    /** Of neighbours that only a block of the same sums tells apart, sums say most: a network with them is cut there. */
    private List<String> ends(List<String> points) {
        List<String> sums = points.stream()
                .filter(point -> {
                    NodeProto node = producers.get(point);
                    return node != null && node.getOpType().equals("Add") && !readsWeights(node);
                })
                .toList();
        return sums.isEmpty() ? points : sums;
    }

    /** A bias, not a connection around a block. */
    private boolean readsWeights(NodeProto node) {
        return node.getInputList().stream()
                .anyMatch(input -> weights.contains(input)
                        || (producers.containsKey(input)
                                && producers.get(input).getOpType().equals("Constant")));
    }
}
