package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.ModelFileException;

/** Vectors on Spark are those of one machine, whatever the partitions; what is broken is said in its row. */
class ImageFeaturizerTest {
    private static final TransferLearner LEARNER = TransferLearner.tinyVgg().inputSize(32, 32);
    private static final StructType SCHEMA = new StructType()
            .add("id", DataTypes.IntegerType)
            .add("path", DataTypes.StringType)
            .add("content", DataTypes.BinaryType);

    private static SparkSession spark;
    private static ImageFeaturizer featurizer;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start();
        featurizer = ImageFeaturizer.of(LEARNER);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static Dataset<Row> images(int count, int partitions) {
        List<Row> rows = IntStream.range(0, count)
                .mapToObj(i -> RowFactory.create(i, "image" + i, LocalSpark.png(i)))
                .toList();
        return spark.createDataFrame(rows, SCHEMA).repartition(partitions);
    }

    private static float[][] here(int count) {
        List<EncodedImage> images = IntStream.range(0, count)
                .mapToObj(i -> EncodedImage.of("image" + i, "any", LocalSpark.png(i)))
                .toList();
        try (INDArray features = LEARNER.features(ImageDataset.encoded(images))) {
            return features.reshape(count, features.length() / count).toFloatMatrix();
        }
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    @Test
    void givesTheBitsOfOneMachineWhateverThePartitions() {
        float[][] expected = here(70);
        for (int partitions : new int[] {1, 3}) {
            List<Row> rows = featurizer.transform(images(70, partitions)).collectAsList();
            assertThat(rows).hasSize(70);
            for (Row row : rows) {
                Vector vector = row.getAs("features");
                assertThat(vector.toArray()).containsExactly(doubles(expected[row.<Integer>getAs("id")]));
                assertThat(row.<String>getAs("error")).isNull();
                assertThat(row.<String>getAs("path")).isEqualTo("image" + row.<Integer>getAs("id"));
            }
        }
    }

    @Test
    void readsFilesByTheirPaths() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Path file = Files.write(folder.resolve("image " + i + ".png"), LocalSpark.png(i));
            rows.add(RowFactory.create(i, file.toString(), null));
        }
        rows.add(RowFactory.create(3, folder.resolve("missing.png").toString(), null));
        Dataset<Row> vectors = copy().setInputCol("path").transform(spark.createDataFrame(rows, SCHEMA));
        float[][] expected = here(3);
        for (Row row : vectors.collectAsList()) {
            int id = row.getAs("id");
            if (id < 3) {
                assertThat(row.<Vector>getAs("features").toArray()).containsExactly(doubles(expected[id]));
            } else {
                assertThat(row.<Vector>getAs("features")).isNull();
                assertThat(row.<String>getAs("error")).contains("missing.png");
            }
        }
    }

    @Test
    void takesSparksOwnSourceOfFiles() throws IOException {
        for (int i = 0; i < 3; i++) {
            Files.write(folder.resolve(i + ".png"), LocalSpark.png(i));
        }
        Dataset<Row> files = spark.read().format("binaryFile").load(folder.toString());
        float[][] expected = here(3);
        List<Row> rows = featurizer.transform(files).orderBy("path").collectAsList();
        for (int i = 0; i < 3; i++) {
            assertThat(rows.get(i).<Vector>getAs("features").toArray()).containsExactly(doubles(expected[i]));
        }
    }

    @Test
    void saysWhatIsBrokenInItsRow() {
        List<Row> rows = List.of(
                RowFactory.create(0, "good", LocalSpark.png(0)),
                RowFactory.create(1, "text", new byte[] {1, 2, 3}),
                RowFactory.create(2, "null", null),
                RowFactory.create(3, "half", Arrays.copyOf(LocalSpark.png(1), 60)));
        List<Row> vectors = featurizer
                .transform(spark.createDataFrame(rows, SCHEMA))
                .orderBy("id")
                .collectAsList();
        assertThat(vectors.get(0).<Vector>getAs("features").toArray()).containsExactly(doubles(here(1)[0]));
        assertThat(vectors.get(0).<String>getAs("error")).isNull();
        for (int i = 1; i < 4; i++) {
            assertThat(vectors.get(i).<Vector>getAs("features")).isNull();
            assertThat(vectors.get(i).<String>getAs("error")).isNotBlank();
        }
        assertThat(vectors.get(2).<String>getAs("error")).isEqualTo("the image is null");
        Dataset<Row> broken = featurizer.transform(spark.createDataFrame(rows.subList(1, 4), SCHEMA));
        assertThat(broken.filter(functions.col("features").isNotNull()).count()).isZero();
    }

    @Test
    void leavesOutWhatIsBroken() {
        List<Row> rows = List.of(RowFactory.create(0, "good", LocalSpark.png(0)), RowFactory.create(1, "null", null));
        ImageFeaturizer skipping = copy().setHandleInvalid("skip");
        assertThat(skipping.transform(spark.createDataFrame(rows, SCHEMA)).collectAsList())
                .singleElement()
                .extracting(row -> row.<Integer>getAs("id"))
                .isEqualTo(0);
        assertThatThrownBy(() -> copy().setHandleInvalid("drop"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("handleInvalid must be keep or skip, got drop");
    }

    /** Digits, a Spark ML classifier on their vectors, and both as one pipeline through a folder. */
    @Test
    void feedsSparksOwnClassifiers() {
        ImageDataset digits = SampleDatasets.digits().shuffle(1).limit(400);
        StructType schema = new StructType()
                .add("id", DataTypes.IntegerType)
                .add("content", DataTypes.BinaryType)
                .add("label", DataTypes.DoubleType);
        List<Row> rows = IntStream.range(0, digits.size())
                .mapToObj(i -> RowFactory.create(i, LocalSpark.png(digits, i), (double) digits.classIndex(i)))
                .toList();
        Dataset<Row> all = spark.createDataFrame(rows, schema);
        Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {
            copy().setHandleInvalid("skip"),
            new LogisticRegression().setMaxIter(30).setRegParam(1e-3)
        });
        PipelineModel model = pipeline.fit(all.filter("id < 300"));
        String path = folder.resolve("digits").toString();
        save(model, path);
        Dataset<Row> predicted = PipelineModel.load(path).transform(all.filter("id >= 300"));
        assertThat(predicted.filter("prediction = label").count()).isGreaterThan(85);
        assertThat(predicted.count()).isEqualTo(100);
    }

    @Test
    void computesNoMoreThanIsAskedFor() {
        assertThat(featurizer.transform(images(70, 1)).limit(1).collectAsList()).hasSize(1);
        assertThat(featurizer
                        .transform(spark.createDataFrame(List.<Row>of(), SCHEMA))
                        .count())
                .isZero();
    }

    @Test
    void isWrittenAndReadAloneAndInAPipeline() {
        Dataset<Row> images = images(5, 1);
        String alone = folder.resolve("alone").toString();
        ImageFeaturizer renamed = copy().setOutputCol("vector");
        save(renamed, alone);
        ImageFeaturizer loaded = ImageFeaturizer.load(alone);
        assertThat(loaded.uid()).isEqualTo(featurizer.uid());
        assertThat(loaded.getOutputCol()).isEqualTo("vector");
        assertThat(loaded.getInputCol()).isEqualTo("content");
        List<Row> expected = renamed.transform(images).orderBy("id").collectAsList();
        assertThat(loaded.transform(images).orderBy("id").collectAsList()).isEqualTo(expected);

        PipelineModel pipeline =
                new Pipeline().setStages(new PipelineStage[] {renamed}).fit(images);
        String whole = folder.resolve("pipeline").toString();
        save(pipeline, whole);
        assertThat(PipelineModel.load(whole).transform(images).orderBy("id").collectAsList())
                .isEqualTo(expected);
    }

    private static void save(MLWritable stage, String path) {
        try {
            stage.save(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void doesNotOverwriteUnasked() throws IOException {
        String path = folder.resolve("there").toString();
        featurizer.save(path);
        assertThatThrownBy(() -> featurizer.save(path)).isInstanceOf(IOException.class);
        featurizer.write().overwrite().save(path);
        Files.delete(folder.resolve("there/.network.t4j.crc")); // by which Hadoop would know
        Files.write(folder.resolve("there/network.t4j"), new byte[] {1});
        assertThatThrownBy(() -> ImageFeaturizer.load(path)).hasMessageContaining("is damaged");
    }

    @Test
    void refusesColumnsBeforeTheWork() {
        Dataset<Row> images = images(1, 1);
        assertThatThrownBy(() -> copy().setInputCol("picture").transform(images))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("inputCol must be a column, but there is no \"picture\" among [id, path, content]");
        assertThatThrownBy(() -> copy().setInputCol("id").transform(images))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "inputCol must be of type binary (encoded images) or string (paths), but \"id\" is of type int");
        assertThatThrownBy(() -> copy().setOutputCol("Path").transform(images))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("columns that are added must be new, but \"Path\" is there already: [id, path, content]");
        assertThatThrownBy(() -> copy().setErrorCol("features").transform(images))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "columns that are added must be new, but \"features\" is there already: [id, path, content, features]");
    }

    private static ImageFeaturizer copy() {
        return featurizer.copy(new ParamMap());
    }

    @Test
    void takesTheFileOfAnExtractor() throws IOException {
        Path file = folder.resolve("features.t4j");
        try (FeatureExtractor extractor = LEARNER.extractor()) {
            extractor.save(file);
        }
        ImageFeaturizer named = new ImageFeaturizer().setExtractor(file.toString());
        Dataset<Row> images = images(3, 1);
        assertThat(named.transform(images).orderBy("id").collectAsList())
                .isEqualTo(featurizer.transform(images).orderBy("id").collectAsList());
        Files.writeString(file, "no extractor");
        assertThatThrownBy(() -> named.transform(images)).isInstanceOf(ModelFileException.class);
        Files.delete(file);
        assertThatThrownBy(() -> named.transform(images)).hasMessageContaining("features.t4j");
        assertThatThrownBy(() -> new ImageFeaturizer().transform(images))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("extractor must be set");
    }

    @Test
    void isWrittenWithTheLayersOfTheFileThatItWasTold() throws IOException {
        Path file = folder.resolve("features.t4j");
        try (FeatureExtractor extractor = LEARNER.extractor()) {
            extractor.save(file);
        }
        String path = folder.resolve("featurizer").toString();
        save(new ImageFeaturizer().setExtractor(file.toString()), path);
        Files.delete(file);
        Dataset<Row> images = images(3, 1);
        assertThat(ImageFeaturizer.load(path).transform(images).orderBy("id").collectAsList())
                .isEqualTo(featurizer.transform(images).orderBy("id").collectAsList());
    }

    @Test
    void whatIsSaidOfOtherColumnsStays() {
        Metadata names = new MetadataBuilder()
                .putStringArray("names", new String[] {"a", "b"})
                .build();
        Dataset<Row> images = images(3, 1).withColumn("id", functions.col("id").as("id", names));
        Dataset<Row> vectors = featurizer.transform(images);
        assertThat(vectors.schema()).isEqualTo(featurizer.transformSchema(images.schema()));
        assertThat(vectors.schema().apply("id").metadata()).isEqualTo(names);
        assertThat(vectors.orderBy("id").collectAsList())
                .isEqualTo(featurizer.transform(images(3, 1)).orderBy("id").collectAsList());
    }

    @Test
    void namesMayHaveDots() {
        ImageFeaturizer dotted = copy().setOutputCol("image.features").setHandleInvalid("skip");
        assertThat(dotted.transform(images(3, 1)).count()).isEqualTo(3);
    }

    @Test
    void aParameterIsCheckedHoweverItIsSet() {
        assertThatThrownBy(() -> featurizer.copy(
                        new ParamMap().put(featurizer.handleInvalid().w("Skip"))))
                .hasMessage("handleInvalid must be keep or skip, got Skip");
    }

    @Test
    void tellsOfItsParameters() {
        assertThat(featurizer.explainParams())
                .contains("inputCol: column of images: encoded, or their paths (default: content)")
                .contains("outputCol")
                .contains("errorCol");
        assertThat(ServiceLoader.load(Transformer.class).stream().map(ServiceLoader.Provider::type))
                .contains(ImageFeaturizer.class);
        assertThat(spark.createDataset(List.of(1), Encoders.INT()).count()).isOne();
    }
}
