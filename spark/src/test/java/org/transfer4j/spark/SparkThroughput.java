package org.transfer4j.spark;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.fitted.PlacedImages;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/**
 * Measures what Spark costs and gives: VGG16 (random weights) on PNG files of 48x48 pixels, by executors of one core each on
 * a standalone cluster, beside processes of the library alone with one thread each.
 *
 * <ul>
 *   <li>{@code throughput SECONDS}: images a second in steady state, of one and of two; 30 seconds before are not counted.
 *   <li>{@code overhead FILES ROUNDS}: seconds for files on disk, from their listing on, in Spark's tasks of 32 files and in
 *       larger ones, beside one process, in turn; all have computed them once before.
 * </ul>
 */
final class SparkThroughput {
    /** As many images the steady state goes round; a multiple of a batch. */
    static final int DIFFERENT = 256;

    private static final int SIZE = 48;
    private static final long WARM_UP = 30_000;
    private static final long TASK = 5_000;

    /** What Spark reckons for opening a file: its default, for which 32 small files are a task, and one for a thousand. */
    private static final long SMALL_TASKS = 4 << 20;

    private static final long LARGE_TASKS = 128 << 10;
    static final StructType CONTENT = new StructType().add("content", DataTypes.BinaryType);

    private final Path folder;
    private final Path network;
    private final ImageFeaturizer featurizer;

    SparkThroughput(Path folder) throws IOException {
        this.folder = folder;
        this.network = folder.resolve("network.t4j");
        try (FeatureExtractor extractor = TransferLearner.vgg16()
                .weights(Weights.random())
                .inputSize(SIZE, SIZE)
                .extractor()) {
            extractor.save(network);
        }
        this.featurizer = new ImageFeaturizer(
                "measured", new NetworkFile(ProcessNetwork.Kind.EXTRACTOR, Files.readAllBytes(network)));
    }

    /**
     * Measures.
     *
     * @param arguments as said above
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> given = Arrays.asList(arguments);
        Path folder = Files.createTempDirectory("transfer4j-throughput");
        try {
            if (given.size() == 2 && given.get(0).equals("throughput")) {
                new SparkThroughput(folder).throughput(Long.parseLong(given.get(1)) * 1000);
            } else if (given.size() == 3 && given.get(0).equals("overhead")) {
                new SparkThroughput(folder).overhead(Integer.parseInt(given.get(1)), Integer.parseInt(given.get(2)));
            } else {
                throw new IllegalArgumentException("arguments: throughput SECONDS, or overhead FILES ROUNDS");
            }
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    ImageFeaturizer featurizer() {
        return featurizer;
    }

    Path images(int count) throws IOException {
        Path images = Files.createDirectories(folder.resolve("images"));
        for (int i = 0; i < count; i++) {
            Random random = new Random(i);
            BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_3BYTE_BGR);
            int tint = random.nextInt(0x1000000);
            for (int pixel = 0; pixel < SIZE * SIZE; pixel++) {
                // smooth with some noise, as photographs are
                int shade = 0x010101 * (pixel / SIZE * 4 + random.nextInt(16));
                image.setRGB(pixel % SIZE, pixel / SIZE, shade ^ tint);
            }
            ImageIO.write(
                    image,
                    "png",
                    images.resolve(String.format(Locale.ROOT, "%06d.png", i)).toFile());
        }
        return images;
    }

    private void throughput(long milliseconds) throws IOException, InterruptedException {
        Path images = images(DIFFERENT);
        double[] plain = new double[2];
        double[] spark = new double[2];
        for (int count = 1; count <= 2; count++) {
            plain[count - 1] = plain(images, count, milliseconds);
            spark[count - 1] = onSpark(images, count, milliseconds);
        }
        double plainGain = plain[1] / plain[0];
        double sparkGain = spark[1] / spark[0];
        System.out.printf(
                Locale.ROOT, "Two plain processes are %.3f times one, two workers %.3f%n", plainGain, sparkGain);
        System.out.printf(Locale.ROOT, "The workers' gain is %.3f of the processes'%n", sparkGain / plainGain);
    }

    private double plain(Path images, int count, long milliseconds) throws IOException, InterruptedException {
        long from = System.currentTimeMillis() + WARM_UP;
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            processes.add(process(images, String.valueOf(from), String.valueOf(from + milliseconds)));
        }
        double rows = 0;
        for (Process process : processes) {
            rows += figure(process);
        }
        return printed("plain processes", count, rows * 1000 / milliseconds);
    }

    private Process process(Path images, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dtransfer4j.threads=1",
                "-cp",
                System.getProperty("java.class.path"),
                PlainProcess.class.getName(),
                network.toString(),
                images.toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static double figure(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("a process ended with " + process.exitValue() + " and printed: " + output);
        }
        return Double.parseDouble(output.substring(output.lastIndexOf('\n') + 1));
    }

    private static double printed(String what, int count, double rate) {
        System.out.printf(Locale.ROOT, "%d %s: %.1f images/s%n", count, what, rate);
        return rate;
    }

    private double onSpark(Path images, int workers, long milliseconds) throws IOException, InterruptedException {
        try (StandaloneCluster cluster = new StandaloneCluster(folder.resolve("cluster" + workers), workers, 1);
                SparkSession spark = cluster.session(Map.of())) {
            long from = System.currentTimeMillis() + WARM_UP;
            long until = from + milliseconds;
            int tasks = Math.toIntExact(workers * (WARM_UP + milliseconds) / TASK + workers);
            String path = images.toString();
            MapPartitionsFunction<Long, Row> giving = ids -> round(Path.of(path), until);
            MapPartitionsFunction<Row, Long> counting =
                    rows -> List.of(count(rows, from, until)).iterator();
            Dataset<Row> given = spark.range(0, tasks, 1, tasks).mapPartitions(giving, Encoders.row(CONTENT));
            long rows = featurizer.transform(given).mapPartitions(counting, Encoders.LONG()).collectAsList().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            return printed("workers of Spark", workers, rows * 1000.0 / milliseconds);
        }
    }

    /** A task's rows: the images again and again, for some seconds. */
    private static Iterator<Row> round(Path folder, long until) throws IOException {
        List<byte[]> images = new ArrayList<>();
        for (Path file : PlainProcess.some(folder)) {
            images.add(Files.readAllBytes(file));
        }
        long end = Math.min(until, System.currentTimeMillis() + TASK);
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                // whole batches, as nearly all of a long partition's are
                return next % PlacedImages.MOST != 0 || System.currentTimeMillis() < end;
            }

