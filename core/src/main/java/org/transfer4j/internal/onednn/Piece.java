package org.transfer4j.internal.onednn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A part of a batch that runs at once.
 *
 * @param images how many images it has
 * @param batch the batch size of the plan that runs it; the rest is padding
 */
record Piece(int images, int batch) {
    /**
     * The batch sizes for which there are plans. Few, since each needs primitives; no 2, since packed weights of its own
     * cost more than its speed is worth.
     */
    static final List<Integer> BATCHES = List.of(1, 4, 8, 16, 32, 64, 128);

    /**
     * Cuts a batch. A function of the two numbers alone, so that the same batch gives the same bits whatever ran before:
     * as many pieces of the largest size as there are, then for the rest what costs least, padding or one more piece,
     * where a piece costs its batch and one image more.
     *
     * @param images the size of the batch
     * @param largest one of {@link #BATCHES}
     */
    static List<Piece> of(long images, int largest) {
        List<Piece> pieces =
                new ArrayList<>(Collections.nCopies(Math.toIntExact(images / largest), new Piece(largest, largest)));
        pieces.addAll(rest((int) (images % largest)));
        return List.copyOf(pieces);
    }

    private static List<Piece> rest(int images) {
        if (images == 0) {
            return List.of();
        }
        int enough = BATCHES.stream().filter(size -> size >= images).findFirst().orElseThrow();
        List<Piece> padded = List.of(new Piece(images, enough));
        if (enough == images || enough == 1) {
            return padded;
        }
        int smaller = BATCHES.get(BATCHES.indexOf(enough) - 1);
        List<Piece> cut = new ArrayList<>(of(images, smaller));
        return cost(cut) < cost(padded) ? cut : padded;
    }

    private static int cost(List<Piece> pieces) {
        return pieces.stream().mapToInt(piece -> piece.batch() + 1).sum();
    }
}
