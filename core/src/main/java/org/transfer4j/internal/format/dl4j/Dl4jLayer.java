package org.transfer4j.internal.format.dl4j;

import static org.transfer4j.internal.format.dl4j.Dl4jZip.CONFIGURATION;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.transfer4j.internal.format.ArrayLayout;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StoredArray;
import org.transfer4j.internal.format.StoredLayer;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.json.Json;

/**
 * A layer in DL4J's JSON with the pieces of its parameters, in the order and layout of DL4J's parameter initializers:
 * convolutions have the bias before the kernel, dense layers after it, and the latter's kernel is in Fortran order.
 *
 * @param name the layer's name
 * @param pieces its parameters in the order of the row
 */
record Dl4jLayer(String name, List<Piece> pieces) {
    private static final List<String> FILE_ORDER = List.of("W", "pW", "b", "gamma", "beta", "mean", "var");

    Dl4jLayer {
        pieces = List.copyOf(pieces);
    }

    /** How the numbers of a parameter are written. */
    enum Form {
        /** In C order. */
        PLAIN,
        /** A matrix in Fortran order. */
        FORTRAN,
        /** A variance as the decimal logarithm of its square root. */
        LOG10_DEVIATION
    }

    /** One parameter. */
    record Piece(String parameter, Form form, List<Long> shape) {
        Piece {
            shape = List.copyOf(shape);
        }

        static Piece plain(String parameter, Long... shape) {
            return new Piece(parameter, Form.PLAIN, List.of(shape));
        }

        long size() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }

        long[] dimensions() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    /**
     * Reads a layer.
     *
     * @param weighted whether DL4J says that it has parameters
     */
    static Dl4jLayer of(String name, String className, JsonNode layer, boolean weighted)
            throws MalformedModelException {
        List<Piece> pieces = new ArrayList<>();
        if (weighted) {
            refuseChannelsLast(name, layer);
            switch (className) {
                case "ConvolutionLayer", "Convolution2D" -> {
                    addBias(pieces, layer);
                    pieces.add(Piece.plain(
                            "W", number(layer, "nout"), number(layer, "nin"), kernel(layer, 0), kernel(layer, 1)));
                }
                case "DepthwiseConvolution2D" -> {
                    addBias(pieces, layer);
                    pieces.add(Piece.plain(
                            "W",
                            kernel(layer, 0),
                            kernel(layer, 1),
                            number(layer, "nin"),
                            number(layer, "depthMultiplier")));
                }
                case "SeparableConvolution2D" -> addSeparable(pieces, layer);
                case "DenseLayer", "OutputLayer" -> {
                    pieces.add(new Piece("W", Form.FORTRAN, List.of(number(layer, "nin"), number(layer, "nout"))));
                    addBias(pieces, layer);
                }
                case "BatchNormalization" -> addBatchNormalization(pieces, layer);
                default ->
                    throw new MalformedModelException(CONFIGURATION + ": layer " + name + " is of the class \""
                            + className + "\", whose parameters are not known here");
            }
        }
        Dl4jLayer read = new Dl4jLayer(name, pieces);
        try {
            if (read.size() > Integer.MAX_VALUE) {
                throw new ArithmeticException("more than 2^31");
            }
        } catch (ArithmeticException e) {
            throw new MalformedModelException(CONFIGURATION + ": layer " + name + " is too large: " + pieces, e);
        }
        return read;
    }

    /** How many numbers it has. */
    long size() {
        return pieces.stream().mapToLong(Piece::size).reduce(0, Math::addExact);
    }

    /** The parameters in the order of {@link StoredLayer}. */
    List<StoredArray> arrays(Path file, Dl4jRow row, long start) {
        List<ParameterArray> arrays = new ArrayList<>();
        ParameterArray.Block block = new ParameterArray.Block(row, start, (int) size());
        int at = 0;
        for (Piece piece : pieces) {
            arrays.add(new ParameterArray(file, name, piece, block, at));
            at += (int) piece.size();
        }
        arrays.sort(Comparator.comparingInt(array -> FILE_ORDER.indexOf(array.parameter())));
        return List.copyOf(arrays);
    }

    private static void addBias(List<Piece> pieces, JsonNode layer) throws MalformedModelException {
        if (layer.path("hasBias").asBoolean(true)) {
            pieces.add(Piece.plain("b", number(layer, "nout")));
        }
    }

    private static void addSeparable(List<Piece> pieces, JsonNode layer) throws MalformedModelException {
        long ins = number(layer, "nin");
        long multiplier = number(layer, "depthMultiplier");
        addBias(pieces, layer);
        pieces.add(Piece.plain("W", multiplier, ins, kernel(layer, 0), kernel(layer, 1)));
        pieces.add(Piece.plain("pW", number(layer, "nout"), ins * multiplier, 1L, 1L));
    }

    private static void addBatchNormalization(List<Piece> pieces, JsonNode layer) throws MalformedModelException {
        long channels = number(layer, "nout");
        if (!layer.path("lockGammaBeta").asBoolean(false)) {
            pieces.add(Piece.plain("gamma", channels));
            pieces.add(Piece.plain("beta", channels));
        }
        pieces.add(Piece.plain("mean", channels));
        boolean logarithm = layer.path("useLogStd").asBoolean(false);
        pieces.add(new Piece("var", logarithm ? Form.LOG10_DEVIATION : Form.PLAIN, List.of(channels)));
    }

    private static void refuseChannelsLast(String name, JsonNode layer) throws MalformedModelException {
        for (JsonNode value : layer) {
            if (value.asText().equals("NHWC")) {
                throw new MalformedModelException(
                        CONFIGURATION + ": layer " + name + " is of channels last (NHWC), only NCHW is read");
            }
        }
    }

    private static long number(JsonNode layer, String property) throws MalformedModelException {
        return StrictJson.whole(CONFIGURATION, layer, property, 1, 1 << 24);
    }

    private static long kernel(JsonNode layer, int dimension) throws MalformedModelException {
        JsonNode size = layer.path("kernelSize").path(dimension);
        if (layer.path("kernelSize").size() != 2
                || !size.isIntegralNumber()
                || !size.canConvertToInt()
                || size.intValue() < 1) {
            throw new MalformedModelException(CONFIGURATION + ": a kernelSize must be two positive numbers, but is "
                    + Json.shown(layer.path("kernelSize")));
        }
        return size.intValue();
    }

    /** A parameter in DL4J's row of all parameters. */
    private static final class ParameterArray extends StoredArray {
        private final Dl4jLayer.Piece piece;
        private final Block block;
        private final int start;

        /** The numbers of a layer, which are read together, since its arrays are asked for in another order. */
        record Block(Dl4jRow row, long start, int length) {}

        ParameterArray(Path file, String layer, Dl4jLayer.Piece piece, Block block, int start) {
            super(file, layer + " " + piece.parameter(), piece.dimensions());
            this.piece = piece;
            this.block = block;
            this.start = start;
        }

        String parameter() {
            return piece.parameter();
        }

        @Override
        protected float[] values(int size) {
            float[] layer = block.row().read(block.start(), block.length());
            float[] values = Arrays.copyOfRange(layer, start, start + size);
            return switch (piece.form()) {
                case PLAIN -> values;
                case FORTRAN -> {
                    long[] shape = piece.dimensions();
                    yield ArrayLayout.transposed(values, (int) shape[1], (int) shape[0]);
                }
                case LOG10_DEVIATION -> {
                    for (int i = 0; i < size; i++) {
                        values[i] = (float) Math.pow(10, 2.0 * values[i]);
                    }
                    yield values;
                }
            };
        }
    }
}
