package org.transfer4j.onnxruntime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.TensorProto.DataType;
import org.jspecify.annotations.Nullable;
import org.transfer4j.onnxruntime.Foreseen.ExactNumbers;
import org.transfer4j.onnxruntime.Rearrangements.Slices;

/**
 * What becomes of the few numbers of which models make sizes: those of a shape, taken apart, multiplied and joined. What is
 * not computed here is not known.
 */
final class SizeArithmetic {
    /** What gives numbers that it got, and no others, where it gives the same type. */
    private static final Set<String> KEPT = Set.of(
            "Cast",
            "Clip",
            "Concat",
            "ConstantOfShape",
            "Dropout",
            "Expand",
            "Flatten",
            "Gather",
            "Identity",
            "Max",
            "Min",
            "ReduceMax",
            "ReduceMin",
            "Reshape",
            "Slice",
            "Squeeze",
            "Transpose",
            "Unsqueeze",
            "Where");

    private static final long CLIP_HAS_INPUTS = 11;

    private SizeArithmetic() {}

    /** The output with its numbers, if they are few and known. */
    static Foreseen numbered(NodeCall call, Foreseen output) {
        List<Long> shape = output.shape();
        if (shape == null || output.most() > Foreseen.MOST_NUMBERS || output.numbers() != null) {
            return output;
        }
        List<Double> numbers = numbers(call, output, shape);
        if (numbers == null || numbers.size() != output.most()) {
            return output;
        }
        boolean kept =
                KEPT.contains(call.operator()) && output.type() == call.in(0).type();
        List<Double> exact = kept ? numbers : exact(output.type(), numbers);
        return exact == null ? output : Foreseen.of(output.type(), shape, exact);
    }

    private static @Nullable List<Double> exact(DataType type, List<Double> numbers) {
        List<Double> exact = new ArrayList<>();
        for (double number : numbers) {
            Double same = ExactNumbers.of(type, number);
            if (same == null) {
                return null;
            }
            exact.add(same);
        }
        return exact;
    }

    private static @Nullable List<Double> numbers(NodeCall call, Foreseen output, List<Long> shape) {
        return switch (call.operator()) {
            case "Shape" -> shape(call);
            case "Size" -> List.of((double) Foreseen.elements(call.shape(0)));
            case "Identity", "Squeeze", "Unsqueeze", "Reshape", "Flatten" -> known(call, 1) ? call.numbers(0) : null;
            // one that is training draws lots
            case "Dropout" -> known(call, 1) && !call.has(2) ? call.numbers(0) : null;
            case "Cast" -> cast(call, output.type());
            case "Floor" -> unary(call, Math::floor);
            case "Ceil" -> unary(call, Math::ceil);
            case "Round" -> unary(call, Math::rint);
            case "Neg" -> unary(call, x -> -x);
            case "Abs" -> unary(call, Math::abs);
            case "Sqrt" -> unary(call, Math::sqrt);
            case "Reciprocal" -> unary(call, x -> 1 / x);
            case "Not" -> unary(call, x -> x == 0 ? 1 : 0);
            case "Add", "Sum" -> binary(call, output, Double::sum);
            case "Sub" -> binary(call, output, (x, y) -> x - y);
            case "Mul" -> binary(call, output, (x, y) -> x * y);
            case "Div" -> binary(call, output, output.isWhole() ? SizeArithmetic::quotient : (x, y) -> x / y);
            case "Mod" -> remainders(call, output);
            case "Pow" -> binary(call, output, (x, y) -> power(x, y, output.isWhole()));
            case "Min" -> chosen(call, output, Math::min);
            case "Max" -> chosen(call, output, Math::max);
            case "Clip" -> clipped(call, output);
            case "Equal" -> binary(call, output, (x, y) -> x == y ? 1 : 0);
            case "Less" -> binary(call, output, (x, y) -> x < y ? 1 : 0);
            case "LessOrEqual" -> binary(call, output, (x, y) -> x <= y ? 1 : 0);
            case "Greater" -> binary(call, output, (x, y) -> x > y ? 1 : 0);
            case "GreaterOrEqual" -> binary(call, output, (x, y) -> x >= y ? 1 : 0);
            case "And" -> chosen(call, output, (x, y) -> x != 0 && y != 0 ? 1 : 0);
            case "Or" -> chosen(call, output, (x, y) -> x != 0 || y != 0 ? 1 : 0);
            case "Where" -> chosen(call, output);
            case "Concat" -> joined(call);
            case "Gather" -> gathered(call);
            case "Slice" -> sliced(call, shape);
            case "Transpose" -> transposed(call, shape);
            case "ConstantOfShape" ->
                constant(call)
                        .map(number -> Collections.nCopies((int) output.most(), number))
                        .orElse(null);
            case "Expand" ->
                known(call, 1) && call.in(0).most() == 1
                        ? Collections.nCopies(
                                (int) output.most(), call.numbers(0).get(0))
                        : known(call, 1) && call.in(0).most() == output.most() ? call.numbers(0) : null;
            case "Range" -> range(call, (int) output.most());
            case "ReduceProd" -> folded(call, output, 1, (x, y) -> x * y);
            case "ReduceSum" -> folded(call, output, 0, Double::sum);
            case "ReduceMax" -> folded(call, output, Double.NEGATIVE_INFINITY, Math::max);
            case "ReduceMin" -> folded(call, output, Double.POSITIVE_INFINITY, Math::min);
            default -> null;
        };
    }

