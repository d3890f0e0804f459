package org.transfer4j.onnxruntime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.MemoryLimitException;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.onnxruntime.NodeCall.UnforeseenException;

/**
 * How much memory a checked model takes for images of a size, found out without computing anything: a file of a few hundred
 * bytes can ask for terabytes. The shapes of all tensors follow from that of the images, through the sizes that the model
 * computes of shapes; what lies in memory at once is what later nodes still read.
 */
final class ComputedSizes {
    /** The system property that lets a model run whose memory can't be known. */
    static final String TRUSTED = "transfer4j.onnxruntime.trusted";

    /** How many numbers are kept at a time: all that a model makes sizes of are much fewer. */
    private static final int MOST_NUMBERS = 1 << 20;

    private final GraphProto graph;
    private final long opset;
    private final @Nullable Path file;
    private final long limit = NativeMemory.limit();
    private final Map<String, Foreseen> known = new HashMap<>();
    private final Map<String, TensorProto> constants = new HashMap<>();
    private final Map<String, String> lost = new HashMap<>();
    private final Map<String, Integer> lastRead = new HashMap<>();
    private final Set<String> ofImages = new HashSet<>();
    private List<Long> images = List.of();
    private long held;
    private long peak;
    private long numbers;

    private ComputedSizes(@Nullable Path file, ModelProto model) {
        this.file = file;
        // what a CPU runs
        this.graph = NormalizationSteps.of(model, NativeThreads.count()).getGraph();
        this.opset = ModelGraph.opset(model);
    }

    /**
     * The bytes of all that lies in memory at once at most, beside the weights.
     *
     * @param file where it comes from, or null
     * @param model which was checked; its one input are the images
     * @param images their shape, with the batch
     * @throws MemoryLimitException if that is more than {@code transfer4j.memory}: the message names the node, the bytes, the
     *     limit and the setting
     * @throws IllegalArgumentException if it can't be known
     */
    static long require(@Nullable Path file, ModelProto model, List<Long> images) {
        ComputedSizes sizes = new ComputedSizes(file, model);
        sizes.run(images);
        return sizes.peak;
    }

    /** What is known of each tensor. */
    static Map<String, Foreseen> foreseen(ModelProto model, List<Long> images) {
        ComputedSizes sizes = new ComputedSizes(null, model);
        sizes.run(images);
        return sizes.known;
    }

