package org.transfer4j.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * What the simulation of clusters ({@code benchmarks simulate}) is calibrated with, and held against: VGG16 (random weights) on
 * PNG images of 48x48 pixels, by executors of one core each, every one of them held to a core of its own ({@code taskset}, Linux).
 *
 * <ul>
 *   <li>{@code tasks}: of one worker alone, a line {@code images,seconds} for each of 64 tasks of four sizes, and how much longer the
 *       first took; and the milliseconds of a task that does nothing, which are the most that the driver spends on one.
 *   <li>{@code job TASKS IMAGES SPEEDS}: the seconds of a job of so many tasks of so many images, from its first task's start to its last
 *       one's end, for a worker of each speed, as in {@code 1,0.5}: one of half the speed shares its core with a process that is always busy.
 * </ul>
 */
final class SparkScaling {
    private static final int[] SIZES = {64, 128, 256, 512};
    private static final int TASKS = 64;
    private static final int EMPTY_TASKS = 1000;

    private final Path folder;
    private final SparkThroughput measured;

    private SparkScaling(Path folder) throws IOException {
        this.folder = folder;
        this.measured = new SparkThroughput(folder);
    }

    /** A task that ended. */
    private record Task(int index, long start, long end) {
        double seconds() {
            return (end - start) / 1000.0;
        }
    }

    /**
     * Measures.
     *
     * @param arguments as said above
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> given = Arrays.asList(arguments);
        Path folder = Files.createTempDirectory("transfer4j-scaling");
        try {
            if (given.equals(List.of("tasks"))) {
                new SparkScaling(folder).calibrate();
            } else if (given.size() == 4 && given.get(0).equals("job")) {
                List<Double> speeds =
                        Stream.of(given.get(3).split(",")).map(Double::valueOf).toList();
                if (!List.of(1.0, 0.5).containsAll(speeds)) {
                    throw new IllegalArgumentException("speeds are 1 or 0.5, got " + given.get(3));
                }
                new SparkScaling(folder).job(Integer.parseInt(given.get(1)), Integer.parseInt(given.get(2)), speeds);
            } else {
                throw new IllegalArgumentException("arguments: tasks, or job TASKS IMAGES SPEEDS");
            }
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private void calibrate() throws IOException, InterruptedException {
        int[] images = IntStream.range(0, TASKS)
                .map(task -> SIZES[task % SIZES.length])
                .toArray();
        List<Task> tasks = run(images, List.of(1.0));
        Task first = tasks.get(0);
        double warm = 0;
        for (Task task : tasks.subList(SIZES.length, tasks.size())) {
            System.out.printf(Locale.ROOT, "%d,%.3f%n", images[task.index()], task.seconds());
            if (images[task.index()] == images[first.index()]) {
                warm += task.seconds() * SIZES.length / (TASKS - SIZES.length);
            }
        }
        double cold = tasks.subList(0, SIZES.length).stream()
                .mapToDouble(Task::seconds)
                .sum();
        double usual = tasks.subList(SIZES.length, 2 * SIZES.length).stream()
                .mapToDouble(Task::seconds)
                .sum();
        System.out.printf(
                Locale.ROOT,
                "The first task took %.1f s longer than others of its size, the first %d together %.1f s longer than the next%n",
                first.seconds() - warm,
                SIZES.length,
                cold - usual);
    }

    private void job(int count, int images, List<Double> speeds) throws IOException, InterruptedException {
        int[] each = new int[count];
        Arrays.fill(each, images);
        List<Task> tasks = run(each, speeds);
        long start = tasks.stream().mapToLong(Task::start).min().orElseThrow();
        long end = tasks.stream().mapToLong(Task::end).max().orElseThrow();
        System.out.printf(
                Locale.ROOT,
                "%d tasks of %d images, speeds %s: %.1f s, %.1f images/s%n",
                count,
                images,
                speeds,
                (end - start) / 1000.0,
                1000.0 * count * images / (end - start));
    }

    /** Tasks of so many images each, in the order of their ends. */
    private List<Task> run(int[] images, List<Double> speeds) throws IOException, InterruptedException {
        String path = measured.images(SparkThroughput.DIFFERENT).toString();
        List<Task> ended = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(1);
        List<Process> busy = new ArrayList<>();
        try (StandaloneCluster cluster = new StandaloneCluster(folder.resolve("cluster"), speeds.size(), 1)) {
            for (int worker = 0; worker < speeds.size(); worker++) {
                cluster.pin(worker, worker);
                if (speeds.get(worker) < 1) {
                    String core = String.valueOf(worker);
                    // ends by itself where this program is killed
                    String[] loop = {"taskset", "-c", core, "timeout", "600", "sh", "-c", "while :; do :; done"};
                    busy.add(new ProcessBuilder(loop).start());
                }
            }
            try (SparkSession spark = cluster.session(Map.of())) {
                spark.sparkContext().addSparkListener(new SparkListener() {
                    @Override
                    public void onTaskEnd(SparkListenerTaskEnd end) {
                        ended.add(new Task(
                                end.taskInfo().index(),
                                end.taskInfo().launchTime(),
                                end.taskInfo().finishTime()));
                    }

                    @Override
                    public void onJobEnd(SparkListenerJobEnd end) {
                        all.countDown();
                    }
                });
                MapPartitionsFunction<Long, Row> giving =
                        ids -> some(Path.of(path), images[TaskContext.getPartitionId()]);
                Dataset<Row> given = spark.range(0, images.length, 1, images.length)
                        .mapPartitions(giving, Encoders.row(SparkThroughput.CONTENT));
                measured.featurizer()
                        .transform(given)
                        .select("features")
                        .write()
                        .format("noop")
                        .mode("overwrite")
                        .save();
                all.await();
                List<Task> tasks = List.copyOf(ended);
                if (images.length == TASKS) {
                    empty(spark);
                }
                return tasks;
            }
        } finally {
            busy.forEach(Process::destroy);
        }
    }

    private static void empty(SparkSession spark) {
        for (int round = 0; round < 3; round++) {
            long start = System.nanoTime();
            spark.range(0, EMPTY_TASKS, 1, EMPTY_TASKS)
                    .write()
                    .format("noop")
                    .mode("overwrite")
                    .save();
            System.out.printf(
                    Locale.ROOT,
                    "A task that does nothing: %.2f ms%n",
                    (System.nanoTime() - start) / 1e6 / EMPTY_TASKS);
        }
    }

    private static Iterator<Row> some(Path folder, int count) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (Path file : PlainProcess.some(folder)) {
            rows.add(RowFactory.create((Object) Files.readAllBytes(file)));
        }
        return IntStream.range(0, count)
                .mapToObj(i -> rows.get(i % rows.size()))
                .iterator();
    }
}
