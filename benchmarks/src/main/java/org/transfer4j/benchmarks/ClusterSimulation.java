package org.transfer4j.benchmarks;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A job of features on a cluster, by discrete events: tasks are handed out by one driver, one after the other, executors start, open
 * the network, compute, are slow now and then, fail and are replaced, and what runs long at the end gets a second copy, as in Spark.
 * Everything that it knows of computing is what one worker alone showed ({@link Worker}); the same seed gives the same figures.
 */
final class ClusterSimulation {
    /** Spark 3.5's {@code spark.speculation.interval}, {@code .quantile} and {@code .multiplier}. */
    private static final double SPECULATION_INTERVAL = 0.1;

    private static final double SPECULATION_QUANTILE = 0.75;
    private static final double SPECULATION_MULTIPLIER = 1.5;

    /** Of a broadcast, {@code spark.broadcast.blockSize}. */
    private static final double BLOCK_BYTES = 4 << 20;

    private final Worker worker;
    private final Job job;
    private final Cluster cluster;
    private final SplittableRandom random;

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Deque<Integer> waiting = new ArrayDeque<>();
    private final Executor[] executors;
    private final boolean[] done;
    private final int[] copies;
    private final RunningMedian durations = new RunningMedian();
    private int left;
    private int order;
    private double driverFree;
    private boolean checking;
    private double busy;
    private double lost;
    private int failures;
    private int secondCopies;

    /**
     * What one worker of one core alone showed.
     *
     * @param imageSeconds of an image
     * @param taskSeconds of a task without its images
     * @param startSeconds from the start of a process to its first image: JVM, classes, the network's opening
     * @param spread the standard deviation of a task's seconds, as a part of them
     */
    record Worker(double imageSeconds, double taskSeconds, double startSeconds, double spread) {}

    /**
     * What is to be computed.
     *
     * @param images how many
     * @param imagesPerTask a partition's rows, the last has what is left
     * @param imageBytes an encoded image's
     */
    record Job(long images, int imagesPerTask, double imageBytes) {}

    /**
     * With what.
     *
     * @param speeds for each executor of one core, how fast it is beside the worker that was measured: 1 as fast, 0.5 half as fast
     * @param networkBytes the broadcast's
     * @param linkBytesPerSecond of each machine's network
     * @param storageBytesPerSecond of what the images are read from, all readers together
     * @param dispatchSeconds of the driver for a task, which it spends on one after the other
     * @param stragglers the part of tasks that are slow
     * @param straggling how many times longer these take
     * @param failureSeconds mean time to an executor's failure; infinite for none
     * @param speculation whether a task that runs long gets a second copy
     */
    record Cluster(
            List<Double> speeds,
            double networkBytes,
            double linkBytesPerSecond,
            double storageBytesPerSecond,
            double dispatchSeconds,
            double stragglers,
            double straggling,
            double failureSeconds,
            boolean speculation) {}

    /**
     * What came of it.
     *
     * @param seconds from the job's beginning, with the executors' start, to its last task's end
     * @param efficiency the part of all cores' time that went into tasks whose result was used
     * @param coreHours of all cores together, idle or not
     * @param failures of executors
     * @param secondCopies of tasks
     */
    record Outcome(double seconds, double efficiency, double coreHours, int failures, int secondCopies) {}

    private enum Kind {
        READY,
        FINISHED,
        FAILED,
        CHECK
    }

