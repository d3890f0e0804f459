package org.transfer4j.onnxruntime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.onnxruntime.Foreseen.ExactNumbers;
import org.transfer4j.onnxruntime.NodeCall.UnforeseenException;

/** Shapes of what operators give that cut, join, repeat and move numbers about, or make new ones of sizes. */
final class Rearrangements {
    private Rearrangements() {}

    static List<Foreseen> outputs(NodeCall call, DataType type) {
        return switch (call.operator()) {
            case "Constant" -> List.of(constant(call));
            case "ConstantOfShape" ->
                List.of(Foreseen.of(
                        call.attribute("value")
                                .map(value -> ShapeRules.type(value.getT().getDataType()))
                                .orElse(DataType.FLOAT),
                        positive(call.longs(0))));
            case "RandomNormal", "RandomUniform" ->
                List.of(Foreseen.of(
                        DataType.DOUBLE, positive(call.longs("shape", -1).orElse(List.of()))));
            case "Range" -> List.of(Foreseen.of(type, List.of(range(call))));
            case "Expand" -> List.of(Foreseen.of(type, ShapeRules.broadcast(call.shape(0), positive(call.longs(1)))));
            case "Tile" -> List.of(Foreseen.of(type, scaled(call.shape(0), call.longs(1))));
            case "Pad" -> List.of(Foreseen.of(type, padded(call)));
            case "Resize", "Upsample" -> List.of(Foreseen.of(type, resized(call)));
            case "Concat" -> List.of(Foreseen.of(type, joined(call)));
            case "Split" -> split(call, type);
            case "Slice" -> List.of(Foreseen.of(type, sliced(call)));
            case "Reshape" -> List.of(reshaped(call, type));
            case "Flatten" -> List.of(Foreseen.of(type, flattened(call)));
            case "Squeeze" -> List.of(Foreseen.of(type, squeezed(call)));
            case "Unsqueeze" -> List.of(Foreseen.of(type, unsqueezed(call)));
            case "Transpose" -> List.of(Foreseen.of(type, transposed(call)));
            case "Gather" -> List.of(Foreseen.of(type, gathered(call)));
            case "GatherElements" -> List.of(Foreseen.of(type, call.shape(1)));
            case "GatherND" -> List.of(Foreseen.of(type, gatheredByIndex(call)));
            case "DepthToSpace" -> List.of(Foreseen.of(type, blocks(call, true)));
            case "SpaceToDepth" -> List.of(Foreseen.of(type, blocks(call, false)));
            case "OneHot" -> List.of(Foreseen.of(call.in(2).type(), oneHot(call)));
            case "EyeLike" -> List.of(call.in(0).as(ShapeRules.type(call.integer("dtype", type.getNumber()))));
            case "TopK" -> {
                List<Long> shape = new ArrayList<>(call.shape(0));
                long k = call.has(1) ? call.longs(1).get(0) : call.integer("k", 1);
                shape.set(NodeCall.axis(call.integer("axis", -1), shape.size()), Math.max(0, k));
                yield List.of(Foreseen.of(type, shape), Foreseen.of(DataType.INT64, shape));
            }
            case "GridSample" -> {
                List<Long> images = call.shape(0, 3);
                List<Long> grid = call.shape(1, 3);
                List<Long> shape = new ArrayList<>(images.subList(0, 2));
                shape.addAll(grid.subList(1, grid.size() - 1));
                yield List.of(Foreseen.of(type, shape));
            }
            case "AffineGrid" -> {
                List<Long> size = call.longs(1);
                List<Long> shape = new ArrayList<>(positive(size));
                shape.remove(1);
                shape.add(size.size() - 2L);
                yield List.of(Foreseen.of(type, shape));
            }
            case "NonZero" ->
                List.of(Foreseen.upTo(
                        DataType.INT64,
                        NetworkSize.product(
                                call.in(0).most(), Math.max(1, call.shape(0).size()))));
            case "Compress" -> List.of(Foreseen.upTo(type, call.in(0).most()));
            case "Unique" -> {
                Foreseen index = Foreseen.upTo(DataType.INT64, call.in(0).most());
                yield List.of(Foreseen.upTo(type, call.in(0).most()), index, index, index);
            }
            default -> throw new UnforeseenException("is an operator whose memory is not known here");
        };
    }

