package org.transfer4j.benchmarks;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.transfer4j.internal.similarity.VectorSearch;
import org.transfer4j.internal.thread.Workers;
import picocli.CommandLine;

/**
 * How long the search for the ten most like of many images takes, all of them in memory, in the median of all rounds but the first;
 * and in the same run, in turn with it, how long it takes only to read them, as much as the memory bus allows.
 */
@CommandLine.Command(name = "similarity", mixinStandardHelpOptions = true, showDefaultValues = true)
final class SimilaritySearch implements Callable<Integer> {
    private static final int NEIGHBOURS = 10;
    private static final int BLOCK_ROWS = 64;

    @CommandLine.Option(names = "--images", defaultValue = "100000")
    private int images;

    @CommandLine.Option(names = "--width", defaultValue = "512", description = "features of an image")
    private int width;

    @CommandLine.Option(names = "--rounds", defaultValue = "51", description = "at least 2")
    private int rounds;

    @Override
    public Integer call() {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[Math.multiplyExact(images, width)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        VectorSearch search = new VectorSearch(width, images, images, List.of(FloatBuffer.wrap(values)));
        double[] searching = new double[rounds];
        double[] reading = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            float[] query = Arrays.copyOfRange(values, round * width, (round + 1) * width);
            long start = System.nanoTime();
            List<VectorSearch.Found> found = search.largest(query, NEIGHBOURS);
            searching[round] = (System.nanoTime() - start) / 1e6;
            if (found.get(0).row() != round) {
                throw new IllegalStateException("image " + round + " is most like " + found.get(0));
            }
            start = System.nanoTime();
            read(search);
            reading[round] = (System.nanoTime() - start) / 1e6;
        }
        double searched = median(searching);
        double read = median(reading);
        System.out.println(String.format(
                Locale.ROOT,
                "search: %.1f ms; reading alone: %.1f ms, %.1f GB/s; ratio: %.2f; threads: %d",
                searched,
                read,
                values.length * 4.0 / read / 1e6,
                searched / read,
                Workers.COUNT));
        return 0;
    }

    private void read(VectorSearch search) {
        int pieces = 4 * Workers.COUNT;
        Workers.run(pieces, piece -> {
            float[] block = new float[BLOCK_ROWS * width];
            int end = (int) ((long) images * (piece + 1) / pieces);
            for (int row = (int) ((long) images * piece / pieces); row + BLOCK_ROWS <= end; row += BLOCK_ROWS) {
                search.read(row, block);
            }
        });
    }

    private static double median(double[] rounds) {
        double[] steady = Arrays.copyOfRange(rounds, 1, rounds.length);
        Arrays.sort(steady);
        return steady[steady.length / 2];
    }
}
