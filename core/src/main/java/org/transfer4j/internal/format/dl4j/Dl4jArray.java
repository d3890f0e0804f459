package org.transfer4j.internal.format.dl4j;

import java.nio.file.Path;
import java.util.Arrays;
import org.transfer4j.internal.format.ArrayLayout;
import org.transfer4j.internal.format.StoredArray;

/** A parameter in DL4J's row of all parameters. */
final class Dl4jArray extends StoredArray {
    private final Dl4jLayer.Piece piece;
    private final Block block;
    private final int start;

    /** The numbers of a layer, which are read together, since its arrays are asked for in another order. */
    record Block(Dl4jRow row, long start, int length) {}

    Dl4jArray(Path file, String layer, Dl4jLayer.Piece piece, Block block, int start) {
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