    private void run(List<Long> given) {
        images = given;
        for (TensorProto weights : graph.getInitializerList()) {
            known.put(weights.getName(), Rearrangements.of(weights).withoutNumbers());
            constants.put(weights.getName(), weights);
        }
        Set<String> weights = new HashSet<>(known.keySet());
        graph.getInputList().stream()
                .filter(input -> !weights.contains(input.getName()))
                .forEach(input -> {
                    Foreseen value = Foreseen.of(DataType.FLOAT, images);
                    known.put(input.getName(), value);
                    held = sum(held, value.bytes());
                    ofImages.add(input.getName());
                });
        for (int i = 0; i < graph.getNodeCount(); i++) {
            for (String input : graph.getNode(i).getInputList()) {
                lastRead.put(input, i);
            }
        }
        for (NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("Constant") && node.getOutputCount() == 1) {
                node.getAttributeList().stream()
                        .filter(attribute -> attribute.hasT())
                        .forEach(attribute -> constants.put(node.getOutput(0), attribute.getT()));
            }
        }
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            if (!node.getOpType().equals("Shape")
                    && node.getInputList().stream().anyMatch(ofImages::contains)) {
                ofImages.addAll(node.getOutputList());
            }
            hold(node, outputs(node));
            for (String input : new HashSet<>(node.getInputList())) {
                if (lastRead.getOrDefault(input, -1) == i) {
                    release(input);
                }
            }
            for (String output : node.getOutputList()) {
                if (!lastRead.containsKey(output)) {
                    release(output);
                }
            }
        }
    }

    private List<Foreseen> outputs(NodeProto node) {
        NodeCall call = new NodeCall(node, inputs(node), opset);
        requireDivision(node, call);
        try {
            List<Foreseen> outputs = new ArrayList<>(ShapeRules.outputs(call));
            requireNumbers(call, outputs);
            if (node.getOutputCount() == 1) {
                outputs.set(0, few(SizeArithmetic.numbered(call, outputs.get(0))));
                noteLoss(node, outputs.get(0));
            }
            return outputs;
        } catch (UnforeseenException e) {
            if (Boolean.getBoolean(TRUSTED)) {
                long most = 0;
                for (Foreseen input : call.all()) {
                    most = Math.max(most, input.most());
                }
                return new ArrayList<>(
                        Collections.nCopies(Math.max(1, node.getOutputCount()), Foreseen.upTo(DataType.FLOAT, most)));
            }
            throw new IllegalArgumentException(
                    title(node) + " " + e.getMessage()
                            + (e.getMessage().equals(NodeCall.OF_IMAGES) ? lost(node) : "")
                            + ", so that the memory that it takes is not known before: export the model with fixed sizes, or simplify"
                            + " it with onnxsim; one that you trust runs with -D" + TRUSTED + "=true",
                    e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
            throw new IllegalArgumentException(title(node) + " does not fit its inputs: it " + e.getMessage(), e);
        }
    }

    /** With their numbers, of constants taken from the file each time. */
    private List<@Nullable Foreseen> inputs(NodeProto node) {
        List<@Nullable Foreseen> inputs = new ArrayList<>();
        Map<String, Foreseen> read = new HashMap<>();
        long room = MOST_NUMBERS;
        for (String name : node.getInputList()) {
            Foreseen value = read.containsKey(name) ? read.get(name) : known.get(name);
            TensorProto constant = constants.get(name);
            // of larger ones no numbers are kept
            long most = Math.min(room, Foreseen.MOST_NUMBERS);
            if (value != null && constant != null && value.numbers() == null && value.most() <= most) {
                value = Rearrangements.of(constant);
                room -= value.most();
                read.put(name, value);
            }
            inputs.add(name.isEmpty() ? null : value);
        }
        return inputs;
    }

    /** Without its numbers where there are too many already: a small file must not fill the heap. */
    private Foreseen few(Foreseen output) {
        return numbers + count(output) > MOST_NUMBERS ? output.withoutNumbers() : output;
    }

    private static int count(Foreseen value) {
        return value.numbers() == null ? 0 : value.numbers().size();
    }

    private void requireDivision(NodeProto node, NodeCall call) {
        WholeDivision.danger(call)
                .filter(danger -> !Boolean.getBoolean(TRUSTED))
                .ifPresent(danger -> {
                    throw new IllegalArgumentException(
                            title(node) + " " + danger + "; a model that you trust runs with -D" + TRUSTED + "=true");
                });
    }

    private static void requireNumbers(NodeCall call, List<Foreseen> outputs) {
        EmptyTensors.danger(call, outputs)
                .filter(danger -> !Boolean.getBoolean(TRUSTED))
                .ifPresent(danger -> {
                    throw new IllegalArgumentException(danger);
                });
    }

    /** Remembers the first node after which numbers are not known. */
    private void noteLoss(NodeProto node, Foreseen output) {
        if (output.numbers() == null && output.most() <= Foreseen.MOST_NUMBERS) {
            String before = lost(node);
            boolean first = before.isEmpty() && node.getInputList().stream().noneMatch(ofImages::contains);
            if (first || !before.isEmpty()) {
                lost.put(
                        node.getOutput(0),
                        first ? ", or of what " + title(node) + " gives, which is not computed here" : before);
            }
        }
    }

    /** Where numbers that a node reads were lost, for an error; empty if it is not known. */
    private String lost(NodeProto node) {
        return node.getInputList().stream()
                .map(name -> lost.getOrDefault(name, ""))
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
    }

    private static String title(NodeProto node) {
        return "the node " + node.getOpType() + " \"" + node.getName() + "\"";
    }

    /** Outputs have names; what is more is needed while the node runs. */
    private void hold(NodeProto node, List<Foreseen> outputs) {
        long working = 0;
        for (int i = 0; i < outputs.size(); i++) {
            Foreseen output = outputs.get(i);
            String name = i < node.getOutputCount() ? node.getOutput(i) : "";
            if (name.isEmpty()) {
                working = sum(working, output.bytes());
            } else {
                known.put(name, constants.containsKey(name) ? output.withoutNumbers() : output);
                numbers += count(Objects.requireNonNull(known.get(name)));
                held = sum(held, output.bytes());
            }
            require(node, output.bytes());
        }
        peak = Math.max(peak, sum(held, working));
        require(node, peak);
    }

    private void require(NodeProto node, long bytes) {
        if (bytes > limit) {
            throw new MemoryLimitException(
                    file,
                    String.format(
                            Locale.ROOT,
                            "for images %s the ONNX model takes %,d bytes or more with %s: more than the limit of %,d, which"
                                    + " -D%s=4g, for example, sets when the JVM starts",
                            images,
                            bytes,
                            title(node),
                            limit,
                            NativeMemory.PROPERTY),
                    null);
        }
    }

    /** What does not come from the images is computed once, and stays. */
    private void release(String name) {
        Foreseen value = known.get(name);
        if (value == null) {
            return;
        }
        numbers -= count(value);
        known.put(name, value.withoutNumbers());
        if (ofImages.contains(name)) {
            held -= value.bytes();
        }
    }

    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /** So many images, the most or a half of it again and again, as take half of the memory that is allowed; at least one. */
    static int batch(ModelProto model, int most, Shape image) {
        int batch = most;
        while (batch > 1 && !fits(model, image, batch)) {
            batch /= 2;
        }
        return batch;
    }

    private static boolean fits(ModelProto model, Shape image, int batch) {
        try {
            return require(null, model, shape(image, batch)) <= NativeMemory.limit() / 2;
        } catch (MemoryLimitException | IllegalArgumentException e) {
            return false;
        }
    }

    /** The shape of so many images. */
    static List<Long> shape(Shape image, long batch) {
        return Arrays.stream(image.withBatch(batch)).boxed().toList();
    }

    /**
     * Looks at divisions of whole numbers, which ONNX Runtime leaves to the processor: by 0, or of the lowest number by -1, it ends
     * the process.
     */
    private static final class WholeDivision {
        private WholeDivision() {}

        /** Why a node, with what is known of its inputs, may end the process; empty if it can't. */
        static Optional<String> danger(NodeCall call) {
            boolean divides = call.operator().equals("Div") || call.operator().equals("Mod");
            if (!divides
                    || !call.has(0)
                    || !call.has(1)
                    || !(call.in(0).isWhole() || call.in(1).isWhole())) {
                return Optional.empty();
            }
            List<Double> divisors = call.in(1).numbers();
            if (divisors == null) {
                return Optional.of("divides whole numbers by some that are not known before: by 0 the process ends");
            }
            if (divisors.stream().anyMatch(number -> number == 0)) {
                return Optional.of("divides whole numbers by 0: the process ends");
            }
            List<Double> dividends = call.in(0).numbers();
            boolean lowest = dividends == null || dividends.stream().anyMatch(number -> number <= Integer.MIN_VALUE);
            return divisors.contains(-1.0) && lowest
                    ? Optional.of("divides whole numbers that are not known before, or the lowest, by -1:"
                            + " of the lowest the process ends")
                    : Optional.empty();
        }
    }

    /**
     * Looks at tensors without numbers, as of the shape [1, 0, 32]: many of ONNX Runtime's kernels divide by a size without a look,
     * and by 0 the processor ends the process. Networks of images have such tensors only where they make sizes.
     */
    private static final class EmptyTensors {
        /** What sizes are made with, which the runtime computes of no numbers too. */
        private static final Set<String> SIZES = Set.of(
                "Abs",
                "Add",
                "And",
                "Cast",
                "Ceil",
                "Concat",
                "Constant",
                "ConstantOfShape",
                "Div",
                "Equal",
                "Expand",
                "Flatten",
                "Floor",
                "Gather",
                "Greater",
                "GreaterOrEqual",
                "Identity",
                "Less",
                "LessOrEqual",
                "Max",
                "Min",
                "Mul",
                "Neg",
                "Not",
                "Or",
                "Range",
                "ReduceProd",
                "ReduceSum",
                "Reshape",
                "Shape",
                "Size",
                "Slice",
                "Split",
                "Sqrt",
                "Squeeze",
                "Sub",
                "Tile",
                "Transpose",
                "Unsqueeze",
                "Where");

        /** What reads lists behind its first input, which may be empty: of axes, or of factors that are not used. */
        private static final Set<String> WITH_LISTS = Set.of("Pad", "Resize", "Upsample");

        private EmptyTensors() {}

        /** Why a node, with what is known of its inputs and outputs, may end the process; empty if it can't. */
        static Optional<String> danger(NodeCall call, List<Foreseen> outputs) {
            if (SIZES.contains(call.operator())) {
                return Optional.empty();
            }
            boolean lists =
                    WITH_LISTS.contains(call.operator()) || call.operator().startsWith("Reduce");
            for (int i = 0; i < (lists ? Math.min(1, call.inputs()) : call.inputs()); i++) {
                if (call.has(i) && isMaybeEmpty(call.in(i).shape())) {
                    return Optional.of("reads " + text(call.in(i).shape()));
                }
            }
            return outputs.stream()
                    .map(Foreseen::shape)
                    .filter(shape -> shape != null && isMaybeEmpty(shape))
                    .findFirst()
                    .map(shape -> "gives " + text(shape));
        }

        private static boolean isMaybeEmpty(@Nullable List<Long> shape) {
            return shape == null || shape.contains(0L);
        }

        private static String text(@Nullable List<Long> shape) {
            return "a tensor that "
                    + (shape == null ? "may have no numbers" : "has no numbers, of the shape " + shape)
                    + ": by a size of 0 the process may end; a model that you trust runs with -D"
                    + ComputedSizes.TRUSTED
                    + "=true";
        }
    }
}
