package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.ImageClassifier;
import org.transfer4j.Prediction;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;

/** A classifier gives on Spark what it gives on one machine, and comes back. */
class TransferModelTest {
    private static final TransferLearner LEARNER = TransferLearner.tinyVgg().inputSize(32, 32);
    private static final ImageDataset DIGITS = SampleDatasets.digits().shuffle(1);
    private static final ImageDataset TEST =
            DIGITS.select(IntStream.range(300, 340).toArray());

    private static SparkSession spark;
    private static ImageClassifier classifier;
    private static TransferModel model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start();
        classifier = LEARNER.fit(DIGITS.limit(300));
        model = TransferModel.of(classifier);
    }

    @AfterAll
    static void stop() {
        classifier.close();
        spark.stop();
    }

    private static Dataset<Row> test() {
        StructType schema = new StructType()
                .add("id", DataTypes.IntegerType)
                .add("content", DataTypes.BinaryType)
                .add("truth", DataTypes.DoubleType);
        List<Row> rows = IntStream.range(0, TEST.size())
                .mapToObj(i -> RowFactory.create(i, LocalSpark.png(TEST, i), (double) TEST.classIndex(i)))
                .toList();
        return spark.createDataFrame(rows, schema).repartition(3);
    }

    private static TransferModel copy() {
        return model.copy(new ParamMap());
    }

    @Test
    void predictsAsOneMachineDoes() {
        List<Prediction> here = classifier.predict(TEST);
        List<Row> there = model.transform(test()).orderBy("id").collectAsList();
        assertThat(there).hasSize(TEST.size());
        for (int i = 0; i < TEST.size(); i++) {
            Row row = there.get(i);
            assertThat(row.<String>getAs("predictedLabel"))
                    .isEqualTo(here.get(i).label());
            assertThat(model.classNames()
                            .get((int) row.<Double>getAs("prediction").doubleValue()))
                    .isEqualTo(here.get(i).label());
            double[] probabilities = row.<Vector>getAs("probability").toArray();
            for (int k = 0; k < probabilities.length; k++) {
                assertThat(probabilities[k])
                        .isCloseTo(here.get(i).probability(model.classNames().get(k)), within(1e-5));
            }
            assertThat(row.<String>getAs("error")).isNull();
        }
    }

    @Test
    void isJudgedBySparksEvaluators() {
        double accuracy = new MulticlassClassificationEvaluator()
                .setLabelCol("truth")
                .setMetricName("accuracy")
                .evaluate(model.transform(test()));
        assertThat(accuracy).isEqualTo(classifier.evaluate(TEST).accuracy(), within(1e-9));
    }

    @Test
    void comesBackAsAClassifierAndFromAFolder() throws IOException {
        Dataset<Row> expected = model.transform(test());
        try (ImageClassifier back = model.toClassifier()) {
            assertThat(back.predict(TEST).get(0).toString())
                    .isEqualTo(classifier.predict(TEST).get(0).toString());
        }
        PipelineModel pipeline = new Pipeline()
                .setStages(new PipelineStage[] {copy().setPredictedLabelCol("digit")})
                .fit(test());
        String path = folder.resolve("pipeline").toString();
        pipeline.save(path);
        assertThat(PipelineModel.load(path)
                        .transform(test())
                        .select("id", "digit", "probability")
                        .orderBy("id")
                        .collectAsList())
                .isEqualTo(expected.select("id", "predictedLabel", "probability")
                        .orderBy("id")
                        .collectAsList());
        assertThatThrownBy(() -> ImageFeaturizer.load(path + "/stages/" + stage(path)))
                .hasMessageContaining("must hold a org.transfer4j.spark.ImageFeaturizer, but holds a"
                        + " org.transfer4j.spark.TransferModel");
    }

    private static String stage(String path) {
        String[] stages = Path.of(path, "stages").toFile().list((folder, name) -> !name.startsWith("."));
        return stages[0];
    }

    @Test
    void brokenImagesHaveAnErrorOrAreLeftOut() {
        StructType schema = new StructType().add("content", DataTypes.BinaryType);
        Dataset<Row> images = spark.createDataFrame(
                List.of(RowFactory.create((Object) LocalSpark.png(TEST, 0)), RowFactory.create((Object)
                        new byte[] {1})),
                schema);
        Row broken = model.transform(images).filter("error is not null").first();
        assertThat(broken.<Double>getAs("prediction")).isNull();
        assertThat(broken.<Vector>getAs("probability")).isNull();
        assertThat(copy().setHandleInvalid("skip").transform(images).count()).isOne();
    }

    @Test
    void severalLabelsAreAnArray() {
        List<Set<String>> labels = IntStream.range(0, 200)
                .mapToObj(i -> DIGITS.classIndex(i) % 2 == 0 ? Set.of("even", "digit") : Set.of("digit"))
                .toList();
        MultiLabelDataset data = MultiLabelDataset.of(DIGITS.limit(200), labels);
        try (ImageClassifier several =
                LEARNER.head(Head.flatten().multiLabel()).epochs(20).fit(data)) {
            TransferModel many = TransferModel.of(several);
            Row row = many.transform(test()).orderBy("id").first();
            Prediction here = several.predict(TEST).get(0);
            assertThat(row.<Object>getAs("predictedLabel")).isNotNull();
            assertThat(row.<String>getList(row.fieldIndex("predictedLabel")))
                    .containsExactlyInAnyOrderElementsOf(here.labels());
            assertThat(List.of(row.schema().fieldNames())).doesNotContain("prediction");
        }
    }
}