    private static List<Long> positive(List<Long> sizes) {
        if (sizes.stream().anyMatch(size -> size < 0)) {
            throw new IllegalArgumentException("wants the shape " + sizes);
        }
        return sizes;
    }

    private static Foreseen constant(NodeCall call) {
        for (String name : List.of("value", "value_int", "value_ints", "value_float", "value_floats")) {
            Optional<AttributeProto> attribute = call.attribute(name);
            if (attribute.isPresent()) {
                AttributeProto value = attribute.get();
                return switch (name) {
                    case "value" -> of(value.getT());
                    case "value_int" -> Foreseen.of(DataType.INT64, List.of(), List.of((double) value.getI()));
                    case "value_ints" -> Foreseen.whole(value.getIntsList());
                    case "value_float" -> Foreseen.of(DataType.FLOAT, List.of(), List.of((double) value.getF()));
                    default ->
                        Foreseen.of(
                                DataType.FLOAT,
                                List.of((long) value.getFloatsCount()),
                                value.getFloatsList().stream()
                                        .map(Float::doubleValue)
                                        .toList());
                };
            }
        }
        throw new UnforeseenException("is no number");
    }

    /** A constant, with its numbers if they are few. */
    static Foreseen of(TensorProto tensor) {
        DataType type = ShapeRules.type(tensor.getDataType());
        Foreseen plain = Foreseen.of(type, tensor.getDimsList());
        return plain.most() <= Foreseen.MOST_NUMBERS
                ? Tensors.numbers(tensor)
                        .filter(numbers -> numbers.size() == plain.most())
                        .map(numbers -> Foreseen.of(type, tensor.getDimsList(), numbers))
                        .orElse(plain)
                : plain;
    }

    private static long range(NodeCall call) {
        double start = call.numbers(0).get(0);
        double limit = call.numbers(1).get(0);
        double step = call.numbers(2).get(0);
        Double room = ExactNumbers.of(call.in(0).type(), limit - start);
        if (room == null) {
            throw new UnforeseenException("counts from " + start + " to " + limit + ", which its numbers don't reach");
        }
        double count = Math.ceil(room / step);
        if (Double.isNaN(count)) {
            throw new IllegalArgumentException("has a step of " + step);
        }
        return (long) Math.max(0, count);
    }

    private static List<Long> scaled(List<Long> shape, List<Long> factors) {
        if (shape.size() != factors.size()) {
            throw new IllegalArgumentException("repeats " + shape + " by " + factors);
        }
        List<Long> scaled = new ArrayList<>();
        for (int i = 0; i < shape.size(); i++) {
            scaled.add(NetworkSize.product(shape.get(i), Math.max(0, factors.get(i))));
        }
        return scaled;
    }

    private static List<Long> padded(NodeCall call) {
        List<Long> shape = new ArrayList<>(call.shape(0));
        List<Long> pads = call.longs("pads", 1).orElseThrow(() -> new UnforeseenException("has no pads"));
        List<Long> axes = call.has(3) ? call.longs(3) : null;
        int count = pads.size() / 2;
        for (int i = 0; i < count; i++) {
            int axis = NodeCall.axis(axes == null || i >= axes.size() ? i : axes.get(i), shape.size());
            double side = (double) shape.get(axis) + pads.get(i) + pads.get(i + count);
            shape.set(axis, (long) Math.max(0, side));
        }
        return shape;
    }