    private static boolean known(NodeCall call, int inputs) {
        for (int i = 0; i < inputs; i++) {
            if (!call.has(i) || call.in(i).numbers() == null) {
                return false;
            }
        }
        return true;
    }

    /** Towards zero, as whole numbers are divided and floats made whole. */
    private static double cut(double number) {
        return number < 0 ? Math.ceil(number) : Math.floor(number);
    }

    /** Of whole numbers, towards zero. */
    private static double quotient(double number, double divisor) {
        long whole = (long) number / (long) divisor;
        return whole;
    }

    private static @Nullable List<Double> cast(NodeCall call, DataType type) {
        if (known(call, 1) && call.in(0).type() == type) {
            return call.numbers(0);
        }
        return switch (type) {
            case BOOL -> unary(call, x -> x != 0 ? 1 : 0);
            case FLOAT, FLOAT16, BFLOAT16, DOUBLE -> unary(call, x -> x);
            default -> unary(call, SizeArithmetic::cut);
        };
    }

    /**
     * A whole number, or NaN, which is not known: of what is none the runtime's last digit may be another one, as that of a
     * large float, which is multiplied step by step there.
     */
    private static double power(double base, double exponent, boolean whole) {
        double power = Math.pow(base, exponent);
        boolean sure = ExactNumbers.isWhole(power) && (whole || Math.abs(power) <= ExactNumbers.MOST_WHOLE_FLOAT);
        return sure ? power : Double.NaN;
    }

    /** Whole ones with the divisor's sign, or, as those of floats, with the number's. */
    private static @Nullable List<Double> remainders(NodeCall call, Foreseen output) {
        boolean numbersSign = call.integer("fmod", 0) != 0;
        if (!output.isWhole()) {
            return numbersSign ? binary(call, output, (x, y) -> x % y) : null;
        }
        return binary(
                call,
                output,
                numbersSign
                        ? (x, y) -> (double) ((long) x % (long) y)
                        : (x, y) -> (double) Math.floorMod((long) x, (long) y));
    }

    /** The sizes of an input that Shape gives, which may be some of them. */
    static List<Double> shape(NodeCall call) {
        List<Double> sides = call.shape(0).stream().map(Long::doubleValue).toList();
        int rank = sides.size();
        long start = call.integer("start", 0);
        long end = call.integer("end", rank);
        int from = (int) Math.max(0, Math.min(rank, start < 0 ? start + rank : start));
        int to = (int) Math.max(from, Math.min(rank, end < 0 ? end + rank : end));
        return sides.subList(from, to);
    }

