package org.transfer4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * What a cluster would take, from what one worker of one core took: a {@link ClusterSimulation} for each size asked for, several
 * times. One row of a table each.
 */
@CommandLine.Command(name = "simulate", mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false)
final class Simulate implements Callable<Integer> {
    @CommandLine.Option(
            names = "--tasks",
            description =
                    "lines 'images,seconds' of tasks of one worker alone, of several sizes, in the order in which they ran: gives"
                            + " the next three, by least squares")
    private @Nullable Path tasks;

    @CommandLine.Option(names = "--image-seconds", description = "of an image, on one core")
    private double imageSeconds = Double.NaN;

    @CommandLine.Option(names = "--task-seconds", defaultValue = "0", description = "of a task without its images")
    private double taskSeconds;

    @CommandLine.Option(
            names = "--spread",
            defaultValue = "0",
            description = "standard deviation of a task's seconds, as a part")
    private double spread;

    @CommandLine.Option(names = "--start-seconds", defaultValue = "0", description = "of a process, to its first image")
    private double startSeconds;

    @CommandLine.Option(names = "--images", required = true)
    private long images;

    @CommandLine.Option(names = "--images-per-task", required = true)
    private int imagesPerTask;

    @CommandLine.Option(names = "--image-bytes", defaultValue = "0", description = "of an encoded image")
    private double imageBytes;

    @CommandLine.Option(names = "--network-bytes", defaultValue = "0", description = "that are broadcast")
    private double networkBytes;

    @CommandLine.Option(
            names = "--link",
            defaultValue = "Infinity",
            description = "bytes a second of each machine's network")
    private double link;

    @CommandLine.Option(
            names = "--storage",
            defaultValue = "Infinity",
            description = "bytes a second of the storage, all readers together")
    private double storage;

    @CommandLine.Option(names = "--dispatch", defaultValue = "0", description = "the driver's seconds for a task")
    private double dispatch;

    @CommandLine.Option(names = "--stragglers", defaultValue = "0", description = "the part of tasks that are slow")
    private double stragglers;

    @CommandLine.Option(names = "--straggling", defaultValue = "1", description = "how many times longer they take")
    private double straggling;

    @CommandLine.Option(
            names = "--failure-seconds",
            defaultValue = "Infinity",
            description = "mean time to an executor's failure")
    private double failureSeconds;

    @CommandLine.Option(names = "--speculation", description = "second copies of tasks that run long")
    private boolean speculation;

    @CommandLine.Option(names = "--executors", split = ",", description = "how many, of one core and full speed")
    private List<Integer> executors = List.of();

    @CommandLine.Option(
            names = "--speeds",
            split = ",",
            description = "of each executor of one more cluster, such as 1,0.5")
    private List<Double> speeds = List.of();

    @CommandLine.Option(names = "--runs", defaultValue = "5", description = "with seeds 1, 2, ...")
    private int runs;

    @Override
    public Integer call() throws IOException {
        ClusterSimulation.Worker worker = worker();
        System.out.println(String.format(
                Locale.ROOT,
                "one worker: %.6f s an image, %.3f s a task, spread %.3f, start %.1f s",
                worker.imageSeconds(),
                worker.taskSeconds(),
                worker.spread(),
                worker.startSeconds()));
        List<List<Double>> clusters = new ArrayList<>();
        for (int count : executors) {
            clusters.add(Collections.nCopies(count, 1.0));
        }
        if (!speeds.isEmpty()) {
            clusters.add(speeds);
        }
        System.out.println(
                "| Executors | Seconds: median (range) | Images/s | Use of the cores | Core-hours a million | Failures | Second copies |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (List<Double> cluster : clusters) {
            System.out.println(row(worker, cluster));
        }
        return 0;
    }

    private String row(ClusterSimulation.Worker worker, List<Double> cluster) {
        ClusterSimulation.Job job = new ClusterSimulation.Job(images, imagesPerTask, imageBytes);
        ClusterSimulation.Cluster with = new ClusterSimulation.Cluster(
                cluster, networkBytes, link, storage, dispatch, stragglers, straggling, failureSeconds, speculation);
        List<ClusterSimulation.Outcome> outcomes = new ArrayList<>();
        for (int seed = 1; seed <= runs; seed++) {
            outcomes.add(ClusterSimulation.run(worker, job, with, seed));
        }
        double[] seconds = outcomes.stream()
                .mapToDouble(ClusterSimulation.Outcome::seconds)
                .sorted()
                .toArray();
        double median = seconds[seconds.length / 2];
        boolean equal = cluster.stream().allMatch(speed -> speed == 1);
        return String.format(
                Locale.ROOT,
                "| %s | %.1f (%.1f to %.1f) | %.0f | %.2f | %.2f | %.0f | %.0f |",
                equal ? cluster.size() : cluster,
                median,
                seconds[0],
                seconds[seconds.length - 1],
                images / median,
                mean(outcomes.stream().mapToDouble(ClusterSimulation.Outcome::efficiency)),
                mean(outcomes.stream().mapToDouble(ClusterSimulation.Outcome::coreHours)) * 1e6 / images,
                mean(outcomes.stream().mapToDouble(ClusterSimulation.Outcome::failures)),
                mean(outcomes.stream().mapToDouble(ClusterSimulation.Outcome::secondCopies)));
    }

    private static double mean(DoubleStream numbers) {
        return numbers.average().orElseThrow();
    }

    private ClusterSimulation.Worker worker() throws IOException {
        if (tasks != null) {
            return fitted(Files.readAllLines(tasks), startSeconds);
        }
        if (!(imageSeconds > 0)) {
            throw new IllegalArgumentException(
                    "--image-seconds must be more than 0, or --tasks be given; it is " + imageSeconds);
        }
        return new ClusterSimulation.Worker(imageSeconds, taskSeconds, startSeconds, spread);
    }

    /**
     * A worker by its tasks.
     *
     * @param lines {@code images,seconds} of each, of two sizes at least
     */
    static ClusterSimulation.Worker fitted(List<String> lines, double startSeconds) {
        double[][] measured = lines.stream()
                .filter(line -> !line.isBlank())
                .map(line -> Arrays.stream(line.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toArray(double[][]::new);
        double meanImages = mean(Arrays.stream(measured).mapToDouble(task -> task[0]));
        double meanSeconds = mean(Arrays.stream(measured).mapToDouble(task -> task[1]));
        double together = 0;
        double squares = 0;
        for (double[] task : measured) {
            together += (task[0] - meanImages) * (task[1] - meanSeconds);
            squares += (task[0] - meanImages) * (task[0] - meanImages);
        }
        if (!(squares > 0)) {
            throw new IllegalArgumentException(
                    "tasks of two sizes are needed, to tell a task's cost from its images'; all " + measured.length
                            + " are of one size");
        }
        double slope = together / squares;
        double intercept = meanSeconds - slope * meanImages;
        double deviation = mean(Arrays.stream(measured).mapToDouble(task -> {
            double ratio = task[1] / (intercept + slope * task[0]) - 1;
            return ratio * ratio;
        }));
        return new ClusterSimulation.Worker(slope, Math.max(0, intercept), startSeconds, Math.sqrt(deviation));
    }
}
