package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A part of a batch that runs at once.
 *
 * @param images how many images it has, at most the batch of its size; the rest is padding
 */
record Piece(int images, Size size) {
    /** The batch sizes for which there are plans. Few, since each needs primitives. */
    static final List<Integer> SIZES = List.of(1, 2, 4, 8, 16, 32, 64, 128);

    /**
     * What a plan is made for.
     *
     * @param batch how many images it computes
     * @param threads how many of OpenMP's threads compute them
     */
    record Size(int batch, int threads) {}

    /**
     * Cuts a batch. A function of the numbers alone, so that the same batch gives the same bits whatever ran before: as
     * many pieces of the largest size as there are, then for the rest what costs least, padding or one more piece, where a
     * piece costs its batch and one image more. None has two images, whose packed weights of their own cost more than
     * their speed is worth.
     *
     * @param images the size of the batch
     * @param largest one of {@link #SIZES}
     * @param threads how many compute each piece
     */
    static List<Piece> of(long images, int largest, int threads) {
        int most = largest == 2 ? 1 : largest;
        Piece whole = new Piece(most, new Size(most, threads));
        List<Piece> pieces = new ArrayList<>(Collections.nCopies(Math.toIntExact(images / most), whole));
        pieces.addAll(rest((int) (images % most), threads));
        return List.copyOf(pieces);
    }

    private static List<Piece> rest(int images, int threads) {
        if (images == 0) {
            return List.of();
        }
        int enough = SIZES.stream()
                .filter(size -> size >= images && size != 2)
                .findFirst()
                .orElseThrow();
        List<Piece> padded = List.of(new Piece(images, new Size(enough, threads)));
        if (enough == images || enough == 1) {
            return padded;
        }
        int smaller = SIZES.get(SIZES.indexOf(enough) - 1);
        List<Piece> cut = of(images, smaller, threads);
        return cost(cut) < cost(padded) ? cut : padded;
    }

    private static int cost(List<Piece> pieces) {
        return pieces.stream().mapToInt(piece -> piece.size().batch() + 1).sum();
    }
}
