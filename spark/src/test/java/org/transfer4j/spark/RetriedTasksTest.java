package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.TransferLearner;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/** A task that fails in mid-pass is done again, and nobody can tell afterwards. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RetriedTasksTest {
    private static final int IMAGES = 200;

    private static final AtomicInteger FAILURES = new AtomicInteger();
    private static final Set<ProcessNetwork> SEEN =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    /** Gives the rows on, but fails at the first attempt, when a batch was computed and another is being decoded. */
    private static Iterator<Row> failing(Iterator<Row> rows, String sha256) {
        List<Row> given = new ArrayList<>();
        rows.forEachRemaining(given::add);
        Iterator<Row> all = given.iterator();
        AtomicInteger count = new AtomicInteger();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public Row next() {
                if (count.incrementAndGet() == 70) {
                    see(sha256);
                    if (TaskContext.get().attemptNumber() == 0) {
                        FAILURES.incrementAndGet();
                        throw new IllegalStateException("lost on purpose");
                    }
                }
                return all.next();
            }
        };
    }

    /** The network that is lent now; the test must not open one itself. */
    private static void see(String sha256) {
        try (ProcessNetworks.Loan loan = ProcessNetworks.ofThisProcess()
                .borrow(ProcessNetwork.Kind.EXTRACTOR, sha256, () -> {
                    throw new AssertionError("it was closed");
                })) {
            SEEN.add(loan.network());
        }
    }

    @Test
    void theSameVectorsAndNoSecondNetwork() throws IOException {
        try (SparkSession spark = LocalSpark.start("local[2,2]")) {
            NetworkFile file;
            try (FeatureExtractor extractor =
                    TransferLearner.tinyVgg().inputSize(32, 32).extractor()) {
                file = NetworkFile.of(ProcessNetwork.Kind.EXTRACTOR, extractor::save);
            }
            ImageFeaturizer featurizer = new ImageFeaturizer("retried", file);
            Dataset<Row> images = ManyImages.of(spark, IMAGES, 2);
            List<Row> expected = featurizer.transform(images).collectAsList();

            String sha256 = file.sha256();
            MapPartitionsFunction<Row, Row> failing = rows -> failing(rows, sha256);
            Dataset<Row> unreliable = images.mapPartitions(failing, Encoders.row(images.schema()));
            List<Row> vectors = featurizer.transform(unreliable).collectAsList();

            assertThat(FAILURES).hasValue(2);
            assertThat(vectors).hasSize(IMAGES).isEqualTo(expected);
            see(sha256);
            assertThat(SEEN).hasSize(1);
        }
    }
}