    private record Event(double time, Kind kind, int executor, int life, int order) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Double.compare(time, other.time);
            return byTime != 0 ? byTime : Integer.compare(order, other.order);
        }
    }

    private static final class Executor {
        private static final int NOTHING = -1;

        private int task = NOTHING;
        private double since;
        /** Rises with each failure and each cancelled task, so that events of before are known. */
        private int life;

        private boolean up;
    }

    private ClusterSimulation(Worker worker, Job job, Cluster cluster, long seed) {
        this.worker = worker;
        this.job = job;
        this.cluster = cluster;
        this.random = new SplittableRandom(seed);
        this.left = Math.toIntExact((job.images() + job.imagesPerTask() - 1) / job.imagesPerTask());
        this.done = new boolean[left];
        this.copies = new int[left];
        this.executors = new Executor[cluster.speeds().size()];
    }

    /** One run of it. */
    static Outcome run(Worker worker, Job job, Cluster cluster, long seed) {
        return new ClusterSimulation(worker, job, cluster, seed).run();
    }

    private Outcome run() {
        for (int task = 0; task < left; task++) {
            waiting.add(task);
        }
        for (int i = 0; i < executors.length; i++) {
            executors[i] = new Executor();
            at(start(i), Kind.READY, i);
        }
        double now = 0;
        while (left > 0) {
            Event event = events.remove();
            now = event.time();
            if (event.kind() == Kind.CHECK) {
                checking = false;
                handOut(now);
            } else if (event.life() == executors[event.executor()].life) {
                handle(event, now);
            }
        }
        double all = now * executors.length;
        return new Outcome(now, (busy - lost) / all, all / 3600, failures, secondCopies);
    }

    private void handle(Event event, double now) {
        Executor executor = executors[event.executor()];
        switch (event.kind()) {
            case READY -> {
                executor.up = true;
                if (Double.isFinite(cluster.failureSeconds())) {
                    at(
                            now - cluster.failureSeconds() * Math.log(1 - random.nextDouble()),
                            Kind.FAILED,
                            event.executor());
                }
            }
            case FINISHED -> finish(event.executor(), now);
            default -> fail(event.executor(), now);
        }
        handOut(now);
    }

    private void finish(int index, double now) {
        Executor executor = executors[index];
        int task = executor.task;
        done[task] = true;
        left--;
        durations.add(now - executor.since);
        free(executor, now);
        if (copies[task] > 0) {
            for (int i = 0; i < executors.length; i++) {
                if (executors[i].task == task) {
                    lost += now - executors[i].since;
                    free(executors[i], now);
                    executors[i].life++;
                    at(now, Kind.READY, i);
                }
            }
        }
    }

    private void fail(int index, double now) {
        Executor executor = executors[index];
        failures++;
        if (executor.task != Executor.NOTHING) {
            int task = executor.task;
            lost += Math.max(0, now - executor.since);
            free(executor, now);
            if (copies[task] == 0) {
                waiting.addFirst(task);
            }
        }
        executor.up = false;
        executor.life++;
        at(now + start(index), Kind.READY, index);
    }

    private void free(Executor executor, double now) {
        busy += Math.max(0, now - executor.since);
        copies[executor.task]--;
        executor.task = Executor.NOTHING;
    }

    /** Gives to whoever is free what waits, and then second copies of what runs long. */
    private void handOut(double now) {
        for (int i = 0; i < executors.length; i++) {
            if (executors[i].up && executors[i].task == Executor.NOTHING) {
                Integer task = waiting.poll();
                if (task == null) {
                    task = late(now);
                    if (task == null) {
                        break;
                    }
                    secondCopies++;
                }
                give(i, task, now);
            }
        }
        if (cluster.speculation() && waiting.isEmpty() && !checking) {
            checking = true;
            at(now + SPECULATION_INTERVAL, Kind.CHECK, 0);
        }
    }

    private @Nullable Integer late(double now) {
        if (!cluster.speculation() || done.length - left < SPECULATION_QUANTILE * done.length) {
            return null;
        }
        double most = SPECULATION_MULTIPLIER * durations.median();
        for (Executor executor : executors) {
            if (executor.task != Executor.NOTHING && copies[executor.task] == 1 && now - executor.since > most) {
                return executor.task;
            }
        }
        return null;
    }

    private void give(int index, int task, double now) {
        driverFree = Math.max(now, driverFree) + cluster.dispatchSeconds();
        Executor executor = executors[index];
        executor.task = task;
        executor.since = driverFree;
        copies[task]++;
        at(driverFree + seconds(task, cluster.speeds().get(index)), Kind.FINISHED, index);
    }

    /** A task's: images are read while others are computed, so that the slower of both counts. */
    private double seconds(int task, double speed) {
        long images = Math.min(job.imagesPerTask(), job.images() - (long) task * job.imagesPerTask());
        double computing = (worker.taskSeconds() + images * worker.imageSeconds()) / speed * varied();
        if (random.nextDouble() < cluster.stragglers()) {
            computing *= cluster.straggling();
        }
        double rate = Math.min(cluster.linkBytesPerSecond(), cluster.storageBytesPerSecond() / executors.length);
        return Math.max(computing, images * job.imageBytes() / rate);
    }

    /** A number of mean 1 whose logarithm is normal. */
    private double varied() {
        double variance = Math.log1p(worker.spread() * worker.spread());
        double normal = Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
        return Math.exp(normal * Math.sqrt(variance) - variance / 2);
    }

    /** Until an executor can compute; its blocks of the network come from other executors, too, in as many rounds as doubling takes. */
    private double start(int index) {
        double blocks = Math.max(1, cluster.networkBytes() / BLOCK_BYTES);
        double rounds = 1 + Math.log(executors.length) / Math.log(2) / blocks;
        return worker.startSeconds() / cluster.speeds().get(index)
                + rounds * cluster.networkBytes() / cluster.linkBytesPerSecond();
    }

    private void at(double time, Kind kind, int executor) {
        events.add(new Event(time, kind, executor, executors[executor].life, order++));
    }

    /** The lower half's largest number is on top of one heap, the upper half's smallest on top of the other. */
    private static final class RunningMedian {
        private final PriorityQueue<Double> lower = new PriorityQueue<>(Collections.reverseOrder());
        private final PriorityQueue<Double> upper = new PriorityQueue<>();

        void add(double value) {
            lower.add(value);
            upper.add(lower.remove());
            if (upper.size() > lower.size()) {
                lower.add(upper.remove());
            }
        }

        double median() {
            return lower.element();
        }
    }
}
