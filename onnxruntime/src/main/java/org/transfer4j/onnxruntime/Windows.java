package org.transfer4j.onnxruntime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import onnx.Onnx.TensorProto.DataType;
import org.transfer4j.internal.network.NetworkSize;

/** Shapes of what convolutions and poolings give. */
final class Windows {
    /** Windows of more sides are laid out as a whole, not some at a time. */
    private static final int MOST_SIDES_IN_TILES = 3;

    private static final String NO_PADDING = "NOTSET";

    private static final List<String> PADDINGS = List.of(NO_PADDING, "VALID", "SAME_UPPER", "SAME_LOWER");

    private Windows() {}

    /** The last is no output where there are more than the node has, but memory that it takes to compute. */
    static List<Foreseen> outputs(NodeCall call, DataType type) {
        List<Long> images = call.shape(0, 3);
        int sides = images.size() - 2;
        return switch (call.operator()) {
            case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool" -> {
                List<Long> shape = new ArrayList<>(images.subList(0, 2));
                for (int i = 0; i < sides; i++) {
                    shape.add(1L);
                }
                yield List.of(Foreseen.of(type, shape));
            }
            case "MaxPool", "AveragePool", "LpPool" -> {
                List<Long> kernel = call.longs("kernel_shape", sides, 1);
                List<Long> shape = new ArrayList<>(images.subList(0, 2));
                shape.addAll(sides(call, images, kernel));
                List<Foreseen> all = new ArrayList<>(List.of(Foreseen.of(type, shape)));
                if (call.outputs() > 1) {
                    all.add(Foreseen.of(DataType.INT64, shape));
                }
                yield all;
            }
            case "ConvTranspose" -> transposed(call, type, images);
            default -> convolved(call, type, images);
        };
    }

    private static List<Foreseen> convolved(NodeCall call, DataType type, List<Long> images) {
        List<Long> weights = call.shape(call.operator().equals("QLinearConv") ? 3 : 1, images.size());
        List<Long> kernel = weights.subList(2, weights.size());
        List<Long> given = sides(call, images, kernel);
        List<Long> shape = new ArrayList<>(List.of(images.get(0), weights.get(0)));
        shape.addAll(given);
        List<Foreseen> all = new ArrayList<>();
        all.add(Foreseen.of(call.operator().equals("ConvInteger") ? DataType.INT32 : type, shape));
        long places = Foreseen.elements(given);
        boolean whole = List.of("ConvInteger", "QLinearConv").contains(call.operator());
        if (whole) {
            // the windows of all groups, or pointers to them
            all.add(Foreseen.upTo(
                    DataType.FLOAT,
                    NetworkSize.product(places, Math.max(2, images.get(1)), Foreseen.elements(kernel))));
        } else if (weights.get(0) > places || kernel.size() > MOST_SIDES_IN_TILES) {
            // the runtime lays out the windows of one image side by side where there are more filters than places
            all.add(Foreseen.upTo(
                    DataType.FLOAT, NetworkSize.product(places, weights.get(1), Foreseen.elements(kernel))));
        }
        return all;
    }

    private static List<Foreseen> transposed(NodeCall call, DataType type, List<Long> images) {
        List<Long> weights = call.shape(1, images.size());
        int sides = images.size() - 2;
        List<Long> kernel = weights.subList(2, weights.size());
        List<Long> strides = call.longs("strides", sides, 1);
        List<Long> dilations = call.longs("dilations", sides, 1);
        List<Long> pads = padding(call).equals(NO_PADDING)
                ? call.longs("pads", 2 * sides, 0)
                : Collections.nCopies(2 * sides, 0L);
        List<Long> more = call.longs("output_padding", sides, 0);
        boolean same = padding(call).startsWith("SAME");
        Optional<List<Long>> wanted = call.attribute("output_shape").map(value -> value.getIntsList());
        long channels = NetworkSize.product(weights.get(1), Math.max(1, call.integer("group", 1)));
        List<Long> shape = new ArrayList<>(List.of(images.get(0), channels));
        for (int i = 0; i < sides; i++) {
            long side = images.get(i + 2);
            long all = Math.addExact(NetworkSize.product(strides.get(i), side - 1), more.get(i))
                    + (kernel.get(i) - 1) * dilations.get(i)
                    + 1;
            long grown = same
                    ? Math.min(all, NetworkSize.product(side, strides.get(i)))
                    : all - pads.get(i) - pads.get(i + sides);
            shape.add(positive(
                    wanted.isPresent() && wanted.get().size() == sides
                            ? wanted.get().get(i)
                            : grown));
        }
        long windows = NetworkSize.product(
                weights.get(1), Foreseen.elements(kernel), Foreseen.elements(images.subList(2, images.size())));
        return List.of(Foreseen.of(type, shape), Foreseen.upTo(DataType.FLOAT, windows));
    }

    private static List<Long> sides(NodeCall call, List<Long> images, List<Long> kernel) {
        int count = images.size() - 2;
        List<Long> strides = call.longs("strides", count, 1);
        List<Long> dilations = call.longs("dilations", count, 1);
        String padding = padding(call);
        List<Long> pads = padding.equals(NO_PADDING) ? call.longs("pads", 2 * count, 0) : List.of();
        boolean up = call.integer("ceil_mode", 0) != 0;
        List<Long> given = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long side = images.get(i + 2);
            long stride = Math.max(1, strides.get(i));
            if (padding.startsWith("SAME")) {
                given.add(-Math.floorDiv(-side, stride));
                continue;
            }
            long padded = side + (pads.isEmpty() ? 0 : pads.get(i) + pads.get(i + count));
            long room = padded - (dilations.get(i) * (kernel.get(i) - 1) + 1);
            long windows = positive((up ? -Math.floorDiv(-room, stride) : Math.floorDiv(room, stride)) + 1);
            // none begins behind the image
            long before = pads.isEmpty() ? 0 : pads.get(i);
            given.add(up && (windows - 1) * stride >= side + before ? windows - 1 : windows);
        }
        return given;
    }

    private static String padding(NodeCall call) {
        String padding = call.text("auto_pad", NO_PADDING);
        if (padding.isEmpty()) {
            return NO_PADDING;
        }
        if (!PADDINGS.contains(padding)) {
            throw new IllegalArgumentException("has auto_pad of " + PADDINGS + ", got " + padding);
        }
        return padding;
    }

    private static long positive(long side) {
        if (side < 0) {
            throw new IllegalArgumentException("has a window larger than its images");
        }
        return side;
    }
}
