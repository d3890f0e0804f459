package org.transfer4j.onnxruntime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import onnx.Onnx.TensorProto.DataType;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.onnxruntime.NodeCall.UnforeseenException;

/**
 * The shapes of what operators give, of those of their inputs
 * (<a href="https://onnx.ai/onnx/operators/">ONNX Operators</a>).
 */
final class ShapeRules {
    private static final Set<String> SAME = Set.of(
            "Abs",
            "Acos",
            "Acosh",
            "Asin",
            "Asinh",
            "Atan",
            "Atanh",
            "BatchNormalization",
            "BiasGelu",
            "BitwiseNot",
            "Ceil",
            "Celu",
            "Clip",
            "Cos",
            "Cosh",
            "CumSum",
            "Dropout",
            "Elu",
            "Erf",
            "Exp",
            "FastGelu",
            "Floor",
            "Gelu",
            "GroupNormalization",
            "HardSigmoid",
            "HardSwish",
            "Hardmax",
            "Identity",
            "InstanceNormalization",
            "LRN",
            "LayerNormalization",
            "LeakyRelu",
            "Log",
            "LogSoftmax",
            "LpNormalization",
            "MeanVarianceNormalization",
            "Mish",
            "Neg",
            "QuickGelu",
            "RMSNormalization",
            "Reciprocal",
            "Relu",
            "ReverseSequence",
            "Round",
            "ScatterElements",
            "ScatterND",
            "Selu",
            "Shrink",
            "Sigmoid",
            "Sign",
            "Sin",
            "Sinh",
            "SkipLayerNormalization",
            "Softmax",
            "Softplus",
            "Softsign",
            "Sqrt",
            "Swish",
            "Tan",
            "Tanh",
            "ThresholdedRelu",
            "Trilu");