    private static List<Long> resized(NodeCall call) {
        List<Long> shape = new ArrayList<>(call.shape(0));
        boolean old = call.operator().equals("Upsample") || call.opset() < 11;
        int scalesAt = old ? 1 : 2;
        List<Integer> axes = call.longs("axes", -1)
                .map(list -> list.stream()
                        .map(axis -> NodeCall.axis(axis, shape.size()))
                        .toList())
                .orElseGet(() -> IntStream.range(0, shape.size()).boxed().toList());
        if (!old && call.has(3) && call.in(3).most() > 0) {
            List<Long> sizes = positive(call.longs(3));
            if (!call.text("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
                throw new UnforeseenException("keeps the images' proportions, where rounding is not known here");
            }
            for (int i = 0; i < Math.min(axes.size(), sizes.size()); i++) {
                shape.set(axes.get(i), sizes.get(i));
            }
            return shape;
        }
        List<Double> factors = call.attribute("scales")
                .map(value ->
                        value.getFloatsList().stream().map(Float::doubleValue).toList())
                .orElseGet(() -> call.numbers(scalesAt));
        for (int i = 0; i < Math.min(axes.size(), factors.size()); i++) {
            // cut, of a product of floats: what is one less there must not be one more here
            float side = (float) shape.get(axes.get(i)) * factors.get(i).floatValue();
            if (!(side >= 0)) {
                throw new IllegalArgumentException("scales by " + factors);
            }
            shape.set(axes.get(i), (long) side);
        }
        return shape;
    }

    private static List<Long> joined(NodeCall call) {
        List<Long> shape = new ArrayList<>(call.shape(0));
        int axis = NodeCall.axis(call.integer("axis", 0), shape.size());
        long side = 0;
        for (int i = 0; i < call.inputs(); i++) {
            if (call.shape(i).size() != shape.size()) {
                throw new IllegalArgumentException("joins " + shape + " and " + call.shape(i));
            }
            side = Math.addExact(side, call.shape(i).get(axis));
        }
        shape.set(axis, side);
        return shape;
    }

    private static List<Foreseen> split(NodeCall call, DataType type) {
        List<Long> shape = call.shape(0);
        int axis = NodeCall.axis(call.integer("axis", 0), shape.size());
        long side = shape.get(axis);
        long parts = Math.max(1, call.outputs());
        long each = -Math.floorDiv(-side, parts);
        Optional<List<Long>> sizes = call.longs("split", 1);
        List<Foreseen> outputs = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            List<Long> part = new ArrayList<>(shape);
            part.set(
                    axis,
                    sizes.isPresent() && i < sizes.get().size()
                            ? Math.max(0, sizes.get().get(i))
                            : Math.max(0, Math.min(each, side - i * each)));
            outputs.add(Foreseen.of(type, part));
        }
        return outputs;
    }

    private static List<Long> sliced(NodeCall call) {
        List<Long> shape = new ArrayList<>(call.shape(0));
        List<Long> starts = call.longs("starts", 1).orElse(List.of());
        List<Long> ends = call.longs("ends", 2).orElse(List.of());
        Optional<List<Long>> axes = call.longs("axes", 3);
        List<Long> steps = call.has(4) ? call.longs(4) : Collections.nCopies(starts.size(), 1L);
        for (int i = 0; i < Math.min(starts.size(), ends.size()); i++) {
            int axis = NodeCall.axis(axes.isPresent() ? axes.get().get(i) : i, shape.size());
            shape.set(axis, Slices.count(starts.get(i), ends.get(i), steps.get(i), shape.get(axis)));
        }
        return shape;
    }

    private static Foreseen reshaped(NodeCall call, DataType type) {
        List<Long> wanted =
                call.has(1) ? call.longs(1) : call.longs("shape", -1).orElse(List.of());
        List<Long> given = call.in(0).shape();
        if (given == null) {
            return wanted.stream().allMatch(side -> side > 0)
                    ? Foreseen.of(type, wanted)
                    : Foreseen.upTo(type, call.in(0).most());
        }
        List<Long> shape = new ArrayList<>();
        int open = -1;
        for (int i = 0; i < wanted.size(); i++) {
            long side = wanted.get(i);
            boolean copied = side == 0 && call.integer("allowzero", 0) == 0;
            if (side == -1) {
                open = i;
            }
            shape.add(side == -1 ? 1 : copied && i < given.size() ? given.get(i) : side);
        }
        long rest = Foreseen.elements(positive(shape));
        if (open >= 0) {
            shape.set(open, rest == 0 ? 0 : call.in(0).most() / rest);
        }
        if (Foreseen.elements(shape) != call.in(0).most()) {
            throw new IllegalArgumentException("makes " + wanted + " of " + given);
        }
        return Foreseen.of(type, shape);
    }

    private static List<Long> flattened(NodeCall call) {
        List<Long> shape = call.shape(0);
        long axis = call.integer("axis", 1);
        int at = axis == shape.size() ? shape.size() : NodeCall.axis(axis, shape.size());
        return List.of(Foreseen.elements(shape.subList(0, at)), Foreseen.elements(shape.subList(at, shape.size())));
    }