    private static @Nullable List<Double> unary(NodeCall call, DoubleUnaryOperator operator) {
        return known(call, 1) && computable(call, 1)
                ? call.numbers(0).stream().map(operator::applyAsDouble).toList()
                : null;
    }

    private static boolean computable(NodeCall call, int inputs) {
        for (int i = 0; i < inputs; i++) {
            if (!call.numbers(i).stream().allMatch(ExactNumbers::isComputable)) {
                return false;
            }
        }
        return true;
    }

    /** Of inputs that are of one shape, or one number. */
    private static @Nullable List<Double> binary(NodeCall call, Foreseen output, DoubleBinaryOperator operator) {
        return call.inputs() == 2 && known(call, 2) && computable(call, 2) ? chosen(call, output, operator) : null;
    }

    /** The same of those of which one is taken. */
    private static @Nullable List<Double> chosen(NodeCall call, Foreseen output, DoubleBinaryOperator operator) {
        return call.inputs() == 2 && known(call, 2)
                ? joined(call.numbers(0), call.numbers(1), (int) output.most(), operator)
                : null;
    }

    private static @Nullable List<Double> joined(
            List<Double> one, List<Double> other, int count, DoubleBinaryOperator operator) {
        List<Double> left = spread(one, count);
        List<Double> right = spread(other, count);
        if (left == null || right == null) {
            return null;
        }
        List<Double> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(operator.applyAsDouble(left.get(i), right.get(i)));
        }
        return results;
    }

    /** Between two numbers, which were attributes once. */
    private static @Nullable List<Double> clipped(NodeCall call, Foreseen output) {
        Optional<List<Double>> least = bound(call, "min", 1, Double.NEGATIVE_INFINITY);
        Optional<List<Double>> most = bound(call, "max", 2, Double.POSITIVE_INFINITY);
        int count = (int) output.most();
        if (!known(call, 1) || least.isEmpty() || most.isEmpty()) {
            return null;
        }
        List<Double> raised = joined(call.numbers(0), least.get(), count, Math::max);
        return raised == null ? null : joined(raised, most.get(), count, Math::min);
    }

    /** Empty where there is one that is not known. */
    private static Optional<List<Double>> bound(NodeCall call, String attribute, int input, double otherwise) {
        if (call.opset() < CLIP_HAS_INPUTS) {
            return call.attribute(attribute)
                    .map(value -> (double) value.getF())
                    .or(() -> Optional.of(otherwise))
                    .filter(ExactNumbers::isOrdered)
                    .map(List::of);
        }
        return call.has(input) ? Optional.ofNullable(call.in(input).numbers()) : Optional.of(List.of(otherwise));
    }

    private static @Nullable List<Double> spread(List<Double> numbers, int count) {
        return numbers.size() == count
                ? numbers
                : numbers.size() == 1 ? Collections.nCopies(count, numbers.get(0)) : null;
    }

    private static @Nullable List<Double> chosen(NodeCall call, Foreseen output) {
        if (!known(call, 3)) {
            return null;
        }
        int count = (int) output.most();
        List<Double> conditions = spread(call.numbers(0), count);
        List<Double> yes = spread(call.numbers(1), count);
        List<Double> no = spread(call.numbers(2), count);
        if (conditions == null || yes == null || no == null) {
            return null;
        }
        List<Double> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(conditions.get(i) != 0 ? yes.get(i) : no.get(i));
        }
        return results;
    }

    private static @Nullable List<Double> joined(NodeCall call) {
        List<Double> all = new ArrayList<>();
        for (int i = 0; i < call.inputs(); i++) {
            List<Double> numbers = call.in(i).numbers();
            if (numbers == null || call.shape(i).size() != 1) {
                return null;
            }
            all.addAll(numbers);
        }
        return all;
    }

    private static @Nullable List<Double> gathered(NodeCall call) {
        if (!known(call, 2) || call.shape(0).size() != 1) {
            return null;
        }
        List<Double> from = call.numbers(0);
        return call.longs(1).stream()
                .map(place -> from.get(NodeCall.axis(place, from.size())))
                .toList();
    }

    private static @Nullable List<Double> sliced(NodeCall call, List<Long> shape) {
        if (!known(call, 1)) {
            return null;
        }
        List<Long> from = call.shape(0);
        long[] first = new long[from.size()];
        long[] step = new long[from.size()];
        Arrays.fill(step, 1);
        List<Long> starts = call.longs("starts", 1).orElse(List.of());
        Optional<List<Long>> axes = call.longs("axes", 3);
        for (int i = 0; i < starts.size(); i++) {
            int axis = NodeCall.axis(axes.isPresent() ? axes.get().get(i) : i, from.size());
            step[axis] = call.has(4) ? call.longs(4).get(i) : 1;
            first[axis] = Slices.first(starts.get(i), step[axis], from.get(axis));
        }
        return moved(call, shape, (place, axis) -> first[axis] + place[axis] * step[axis]);
    }

    private static @Nullable List<Double> transposed(NodeCall call, List<Long> shape) {
        int rank = shape.size();
        int[] to = new int[rank];
        List<Long> order = call.longs("perm", -1).orElse(List.of());
        for (int i = 0; i < rank; i++) {
            to[order.isEmpty() ? rank - 1 - i : NodeCall.axis(order.get(i), rank)] = i;
        }
        return known(call, 1) ? moved(call, shape, (place, axis) -> place[to[axis]]) : null;
    }

    private interface Origin {
        /** Where along an axis the number comes from that gets to a place. */
        long along(long[] place, int axis);
    }

    private static List<Double> moved(NodeCall call, List<Long> shape, Origin origin) {
        List<Long> from = call.shape(0);
        List<Double> given = call.numbers(0);
        long[] place = new long[shape.size()];
        List<Double> numbers = new ArrayList<>();
        for (long i = 0; i < Foreseen.elements(shape); i++) {
            long rest = i;
            for (int axis = shape.size() - 1; axis >= 0; axis--) {
                place[axis] = rest % shape.get(axis);
                rest /= shape.get(axis);
            }
            long index = 0;
            for (int axis = 0; axis < from.size(); axis++) {
                index = index * from.get(axis) + origin.along(place, axis);
            }
            numbers.add(given.get((int) index));
        }
        return numbers;
    }

    private static Optional<Double> constant(NodeCall call) {
        Optional<AttributeProto> value = call.attribute("value");
        return value.isEmpty()
                ? Optional.of(0.0)
                : value.flatMap(own -> Tensors.numbers(own.getT()))
                        .filter(numbers -> numbers.size() == 1)
                        .map(numbers -> numbers.get(0));
    }

    /** The runtime adds step by step: of others than whole numbers that gives other last digits. */
    private static @Nullable List<Double> range(NodeCall call, int count) {
        double start = call.numbers(0).get(0);
        double step = call.numbers(2).get(0);
        if (!ExactNumbers.isWhole(start) || !ExactNumbers.isWhole(step)) {
            return null;
        }
        List<Double> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(start + i * step);
        }
        return numbers;
    }

    private static @Nullable List<Double> folded(
            NodeCall call, Foreseen output, double start, DoubleBinaryOperator operator) {
        if (!known(call, 1) || output.most() != 1) {
            return null;
        }
        boolean whole = output.isWhole();
        double result = start;
        for (double number : call.numbers(0)) {
            result = operator.applyAsDouble(result, number);
            boolean sure = KEPT.contains(call.operator())
                    || (ExactNumbers.isWhole(number)
                            && (whole
                                    ? ExactNumbers.isWhole(result)
                                    : Math.abs(result) <= ExactNumbers.MOST_WHOLE_FLOAT));
            if (!sure) {
                return null;
            }
        }
        return List.of(result);
    }
}
