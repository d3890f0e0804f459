package org.transfer4j.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.transfer4j.internal.distance.VectorSearch;
import org.transfer4j.internal.thread.Workers;
import picocli.CommandLine;

/**
 * How long the search for the ten most like of many images takes, all of them in memory, as an array or mapped from a file, in the
 * median of all rounds but the first five; and in the same run, in turn with it, how long it takes only to read them, as much as the
 * memory bus allows. By the clock, and in seconds of all threads together, which other work on the machine adds less to.
 */
@CommandLine.Command(name = "similarity", mixinStandardHelpOptions = true, showDefaultValues = true)
final class SimilaritySearch implements Callable<Integer> {
    private static final int NEIGHBOURS = 10;
    private static final int BLOCK_ROWS = 16;
    private static final int WARM_UP = 5;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @CommandLine.Option(names = "--images", converter = Benchmarks.Count.class, defaultValue = "100000")
    private int images;

    @CommandLine.Option(
            names = "--width",
            converter = Benchmarks.Count.class,
            defaultValue = "512",
            description = "features of an image")
    private int width;

    @CommandLine.Option(
            names = "--rounds",
            converter = Benchmarks.Count.class,
            defaultValue = "51",
            description = "at least 6")
    private int rounds;

    @Override
    public Integer call() throws IOException {
        if (rounds <= WARM_UP || images < rounds) {
            throw new IllegalArgumentException("--rounds is at least " + (WARM_UP + 1)
                    + ", each with a query of its own among --images, got " + rounds + " and " + images);
        }
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[Math.multiplyExact(images, width)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        measure("array", values, FloatBuffer.wrap(values));
        Path file = Files.createTempFile("similarity", ".vectors");
        try {
            measure("mapped", values, mapped(file, values));
        } finally {
            Files.delete(file);
        }
        return 0;
    }

    private static FloatBuffer mapped(Path file, float[] values) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) values.length * Float.BYTES);
            bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
            return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        }
    }

    private void measure(String kind, float[] values, FloatBuffer rows) {
        VectorSearch search = new VectorSearch(width, images, images, List.of(rows), null);
        double[][] searching = new double[rounds][];
        double[][] reading = new double[rounds][];
        for (int round = 0; round < rounds; round++) {
            int query = round;
            float[] vector = Arrays.copyOfRange(values, query * width, (query + 1) * width);
            searching[round] = milliseconds(() -> {
                List<VectorSearch.Found> found = search.largest(vector, NEIGHBOURS);
                if (found.get(0).row() != query) {
                    throw new IllegalStateException("image " + query + " is most like " + found.get(0));
                }
            });
            reading[round] = milliseconds(() -> read(search));
        }
        System.out.println(String.format(
                Locale.ROOT,
                "%s: search %.1f ms, reading alone %.1f ms, ratio %.2f; CPU: search %.1f ms, reading alone %.1f ms,"
                        + " ratio %.2f, %.1f GB/s a thread; threads: %d",
                kind,
                median(searching, 0),
                median(reading, 0),
                median(searching, 0) / median(reading, 0),
                median(searching, 1),
                median(reading, 1),
                median(searching, 1) / median(reading, 1),
                values.length * 4.0 / median(reading, 1) / 1e6,
                Workers.COUNT));
    }

    /** By the clock, and of all threads. */
    private static double[] milliseconds(Runnable work) {
        long cpu = processorTime();
        long start = System.nanoTime();
        work.run();
        return new double[] {(System.nanoTime() - start) / 1e6, (processorTime() - cpu) / 1e6};
    }

    /** Finer than the process's own, and without the compiler's threads. */
    private static long processorTime() {
        return Arrays.stream(THREADS.getAllThreadIds())
                .map(THREADS::getThreadCpuTime)
                .filter(time -> time > 0)
                .sum();
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

    private static double median(double[][] rounds, int figure) {
        double[] steady = Arrays.stream(rounds)
                .skip(WARM_UP)
                .mapToDouble(round -> round[figure])
                .sorted()
                .toArray();
        return steady[steady.length / 2];
    }
}
