package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.transfer4j.internal.thread.NativeThreads;

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
final class PieceRule {
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
    PieceRule(Program program, int threads, long widestStepBytes) {
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
