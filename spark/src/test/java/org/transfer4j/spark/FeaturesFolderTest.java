package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;

/** Features are read where they are right, and computed where they are not there or not right. */
class FeaturesFolderTest {
    private static final TransferLearner LEARNER =
            TransferLearner.tinyVgg().inputSize(32, 32).head(Head.globalAveragePooling());
    private static final ImageDataset DIGITS =
            SampleDatasets.digits().shuffle(1).limit(30);
    private static final StructType SCHEMA = new StructType()
            .add("path", DataTypes.StringType)
            .add("content", DataTypes.BinaryType)
            .add("label", DataTypes.StringType);
    private static final String SUM = "sha2(concat(cast('%s' as binary), digest, features), 256)";

    private static SparkSession spark;
    private static TransferEstimator made;
    private static List<Row> rows;
    private static List<Row> expected;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start();
        try (FeatureExtractor layers = LEARNER.extractor()) {
            made = TransferEstimator.of(layers).setEpochs(3).setLearningRate(0.05);
        }
        rows = IntStream.range(0, DIGITS.size())
                .mapToObj(i -> RowFactory.create(
                        String.format("%02d", i), LocalSpark.png(DIGITS, i), DIGITS.classIndex(i) < 5 ? "low" : "high"))
                .toList();
        expected = predicted(made.copy(new ParamMap()), data());
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static Dataset<Row> data() {
        return spark.createDataFrame(rows, SCHEMA);
    }

    private static List<Row> predicted(TransferEstimator estimator, Dataset<Row> data) {
        return estimator
                .fit(data)
                .transform(data().limit(4))
                .orderBy("path")
                .select("probability")
                .collectAsList();
    }

    private TransferEstimator keeping() {
        return made.copy(new ParamMap()).setFeaturesFolder(folder.toString());
    }

    /** The folder of the layers' features, of which there is one. */
    private Path space() {
        try (Stream<Path> folders = Files.list(folder)) {
            List<Path> all = folders.filter(Files::isDirectory).toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Dataset<Row> read(Path space) {
        return spark.read().option("recursiveFileLookup", "true").parquet(space.toString());
    }

    private static long stored(Path space) {
        return read(space).count();
    }

    /** Writes the stored rows anew with something changed. */
    private void change(String column, String expression) {
        Path space = space();
        List<Row> all = read(space).collectAsList();
        StructType schema = read(space).schema();
        spark.createDataFrame(all, schema)
                .withColumn(column, functions.expr(expression))
                .write()
                .mode("overwrite")
                .parquet(space.toString());
    }

    @Test
    void theSecondFitReads() {
        assertThat(predicted(keeping(), data())).isEqualTo(expected);
        assertThat(space().getFileName().toString()).matches("[0-9a-f]{64}");
        assertThat(stored(space())).isEqualTo(rows.size());
        assertThat(predicted(keeping(), data().repartition(3))).isEqualTo(expected);
        assertThat(stored(space())).isEqualTo(rows.size());

        // other features with a right sum: whoever computes would not give their predictions
        change("features", "cast(repeat('abcd', octet_length(features) div 4) as binary)");
        change("sha256", String.format(SUM, space().getFileName()));
        assertThat(predicted(keeping(), data())).isNotEqualTo(expected);
        assertThat(stored(space())).isEqualTo(rows.size());
    }

    @Test
    void otherDataSharesWhatItHasInCommon() throws IOException {
        predicted(keeping(), data().filter("path < '20'"));
        assertThat(stored(space())).isEqualTo(20);
        assertThat(predicted(keeping(), data())).isEqualTo(expected);
        assertThat(stored(space())).isEqualTo(rows.size());
        assertThat(predicted(keeping(), data())).isEqualTo(expected);

        // the same bytes by their paths
        Path images = Files.createDirectory(folder.resolve("images"));
        for (Row row : rows) {
            Files.write(images.resolve(row.getString(0)), (byte[]) row.get(1));
        }
        Dataset<Row> paths =
                data().withColumn("content", functions.concat(functions.lit(images + "/"), functions.col("path")));
        Files.delete(images.resolve("07"));
        TransferEstimator estimator = keeping();
        List<Row> without = estimator
                .fit(paths)
                .transform(data().limit(4))
                .orderBy("path")
                .select("probability")
                .collectAsList();
        assertThat(without).isEqualTo(predicted(made.copy(new ParamMap()), data().filter("path <> '07'")));
    }

    @Test
    void damagedAndForeignRowsAreComputedAnew() {
        predicted(keeping(), data());
        change("features", "if(digest > unhex('80'), cast(reverse(cast(features as string)) as binary), features)");
        assertThat(predicted(keeping(), data())).isEqualTo(expected);
        assertThat(stored(space())).isGreaterThan(rows.size());
        change("sha256", String.format(SUM, "another recipe"));
        assertThat(predicted(keeping(), data())).isEqualTo(expected);
        change("features", "cast(null as binary)");
        assertThat(predicted(keeping(), data())).isEqualTo(expected);
    }

    @Test
    void brokenImagesAreSaidAgain() {
        Row broken = RowFactory.create("99", new byte[] {1}, "low");
        Dataset<Row> data = data().union(spark.createDataFrame(List.of(broken), SCHEMA));
        assertThat(predicted(keeping(), data)).isEqualTo(expected);
        assertThat(predicted(keeping(), data)).isEqualTo(expected);
        assertThat(stored(space())).isEqualTo(rows.size());
    }

    @Test
    void whatAddsNothingAddsNoFiles() throws IOException {
        Row broken = RowFactory.create("99", new byte[] {1}, "low");
        Dataset<Row> data = data().union(spark.createDataFrame(List.of(broken), SCHEMA));
        predicted(keeping(), data);
        predicted(keeping(), data);
        try (Stream<Path> parts = Files.list(space())) {
            assertThat(parts.filter(Files::isDirectory)).hasSize(1);
        }
    }

    @Test
    void aFolderMayBeCalledAsAPatternIs() throws IOException {
        Path odd = Files.createDirectory(folder.resolve("of {x} [1]"));
        TransferEstimator keeping = made.copy(new ParamMap()).setFeaturesFolder(odd.toString());
        assertThat(predicted(keeping, data())).isEqualTo(expected);
        assertThat(predicted(keeping, data())).isEqualTo(expected);
    }

    @Test
    void aFileThatIsNoneIsNamed() throws IOException {
        predicted(keeping(), data());
        Files.write(space().resolve("part-0.parquet"), "no Parquet at all".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> predicted(keeping(), data()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("featuresFolder has what can't be read as features; delete ")
                .hasMessageContaining(space().toString());
        assertThatThrownBy(() -> made.copy(new ParamMap())
                        .setFeaturesFolder("nofs://there")
                        .fit(data()))
                .hasMessageContaining("nofs");
    }

    @Test
    void otherLayersHaveAFolderOfTheirOwn() throws IOException {
        predicted(keeping(), data());
        try (FeatureExtractor larger = LEARNER.inputSize(40, 40).extractor()) {
            TransferEstimator.of(larger)
                    .setEpochs(1)
                    .setFeaturesFolder(folder.toString())
                    .fit(data());
        }
        try (Stream<Path> folders = Files.list(folder)) {
            assertThat(folders.filter(Files::isDirectory)).hasSize(2);
        }
    }
}
