package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.TransferLearner;
import org.transfer4j.head.Head;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/**
 * Executors in processes of their own, which are killed, lack something, or stand still: {@code mvn -Pspark-cluster}
 * (CONTRIBUTING.md).
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class FeaturesOnClusterCheck {
    private static final TransferLearner LEARNER =
            TransferLearner.tinyVgg().inputSize(32, 32).head(Head.globalAveragePooling());

    @TempDir
    private static Path folder;

    private static StandaloneCluster cluster;
    private static ImageFeaturizer featurizer;

    /** Of the pictures, computed here. */
    private static List<Vector> expected;

    private SparkSession spark;

    @BeforeAll
    static void start() throws Exception {
        cluster = new StandaloneCluster(folder.resolve("cluster"), 2, 1);
        featurizer = ImageFeaturizer.of(LEARNER);
        Path file = folder.resolve("network.t4j");
        try (FeatureExtractor extractor = LEARNER.extractor()) {
            extractor.save(file);
        }
        // together: alone, images are computed by other algorithms
        List<byte[]> pictures = IntStream.range(0, ManyImages.PICTURES)
                .mapToObj(ManyImages::picture)
                .toList();
        try (ProcessNetwork network = ProcessNetwork.Kind.EXTRACTOR.open(file)) {
            expected = Stream.of(PlainProcess.compute(network, pictures))
                    .map(ImageColumns::vector)
                    .toList();
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @AfterEach
    void stopDriver() {
        if (spark != null) {
            spark.stop();
        }
    }

    /** Each row once, with the vector of its picture. */
    private static void assertRight(Dataset<Row> vectors, int count) {
        List<Row> rows = vectors.select("id", "features", "error").collectAsList();
        assertThat(rows).hasSize(count);
        boolean[] seen = new boolean[count];
        for (Row row : rows) {
            int id = Math.toIntExact(row.<Long>getAs("id"));
            assertThat(seen[id]).isFalse();
            seen[id] = true;
            assertThat(row.<String>getAs("error")).isNull();
            assertThat(row.<Vector>getAs("features")).isEqualTo(expected.get(id % ManyImages.PICTURES));
        }
    }

    /** Does something once, when the first task of all has ended; counts executors that were lost. */
    private static final class AtFirstTask extends SparkListener {
        private final Runnable action;
        private final AtomicBoolean begun = new AtomicBoolean();
        private final CountDownLatch lost = new CountDownLatch(1);

        AtFirstTask(Runnable action) {
            this.action = action;
        }

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            if (begun.compareAndSet(false, true)) {
                action.run();
            }
        }

        @Override
        public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
            lost.countDown();
        }
    }

    @Test
    void anExecutorKilledInMidPassChangesNothing() throws Exception {
        spark = cluster.session(Map.of());
        AtFirstTask killing = new AtFirstTask(() -> cluster.killExecutors(0));
        spark.sparkContext().addSparkListener(killing);
        assertRight(featurizer.transform(ManyImages.of(spark, 2000, 20)), 2000);
        killing.lost.await();
    }

    @Test
    void aWorkerLostChangesNothing(@TempDir Path own) throws Exception {
        try (StandaloneCluster losing = new StandaloneCluster(own, 2, 1)) {
            spark = losing.session(Map.of());
            AtFirstTask killing = new AtFirstTask(() -> losing.killWorker(1));
            spark.sparkContext().addSparkListener(killing);
            assertRight(featurizer.transform(ManyImages.of(spark, 2000, 20)), 2000);
            killing.lost.await();
            stopDriver();
        }
    }

    /** A task's second copy overtakes the first, which stands still until then. */
    @Test
    void aSpeculativeCopyChangesNothing() throws Exception {
        spark = cluster.session(Map.of(
                "spark.speculation", "true",
                "spark.speculation.interval", "100ms",
                "spark.speculation.minTaskRuntime", "100ms"));
        AtomicInteger speculative = new AtomicInteger();
        spark.sparkContext().addSparkListener(new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                if (end.taskInfo().speculative() && end.taskInfo().successful()) {
                    speculative.incrementAndGet();
                }
            }
        });
        MapPartitionsFunction<Row, Row> standing = rows -> standing(rows);
        Dataset<Row> images = ManyImages.of(spark, 1000, 10);
        assertRight(featurizer.transform(images.mapPartitions(standing, Encoders.row(images.schema()))), 1000);
        assertThat(speculative.get()).isPositive();
    }

    /** The first attempt at the first partition stands still until it is killed. */
    private static Iterator<Row> standing(Iterator<Row> rows) throws InterruptedException {
        if (TaskContext.getPartitionId() == 0 && TaskContext.get().attemptNumber() == 0) {
            new CountDownLatch(1).await();
        }
        return rows;
    }

    @Test
    void oneBrokenImageOfAHundredThousandIsOneError() {
        spark = cluster.session(Map.of());
        ManyImages.Content content = id -> id == 54_321 ? new byte[] {1, 2, 3} : ManyImages.picture(id);
        Dataset<Row> vectors = featurizer
                .transform(ManyImages.of(spark, 100_000, 16, content))
                .select(
                        functions.col("id"),
                        functions.col("error"),
                        functions.col("features").isNull().as("none"))
                .cache();
        assertThat(vectors.count()).isEqualTo(100_000);
        List<Row> broken = vectors.filter("error is not null or none").collectAsList();
        assertThat(broken).singleElement().satisfies(row -> {
            assertThat(row.<Long>getAs("id")).isEqualTo(54_321);
            assertThat(row.<String>getAs("error")).isNotBlank();
            assertThat(row.<Boolean>getAs("none")).isTrue();
        });
    }

    /** Nearly all rows in one partition, others with one or none. */
    @Test
    void skewedPartitionsChangeNothing() {
        spark = cluster.session(Map.of("spark.sql.adaptive.enabled", "false"));
        Dataset<Row> images = ManyImages.of(spark, 3000, 6);
        Dataset<Row> skewed = images.repartition(8, functions.expr("case when id < 2990 then 0 else id end"));
        assertThat(skewed.groupBy(functions.spark_partition_id().as("p"))
                        .count()
                        .agg(functions.max("count"))
                        .first()
                        .getLong(0))
                .isGreaterThanOrEqualTo(2990);
        assertRight(featurizer.transform(skewed), 3000);
    }

    @Test
    void imagesOverTheLimitsAreErrors() {
        spark = cluster.session(Map.of());
        ManyImages.Content content = id -> id % 10 == 3 ? enormous() : ManyImages.picture(id);
        List<Row> rows = featurizer
                .transform(ManyImages.of(spark, 500, 3, content))
                .drop("content")
                .collectAsList();
        assertThat(rows).hasSize(500);
        for (Row row : rows) {
            boolean over = row.<Long>getAs("id") % 10 == 3;
            assertThat(row.<Vector>getAs("features") == null).isEqualTo(over);
            if (over) {
                assertThat(row.<String>getAs("error")).contains("60000");
            }
        }
    }

    /** A header of 60,000 x 60,000 pixels; whoever believed it would want 10 GB. */
    private static byte[] enormous() {
        byte[] png = ManyImages.picture(0);
        png[16 + 2] = (byte) (60_000 >> 8);
        png[16 + 3] = (byte) 60_000;
        png[20 + 2] = (byte) (60_000 >> 8);
        png[20 + 3] = (byte) 60_000;
        CRC32 sum = new CRC32();
        sum.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) sum.getValue());
        return png;
    }

    @Test
    void anExecutorComputesWithTheThreadsOfATask(@TempDir Path own) throws Exception {
        assertThat(threads(cluster, Map.of())).containsOnly("1");
        stopDriver();
        try (StandaloneCluster wide = new StandaloneCluster(own, 1, 6)) {
            assertThat(threads(wide, Map.of("spark.task.cpus", "3"))).containsOnly("3");
            stopDriver();
            assertThat(threads(wide, Map.of("spark.executor.extraJavaOptions", "-D" + NativeThreads.PROPERTY + "=2")))
                    .containsOnly("2");
            stopDriver();
        }
    }

    /** What executors say after they have computed. */
    private List<String> threads(StandaloneCluster of, Map<String, String> settings) {
        spark = of.session(settings);
        Dataset<Row> vectors = featurizer.transform(ManyImages.of(spark, 400, 8));
        assertRight(vectors, 400);
        MapPartitionsFunction<Row, String> asking =
                rows -> List.of(String.valueOf(NativeThreads.count())).iterator();
        return vectors.mapPartitions(asking, Encoders.STRING()).collectAsList();
    }

    @Test
    void anExecutorWithoutNativesNamesThem() {
        spark = cluster.session(Map.of(
                "spark.task.maxFailures",
                "1",
                "spark.executor.extraJavaOptions",
                "-Dorg.bytedeco.javacpp.platform=linux-ppc64le"));
        Dataset<Row> vectors = featurizer.transform(ManyImages.of(spark, 10, 1));
        assertThatThrownBy(vectors::collectAsList)
                .hasMessageContaining("org.nd4j:nd4j-native")
                .hasMessageContaining("with the classifier linux-ppc64le");
    }

    @Test
    void anExecutorOfAnotherVersionIsRefused(@TempDir Path other) throws IOException {
        Files.createDirectories(other.resolve("org/transfer4j"));
        Files.writeString(other.resolve("org/transfer4j/version.properties"), "version=0.0.1\n");
        spark = cluster.session(Map.of("spark.task.maxFailures", "1"));
        String own = spark.conf().get("spark.executor.extraClassPath");
        spark.stop();
        spark = cluster.session(Map.of(
                "spark.task.maxFailures", "1", "spark.executor.extraClassPath", other + File.pathSeparator + own));
        Dataset<Row> vectors = featurizer.transform(ManyImages.of(spark, 10, 1));
        assertThatThrownBy(vectors::collectAsList)
                .hasMessageContaining("driver and executors must have the same version of transfer4j")
                .hasMessageContaining("this executor 0.0.1");
    }
}