            @Override
            public Row next() {
                return RowFactory.create((Object) images.get(next++ % images.size()));
            }
        };
    }

    private static long count(Iterator<Row> rows, long from, long until) {
        long count = 0;
        while (rows.hasNext()) {
            rows.next();
            long now = System.currentTimeMillis();
            count += now >= from && now < until ? 1 : 0;
        }
        return count;
    }

    private void overhead(int count, int rounds) throws IOException, InterruptedException {
        Path images = images(count);
        double[][] seconds = new double[3][rounds];
        Process plain = process(images);
        try (StandaloneCluster cluster = new StandaloneCluster(folder.resolve("cluster"), 1, 1);
                SparkSession spark = cluster.session(Map.of());
                BufferedReader figures = plain.inputReader();
                BufferedWriter turns = plain.outputWriter()) {
            // the first round warms both, and each way is the first as often as the others
            for (int turn = -3; turn < 3 * rounds; turn++) {
                int round = Math.floorDiv(turn, 3);
                int way = Math.floorMod(turn + round, 3);
                double took =
                        way == 0 ? pass(turns, figures) : pass(spark, images, way == 1 ? SMALL_TASKS : LARGE_TASKS);
                if (round >= 0) {
                    seconds[way][round] = took;
                }
            }
        } finally {
            plain.destroy();
        }
        print("The library alone", seconds[0], seconds[0]);
        print("Spark, in its own tasks", seconds[1], seconds[0]);
        print("Spark, in large tasks", seconds[2], seconds[0]);
    }

    private static double pass(BufferedWriter turns, BufferedReader figures) throws IOException {
        turns.newLine();
        turns.flush();
        return Double.parseDouble(figures.readLine());
    }

    private static void print(String what, double[] seconds, double[] plain) {
        double[] more = new double[seconds.length];
        Arrays.setAll(more, i -> 100 * (seconds[i] / plain[i] - 1));
        System.out.printf(
                Locale.ROOT,
                "%s: %.1f s (%s), %.1f%% more (%s)%n",
                what,
                median(seconds),
                listed(seconds),
                median(more),
                listed(more));
    }

    private static String listed(double[] numbers) {
        return Arrays.stream(numbers)
                .mapToObj(number -> String.format(Locale.ROOT, "%.1f", number))
                .collect(Collectors.joining(", "));
    }

    private static double median(double[] numbers) {
        return Arrays.stream(numbers).sorted().toArray()[numbers.length / 2];
    }

    private double pass(SparkSession spark, Path images, long openCost) {
        spark.conf().set("spark.sql.files.openCostInBytes", openCost);
        long start = System.nanoTime();
        Dataset<Row> files = spark.read().format("binaryFile").load(images.toString());
        featurizer
                .transform(files)
                .select("path", "features")
                .write()
                .format("noop")
                .mode("overwrite")
                .save();
        return (System.nanoTime() - start) / 1e9;
    }
}