    private static List<Long> squeezed(NodeCall call) {
        List<Long> shape = call.shape(0);
        Optional<List<Long>> axes = call.longs("axes", 1);
        List<Long> left = new ArrayList<>();
        TreeSet<Integer> gone = new TreeSet<>();
        axes.ifPresent(list -> list.forEach(axis -> gone.add(NodeCall.axis(axis, shape.size()))));
        for (int i = 0; i < shape.size(); i++) {
            if (axes.isPresent() ? !gone.contains(i) : shape.get(i) != 1) {
                left.add(shape.get(i));
            }
        }
        return left;
    }

    private static List<Long> unsqueezed(NodeCall call) {
        List<Long> shape = new ArrayList<>(call.shape(0));
        List<Long> axes = call.longs("axes", 1).orElse(List.of());
        int rank = shape.size() + axes.size();
        TreeSet<Integer> places = new TreeSet<>();
        axes.forEach(axis -> places.add(NodeCall.axis(axis, rank)));
        places.forEach(place -> shape.add(Math.min(place, shape.size()), 1L));
        return shape;
    }

    private static List<Long> transposed(NodeCall call) {
        List<Long> shape = call.shape(0);
        List<Long> turned = new ArrayList<>();
        Optional<List<Long>> order = call.longs("perm", -1);
        for (int i = 0; i < shape.size(); i++) {
            int from = order.isPresent() && i < order.get().size()
                    ? NodeCall.axis(order.get().get(i), shape.size())
                    : shape.size() - 1 - i;
            turned.add(shape.get(from));
        }
        return turned;
    }

    private static List<Long> gathered(NodeCall call) {
        List<Long> shape = call.shape(0, 1);
        int axis = NodeCall.axis(call.integer("axis", 0), shape.size());
        List<Long> given = new ArrayList<>(shape.subList(0, axis));
        given.addAll(call.shape(1));
        given.addAll(shape.subList(axis + 1, shape.size()));
        return given;
    }

    private static List<Long> gatheredByIndex(NodeCall call) {
        List<Long> shape = call.shape(0, 1);
        List<Long> places = call.shape(1, 1);
        long deep = places.get(places.size() - 1) + call.integer("batch_dims", 0);
        List<Long> given = new ArrayList<>(places.subList(0, places.size() - 1));
        given.addAll(shape.subList((int) Math.max(0, Math.min(deep, shape.size())), shape.size()));
        return given;
    }

    private static List<Long> blocks(NodeCall call, boolean up) {
        List<Long> shape = call.shape(0, 4);
        long block = Math.max(1, Math.min(1 << 15, call.integer("blocksize", 1)));
        return up
                ? List.of(
                        shape.get(0),
                        shape.get(1) / (block * block),
                        NetworkSize.product(shape.get(2), block),
                        NetworkSize.product(shape.get(3), block))
                : List.of(
                        shape.get(0),
                        NetworkSize.product(shape.get(1), block, block),
                        shape.get(2) / block,
                        shape.get(3) / block);
    }

    private static List<Long> oneHot(NodeCall call) {
        List<Long> shape = new ArrayList<>(call.shape(0));
        long depth = call.longs(1).get(0);
        int axis = NodeCall.axis(call.integer("axis", -1), shape.size() + 1);
        shape.add(axis, Math.max(0, depth));
        return shape;
    }

    /** Which numbers a slice takes along an axis, as ONNX Runtime has it, which differs from NumPy before the first. */
    static final class Slices {
        private Slices() {}

        /** The first one that is taken. */
        static long first(long start, long step, long side) {
            long from = start < 0 ? start + side : start;
            return Math.max(0, Math.min(from, step > 0 ? side : side - 1));
        }

        /**
         * How many are taken.
         *
         * @param end the first one that is not; far beyond the ends for all
         */
        static long count(long start, long end, long step, long side) {
            if (step == 0) {
                throw new IllegalArgumentException("has a step of 0");
            }
            long from = first(start, step, side);
            long to = end(end, step, side);
            long room = step > 0 ? to - from : from - to;
            long stride = step == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(step);
            return room <= 0 ? 0 : (room - 1) / stride + 1;
        }

        private static long end(long end, long step, long side) {
            if (end == Integer.MAX_VALUE || end == Long.MAX_VALUE) {
                return step > 0 ? side : -1;
            }
            long shifted = end < 0 ? end + side : end;
            return step > 0 ? Math.max(0, Math.min(shifted, side)) : Math.max(-1, Math.min(shifted, side));
        }
    }
}