    private static final Set<String> TRUTHS =
            Set.of("And", "Or", "Xor", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual");

    private static final Set<String> JOINED = Set.of(
            "Add",
            "BiasAdd",
            "BitShift",
            "BitwiseAnd",
            "BitwiseOr",
            "BitwiseXor",
            "Div",
            "Max",
            "Mean",
            "Min",
            "Mod",
            "Mul",
            "PRelu",
            "Pow",
            "Sub",
            "Sum");

    private ShapeRules() {}

    /**
     * What a node gives.
     *
     * @throws UnforeseenException if that can't be known before
     * @throws IllegalArgumentException if its inputs don't fit
     */
    static List<Foreseen> outputs(NodeCall call) {
        String operator = call.operator();
        DataType type = call.inputs() > 0 && call.has(0) ? call.in(0).type() : DataType.FLOAT;
        if (SAME.contains(operator)) {
            return repeated(call, call.in(0).as(type));
        }
        if (JOINED.contains(operator)) {
            return List.of(broadcast(type, call.all()));
        }
        if (TRUTHS.contains(operator)) {
            return List.of(broadcast(DataType.BOOL, call.all()));
        }
        if (operator.startsWith("Reduce")) {
            return List.of(Foreseen.of(type, Reductions.reduced(call, call.longs("axes", 1), 1)));
        }
        return switch (operator) {
            case "Not", "IsNaN", "IsInf" -> List.of(call.in(0).as(DataType.BOOL));
            case "Cast" -> List.of(call.in(0).as(type(call.integer("to", 1))));
            case "CastLike" -> List.of(call.in(0).as(call.in(1).type()));
            case "Bernoulli", "RandomNormalLike", "RandomUniformLike" ->
                List.of(call.in(0).as(named(call, "dtype", type)));
            case "DequantizeLinear" ->
                List.of(call.in(0).as(named(call, "output_dtype", call.in(1).type())));
            case "QuantizeLinear" ->
                List.of(call.in(0)
                        .as(named(call, "output_dtype", call.has(2) ? call.in(2).type() : DataType.UINT8)));
            case "DynamicQuantizeLinear" ->
                List.of(
                        call.in(0).as(DataType.UINT8),
                        Foreseen.of(DataType.FLOAT, List.of()),
                        Foreseen.of(DataType.UINT8, List.of()));
            case "Where" -> List.of(broadcast(call.in(1).type(), call.all()));
            case "ArgMax", "ArgMin" ->
                List.of(Foreseen.of(
                        DataType.INT64, Reductions.reduced(call, Optional.of(List.of(call.integer("axis", 0))), 1)));
            case "Shape" ->
                List.of(Foreseen.of(DataType.INT64, List.of((long)
                        SizeArithmetic.shape(call).size())));
            case "Size" -> List.of(Foreseen.of(DataType.INT64, List.of()));
            case "Conv",
                    "FusedConv",
                    "ConvInteger",
                    "QLinearConv",
                    "MaxPool",
                    "AveragePool",
                    "LpPool",
                    "ConvTranspose",
                    "GlobalAveragePool",
                    "GlobalMaxPool",
                    "GlobalLpPool" -> Windows.outputs(call, type);
            case "MatMul", "MatMulInteger" -> List.of(product(call, wide(call, type), 0, 1));
            case "QLinearMatMul" -> List.of(product(call, type, 0, 3));
            case "FusedMatMul" -> List.of(fusedProduct(call, type));
            case "Gemm", "FusedGemm" -> List.of(gemm(call, type));
            case "Einsum" -> Reductions.einsum(call, type);
            case "Attention", "MultiHeadAttention" -> Attentions.outputs(call, type);
            default -> Rearrangements.outputs(call, type);
        };
    }

    /** The type that an attribute names, where it does: 0 stands for none. */
    private static DataType named(NodeCall call, String attribute, DataType otherwise) {
        long type = call.integer(attribute, 0);
        return type == 0 ? otherwise : type(type);
    }

    private static DataType wide(NodeCall call, DataType type) {
        return call.operator().equals("MatMulInteger") ? DataType.INT32 : type;
    }

    /** What is behind the first output is as large at most: means, masks, statistics. */
    private static List<Foreseen> repeated(NodeCall call, Foreseen first) {
        List<Foreseen> all = new ArrayList<>();
        for (int i = 0; i < Math.max(1, call.outputs()); i++) {
            all.add(first);
        }
        return all;
    }

    static DataType type(long number) {
        DataType type = DataType.forNumber((int) number);
        return type == null ? DataType.FLOAT : type;
    }

    static Foreseen broadcast(DataType type, List<Foreseen> inputs) {
        List<Long> shape = new ArrayList<>();
        long most = 1;
        boolean known = true;
        for (Foreseen input : inputs) {
            most = NetworkSize.product(most, Math.max(1, input.most()));
            List<Long> own = input.shape();
            if (own == null) {
                known = false;
            } else if (known) {
                shape = broadcast(shape, own);
            }
        }
        return known ? Foreseen.of(type, shape) : Foreseen.upTo(type, most);
    }

    static List<Long> broadcast(List<Long> one, List<Long> other) {
        int rank = Math.max(one.size(), other.size());
        return LongStream.range(0, rank)
                .mapToObj(i -> {
                    long first = side(one, rank, (int) i);
                    long second = side(other, rank, (int) i);
                    if (first != second && first != 1 && second != 1) {
                        throw new IllegalArgumentException("joins " + one + " and " + other);
                    }
                    return first == 1 ? second : first;
                })
                .toList();
    }

    private static long side(List<Long> shape, int rank, int index) {
        int own = index - (rank - shape.size());
        return own < 0 ? 1 : shape.get(own);
    }

    private static Foreseen product(NodeCall call, DataType type, int left, int right) {
        return product(type, call.shape(left, 1), call.shape(right, 1));
    }

    private static Foreseen product(DataType type, List<Long> left, List<Long> right) {
        List<Long> first = left.size() == 1 ? List.of(1L, left.get(0)) : left;
        List<Long> second = right.size() == 1 ? List.of(right.get(0), 1L) : right;
        List<Long> shape =
                new ArrayList<>(broadcast(first.subList(0, first.size() - 2), second.subList(0, second.size() - 2)));
        if (left.size() > 1) {
            shape.add(first.get(first.size() - 2));
        }
        if (right.size() > 1) {
            shape.add(second.get(second.size() - 1));
        }
        return Foreseen.of(type, shape);
    }

    private static Foreseen fusedProduct(NodeCall call, DataType type) {
        return product(
                type,
                turned(call.shape(0, 2), call.integer("transA", 0) != 0),
                turned(call.shape(1, 2), call.integer("transB", 0) != 0));
    }

    private static List<Long> turned(List<Long> shape, boolean turn) {
        List<Long> turned = new ArrayList<>(shape);
        if (turn) {
            Collections.swap(turned, shape.size() - 1, shape.size() - 2);
        }
        return turned;
    }

    private static Foreseen gemm(NodeCall call, DataType type) {
        List<Long> left = turned(call.shape(0, 2), call.integer("transA", 0) != 0);
        List<Long> right = turned(call.shape(1, 2), call.integer("transB", 0) != 0);
        return Foreseen.of(type, List.of(left.get(0), right.get(1)));
    }

    /** Shapes of what attention gives, and of the weights of each token for each other one, which it computes on the way. */
    private static final class Attentions {
        /** Where ONNX' own operator has the keys and values of tokens that were before, and where those of Microsoft have them. */
        private static final List<Integer> PAST = List.of(4, 5);

        private static final List<Integer> PAST_OF_HEADS = List.of(6, 7);

        private static final int PAST_OF_PACKED = 4;

        private Attentions() {}

        /** The last is no output, but what is computed on the way. */
        static List<Foreseen> outputs(NodeCall call, DataType type) {
            List<Long> queries = call.shape(0, 3);
            boolean ownOfMicrosoft = call.operator().equals("MultiHeadAttention");
            boolean packed = !ownOfMicrosoft && call.has(1) && call.shape(1).size() == 2;
            requireNoPast(call, packed ? List.of(PAST_OF_PACKED) : ownOfMicrosoft ? PAST_OF_HEADS : PAST);
            int last = queries.size() - 1;
            List<Long> keys = packed || !call.has(1) ? queries : call.shape(1, 3);
            List<Long> values = packed || !call.has(2) ? keys : call.shape(2, 3);
            long heads = queries.size() == 4
                    ? queries.get(1)
                    : Math.max(1, call.integer("num_heads", call.integer("q_num_heads", 1)));
            List<Long> given = new ArrayList<>(queries);
            given.set(last, packed ? width(call) : values.get(values.size() - 1));
            long length = keys.get(Math.min(keys.size() - 1, keys.size() == 4 ? 2 : 1));
            List<Foreseen> outputs = new ArrayList<>(List.of(Foreseen.of(type, given)));
            for (int i = 1; i < call.outputs(); i++) {
                outputs.add(Foreseen.of(type, List.of(queries.get(0), heads, length, given.get(last))));
            }
            outputs.add(Foreseen.upTo(
                    DataType.FLOAT,
                    NetworkSize.product(2, queries.get(0), heads, queries.get(queries.size() - 2), length)));
            return outputs;
        }

        /** How many numbers a token has of weights that give queries, keys and values at once. */
        private static long width(NodeCall call) {
            return call.longs("qkv_hidden_sizes", -1)
                    .filter(sizes -> sizes.size() == 3)
                    .map(sizes -> sizes.get(2))
                    .orElseGet(() -> call.shape(1).get(1) / 3);
        }

        /** Networks of images have none. */
        private static void requireNoPast(NodeCall call, List<Integer> inputs) {
            if (inputs.stream().anyMatch(call::has)) {
                throw new UnforeseenException("looks at tokens that were before, whose memory is not counted here");
            }
        }
    }

    /** Shapes of what sums, means and products over axes give. */
    private static final class Reductions {
        private Reductions() {}

        /**
         * The shape that is left.
         *
         * @param axes empty for all, unless the node says otherwise
         */
        static List<Long> reduced(NodeCall call, Optional<List<Long>> axes, long keptByDefault) {
            List<Long> shape = call.shape(0);
            boolean named = axes.isPresent() && !axes.get().isEmpty();
            if (!named && call.integer("noop_with_empty_axes", 0) != 0) {
                return shape;
            }
            Set<Integer> gone = named
                    ? axes.get().stream()
                            .map(axis -> NodeCall.axis(axis, shape.size()))
                            .collect(Collectors.toSet())
                    : IntStream.range(0, shape.size()).boxed().collect(Collectors.toSet());
            boolean kept = call.integer("keepdims", keptByDefault) != 0;
            List<Long> left = new ArrayList<>();
            for (int i = 0; i < shape.size(); i++) {
                if (!gone.contains(i)) {
                    left.add(shape.get(i));
                } else if (kept) {
                    left.add(1L);
                }
            }
            return left;
        }

        /**
         * Einstein's summation: each letter is a size. The last is no output, but what lies between two steps, of which there
         * are more than one where there are more than two terms.
         */
        static List<Foreseen> einsum(NodeCall call, DataType type) {
            String equation = call.text("equation", "").replace(" ", "");
            String[] sides = equation.split("->", -1);
            String[] terms = sides[0].split(",", -1);
            if (equation.contains(".") || sides.length > 2 || terms.length != call.inputs()) {
                throw new UnforeseenException("has the equation " + equation);
            }
            Map<Character, Long> sizes = new HashMap<>();
            for (int i = 0; i < terms.length; i++) {
                List<Long> shape = call.shape(i);
                if (terms[i].length() != shape.size()) {
                    throw new IllegalArgumentException("has the equation " + equation + " for an input " + shape);
                }
                for (int j = 0; j < shape.size(); j++) {
                    sizes.merge(terms[i].charAt(j), shape.get(j), Math::max);
                }
            }
            String result = sides.length == 2
                    ? sides[1]
                    : sides[0].chars()
                            .filter(letter -> Character.isLetter(letter)
                                    && sides[0].chars()
                                                    .filter(other -> other == letter)
                                                    .count()
                                            == 1)
                            .sorted()
                            .mapToObj(Character::toString)
                            .collect(Collectors.joining());
            List<Long> shape = result.chars()
                    .mapToObj(letter -> sizes.getOrDefault((char) letter, 1L))
                    .toList();
            long between = terms.length <= 2
                    ? call.all().stream().mapToLong(Foreseen::most).reduce(0, Math::addExact)
                    : Foreseen.elements(List.copyOf(sizes.values()));
            return List.of(Foreseen.of(type, shape), Foreseen.upTo(type, between));
        }
    }
}
