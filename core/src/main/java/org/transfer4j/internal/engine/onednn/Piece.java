package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.transfer4j.internal.thread.NativeThreads;

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

    /**
     * How images are cut into pieces, and how many of OpenMP's threads compute a piece: a function of shapes, counts and the
     * number of threads alone, never of the load, so that the same images give the same bits whatever else runs.
     *
     * <p>A piece of a pass has so many images that its weights are worth being read, and no more, so that pieces are many.
     * Images a second on 2 cores of an EPYC with AVX-512 (Zen 4), two threads with pieces of their own, and both on batches of
     * 32 (8 for VGG16 at 224x224) as one:
     *
     * <pre>
     *                  1      2      4      8     16     32   together
     * VGG16, 224    19.1   19.3  18-20                           19.7
     * VGG16, 48                           299    324    343       329
     * ResNet50      33.3          37.1   38.5                    37.9
     * MobileNetV2    306           294    284           273       261
     * tinyVgg, 32   2397          3746   3935   3819   3754      2998
     * </pre>
     */
    static final class Rule {
        private static final long PER_WEIGHT = 1080;
        private static final int MOST_IMAGES = 32;
        private static final int PIECES_A_THREAD = 2;

        private final int threads;
        private final long image;
        private final int largest;
        private final int whole;

        /**
         * Reads what it needs of a program.
         *
         * @param widestStepBytes what no step should exceed, of what it reads and writes
         */
        Rule(Program program, int threads, long widestStepBytes) {
            this.threads = threads;
            this.image = program.multiplications();
            long fitting = widestStepBytes / program.widestStepBytes();
            this.largest = largestSize(fitting, Piece.SIZES.get(Piece.SIZES.size() - 1));
            long wanted = Math.max(NativeThreads.SMALL, PER_WEIGHT * program.weights());
            int worthwhile = Piece.SIZES.stream()
                    .filter(size -> size * image >= wanted)
                    .findFirst()
                    .orElse(MOST_IMAGES);
            this.whole = largestSize(fitting, Math.min(worthwhile, MOST_IMAGES));
        }

        private static int largestSize(long fitting, int most) {
            return Piece.SIZES.stream()
                    .filter(size -> size <= fitting && size <= most)
                    .reduce((smaller, larger) -> larger)
                    .orElse(1);
        }

        /** For passes over many images: pieces of one size, each on one thread; the last may be padded. */
        List<Piece> forPass(long images) {
            Piece.Size size = new Piece.Size(whole, 1);
            List<Piece> pieces =
                    new ArrayList<>(Collections.nCopies(Math.toIntExact(images / whole), new Piece(whole, size)));
            if (images % whole > 0) {
                pieces.add(new Piece((int) (images % whole), size));
            }
            return pieces;
        }

        /** For one who waits for these images: as in a pass where each thread has a piece, else one piece after the other. */
        List<Piece> forAnswer(long images) {
            return images >= (long) threads * whole
                    ? forPass(images)
                    : Piece.of(images, largest, NativeThreads.worthwhile(images * image, threads));
        }

        /** How many batches should be computed at once in a pass, so that each thread finds a piece when it is free. */
        int batchesAtOnce(int images) {
            int pieces = forPass(images).size();
            return threads == 1 ? 1 : (PIECES_A_THREAD * threads + pieces - 1) / pieces;
        }
    }
}
