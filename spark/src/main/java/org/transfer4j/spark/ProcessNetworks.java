package org.transfer4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.Inference;
import org.transfer4j.internal.fitted.ModelFile;
import org.transfer4j.internal.fitted.PlacedImages;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * The networks of this process: one for each file, by its hash, which all tasks share, opened by the first of them and closed
 * a while after the last. They hold native memory, so that whoever borrows one gives it back.
 */
final class ProcessNetworks {
    private static final ProcessNetworks THIS_PROCESS = new ProcessNetworks(60_000);

    private final long idleMilliseconds;
    private final Map<String, Shared> shared = new HashMap<>();
    private @Nullable ScheduledExecutorService closing;

    ProcessNetworks(long idleMilliseconds) {
        this.idleMilliseconds = idleMilliseconds;
    }

    static ProcessNetworks ofThisProcess() {
        return THIS_PROCESS;
    }

    private static final class Shared {
        private @Nullable ProcessNetwork network;
        private int borrowers;
        private @Nullable ScheduledFuture<?> end;

        /** Opened under this one's own lock: another file's tasks need not wait. */
        synchronized ProcessNetwork opened(ProcessNetwork.Kind kind, Supplier<byte[]> file) {
            ProcessNetwork own = network;
            if (own == null) {
                own = open(kind, file.get());
                network = own;
            }
            return own;
        }
    }

    /** A network on loan. */
    final class Loan implements AutoCloseable {
        private final String sha256;
        private final ProcessNetwork network;
        private boolean returned;

        private Loan(String sha256, ProcessNetwork network) {
            this.sha256 = sha256;
            this.network = network;
        }

        ProcessNetwork network() {
            return network;
        }

        /** Gives it back; again does nothing. */
        @Override
        public synchronized void close() {
            if (!returned) {
                returned = true;
                giveBack(sha256);
            }
        }
    }

    /**
     * Lends one.
     *
     * @param file its bytes, asked for by the first borrower alone
     */
    Loan borrow(ProcessNetwork.Kind kind, String sha256, Supplier<byte[]> file) {
        Shared entry;
        synchronized (this) {
            entry = shared.computeIfAbsent(sha256, hash -> new Shared());
            entry.borrowers++;
            if (entry.end != null) {
                entry.end.cancel(false);
                entry.end = null;
            }
        }
        try {
            return new Loan(sha256, entry.opened(kind, file));
        } catch (RuntimeException | Error e) {
            giveBack(sha256);
            throw e;
        }
    }

    private synchronized void giveBack(String sha256) {
        Shared entry = shared.get(sha256);
        if (entry != null && --entry.borrowers == 0) {
            entry.end = scheduler().schedule(() -> closeIdle(sha256), idleMilliseconds, TimeUnit.MILLISECONDS);
        }
    }

    private ScheduledExecutorService scheduler() {
        ScheduledExecutorService own = closing;
        if (own == null) {
            own = Executors.newSingleThreadScheduledExecutor(work -> {
                Thread thread = new Thread(work, "transfer4j-spark-idle");
                thread.setDaemon(true);
                return thread;
            });
            closing = own;
        }
        return own;
    }

    private synchronized void closeIdle(String sha256) {
        Shared entry = shared.get(sha256);
        if (entry != null && entry.borrowers == 0) {
            shared.remove(sha256);
            if (entry.network != null) {
                entry.network.close();
            }
        }
    }

    /** How many are open. */
    synchronized int count() {
        return shared.size();
    }

    private static ProcessNetwork open(ProcessNetwork.Kind kind, byte[] bytes) {
        keepToOwnCores();
        // what this machine lacks is said before a task has done anything
        FirstUse.ND4J.start();
        FirstUse.OPENCV.start();
        try {
            Path file = Files.createTempFile("transfer4j-network", ".t4j");
            try {
                Files.write(file, bytes);
                return kind.open(file);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "an executor unpacks the layers into its temporary folder " + System.getProperty("java.io.tmpdir")
                            + ", which failed",
                    e);
        }
    }

    /**
     * An executor's JVM sees all processors of its machine, also those of other executors: what Spark gave is its tasks'
     * {@code spark.task.cpus}, of which each task's own thread is one.
     */
    private static void keepToOwnCores() {
        SparkEnv spark = SparkEnv.get();
        TaskContext task = TaskContext.get();
        if (spark != null
                && task != null
                && NativeThreads.wanted().isEmpty()
                && !spark.executorId().equals("driver")) {
            System.setProperty(NativeThreads.PROPERTY, String.valueOf(task.cpus()));
        }
    }

    /** What an executor computes with: images to rows of numbers. Safe from several threads; owns native memory. */
    interface ProcessNetwork extends AutoCloseable {
        /** What a file holds. */
        enum Kind {
            EXTRACTOR {
                @Override
                ProcessNetwork open(Path file) {
                    return features(Extractor.read(file));
                }
            },
            CLASSIFIER {
                @Override
                ProcessNetwork open(Path file) {
                    return probabilities(ModelFile.read(file, null, false));
                }
            };

            abstract ProcessNetwork open(Path file);
        }

        /** Room for images that are computed together, for the caller to close. */
        PlacedImages room(int images);

        /** A row of numbers an image. */
        float[][] compute(PlacedImages images);

        @Override
        void close();

        private static ProcessNetwork features(Extractor extractor) {
            return new ProcessNetwork() {
                @Override
                public PlacedImages room(int images) {
                    return extractor.room(images);
                }

                @Override
                public float[][] compute(PlacedImages images) {
                    return extractor.features(images);
                }

                @Override
                public void close() {
                    extractor.close();
                }
            };
        }

        private static ProcessNetwork probabilities(Fitted fitted) {
            Inference inference = new Inference(fitted);
            return new ProcessNetwork() {
                @Override
                public PlacedImages room(int images) {
                    return inference.room(images);
                }

                @Override
                public float[][] compute(PlacedImages images) {
                    List<Answer> answers = inference.answers(images);
                    return answers.stream().map(Answer::probabilities).toArray(float[][]::new);
                }

                @Override
                public void close() {
                    fitted.network().close();
                }
            };
        }
    }
}
