package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
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
import org.transfer4j.FeatureExtractor;
import org.transfer4j.ImageClassifier;
import org.transfer4j.Prediction;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.Optimizer;

/** What is learned on Spark is what one machine learns of the same images in the order of their keys. */
class TransferEstimatorTest {
    private static final TransferLearner LEARNER =
            TransferLearner.tinyVgg().inputSize(32, 32).head(Head.globalAveragePooling());
    private static final ImageDataset DIGITS =
            SampleDatasets.digits().shuffle(1).limit(140);
    private static final int TRAINING = 100;
    private static final StructType SCHEMA = new StructType()
            .add("path", DataTypes.StringType)
            .add("content", DataTypes.BinaryType)
            .add("label", DataTypes.StringType)
            .add("index", DataTypes.IntegerType)
            .add("held", DataTypes.BooleanType)
            .add("labels", DataTypes.createArrayType(DataTypes.StringType));

    private static SparkSession spark;
    private static TransferEstimator made;
    private static List<Row> rows;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start();
        made = TransferEstimator.of(LEARNER.extractor());
        rows = IntStream.range(0, DIGITS.size())
                .mapToObj(i -> RowFactory.create(
                        key(i),
                        LocalSpark.png(DIGITS, i),
                        Integer.toString(DIGITS.classIndex(i)),
                        DIGITS.classIndex(i),
                        i % 5 == 0,
                        labels(i).toArray(String[]::new)))
                .toList();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    /** Their order is not that of the rows. */
    private static String key(int i) {
        return String.format("%03d.png", i * 37 % 1000);
    }

    private static Set<String> labels(int i) {
        return DIGITS.classIndex(i) % 2 == 0
                ? Set.of("even", "digit")
                : DIGITS.classIndex(i) > 5 ? Set.of("large") : Set.of();
    }

    private static Dataset<Row> rows(int from, int to) {
        return spark.createDataFrame(rows.subList(from, to), SCHEMA);
    }

    private static Dataset<Row> training() {
        return rows(0, TRAINING);
    }

    private static TransferEstimator estimator() {
        return made.copy(new ParamMap()).setEpochs(20);
    }

    private static int[] inOrder(int from, int to) {
        return IntStream.range(from, to)
                .boxed()
                .sorted((a, b) -> key(a).compareTo(key(b)))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The same images in the order of their keys. */
    private static ImageDataset here(int... images) {
        return ImageDataset.encoded(IntStream.of(images)
                .mapToObj(
                        i -> EncodedImage.of(key(i), Integer.toString(DIGITS.classIndex(i)), LocalSpark.png(DIGITS, i)))
                .toList());
    }

    private static void assertSame(TransferModel model, ImageClassifier classifier, double tolerance) {
        int[] test = inOrder(TRAINING, DIGITS.size());
        List<Prediction> expected = classifier.predict(here(test));
        List<Row> predicted = model.transform(rows(TRAINING, DIGITS.size()).drop("label", "index", "held", "labels"))
                .orderBy("path")
                .collectAsList();
        assertThat(model.classNames()).isEqualTo(classifier.classNames());
        for (int i = 0; i < test.length; i++) {
            double[] probabilities =
                    predicted.get(i).<Vector>getAs("probability").toArray();
            for (int k = 0; k < probabilities.length; k++) {
                assertThat(probabilities[k])
                        .isCloseTo(
                                expected.get(i).probability(model.classNames().get(k)), within(tolerance));
            }
        }
    }

    @Test
    void learnsWhatOneMachineLearns() {
        TransferModel model = estimator().fit(training().repartition(3));
        try (ImageClassifier classifier = LEARNER.epochs(20).fit(here(inOrder(0, TRAINING)))) {
            assertSame(model, classifier, 1e-5);
        }
    }

    @Test
    void takesAsManyEpochsAsOneMachineAndItsScale() {
        TransferModel model = made.copy(new ParamMap()).fit(training());
        try (ImageClassifier classifier = LEARNER.fit(here(inOrder(0, TRAINING)))) {
            assertSame(model, classifier, 1e-5);
        }
    }

    @Test
    void theSameSeedGivesTheSameBitsWhateverThePartitions() {
        List<Row> one = probabilities(estimator().setSeed(7).fit(training().coalesce(1)));
        assertThat(probabilities(estimator()
                        .setSeed(7)
                        .fit(training().orderBy(functions.rand(3)).repartition(4))))
                .isEqualTo(one);
        assertThat(probabilities(estimator().setSeed(8).fit(training()))).isNotEqualTo(one);
    }

    private static List<Row> probabilities(TransferModel model) {
        return model.transform(rows(TRAINING, DIGITS.size()).drop("label"))
                .orderBy("path")
                .select("probability")
                .collectAsList();
    }

    @Test
    void settingsAreThoseOfOneMachine() {
        TransferModel model = estimator()
                .setHead("dense(12), dropout(0.2)")
                .setOptimizer(Optimizer.sgd(0.05).momentum(0.9))
                .setBatchSize(8)
                .setSeed(3)
                .setClassWeights(Map.of("3", 4.0))
                .fit(training());
        TransferLearner learner = LEARNER.epochs(20)
                .head(Head.globalAveragePooling().dense(12).dropout(0.2))
                .optimizer(Optimizer.sgd(0.05).momentum(0.9))
                .batchSize(8)
                .seed(3)
                .classWeights(Map.of("3", 4.0));
        try (ImageClassifier classifier = learner.fit(here(inOrder(0, TRAINING)))) {
            assertSame(model, classifier, 1e-5);
        }
    }

    @Test
    void rowsForValidationEndIt() {
        TransferModel model = estimator()
                .setEpochs(60)
                .setLearningRate(0.05)
                .setClassWeights("balanced")
                .setValidationIndicatorCol("held")
                .setPatience(2)
                .fit(training());
        int[] all = inOrder(0, TRAINING);
        TransferLearner learner = LEARNER.epochs(60)
                .optimizer(Optimizer.adam(0.05))
                .balancedClassWeights()
                .validation(here(IntStream.of(all).filter(i -> i % 5 == 0).toArray()))
                .earlyStopping(EarlyStopping.patience(2));
        try (ImageClassifier classifier = learner.fit(
                        here(IntStream.of(all).filter(i -> i % 5 != 0).toArray()));
                ImageClassifier back = model.toClassifier()) {
            assertSame(model, classifier, 1e-5);
            assertThat(back.history().epochs())
                    .hasSameSizeAs(classifier.history().epochs());
            assertThat(back.history().epochs().get(0).validationLoss()).isPresent();
            assertThat(back.history().epochs()).hasSizeLessThan(60);
        }
    }

    @Test
    void severalLabelsAreAnArray() {
        TransferModel model =
                estimator().setLabelCol("labels").setClassWeights("balanced").fit(training());
        int[] all = inOrder(0, TRAINING);
        MultiLabelDataset data = MultiLabelDataset.of(
                here(all),
                IntStream.of(all).mapToObj(TransferEstimatorTest::labels).toList());
        TransferLearner learner = LEARNER.epochs(20)
                .head(Head.globalAveragePooling().multiLabel())
                .balancedClassWeights();
        try (ImageClassifier classifier = learner.fit(data)) {
            assertSame(model, classifier, 1e-5);
        }
    }

    @Test
    void aProbeIsThatOfOneMachine() {
        TransferEstimator probing =
                estimator().setLearner("probe").setClassWeights("balanced").setFeaturesFolder(folder.toString());
        TransferModel model = probing.fit(training().filter("index < 3").repartition(3));
        int[] some = IntStream.of(inOrder(0, TRAINING))
                .filter(i -> DIGITS.classIndex(i) < 3)
                .toArray();
        try (ImageClassifier classifier = LEARNER.balancedClassWeights().probe(here(some))) {
            assertSame(model, classifier, 1e-3);
        }
        Dataset<Row> data = training();
        assertRefused(estimator().setLearner("probe").setLabelCol("labels"), data, "a probe gives an image one label");
        assertRefused(
                estimator().setLearner("probe").setValidationIndicatorCol("held"),
                data,
                "a probe has no epochs after which to validate");
        assertRefused(
                estimator().setLearner("probe").setHead("dense(3)"),
                data,
                "a probe is an output layer right on the features, but head is dense(3)");
        assertThatThrownBy(() -> probing.setLearner("svm")).hasMessage("learner must be head or probe, got svm");
    }

    @Test
    void isChosenByACrossValidatorInAPipeline() throws IOException {
        StringIndexer indexer = new StringIndexer().setInputCol("label").setOutputCol("digit");
        TransferEstimator estimator =
                estimator().setLabelCol("digit").setHandleInvalid("skip").setEpochs(30);
        Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {indexer, estimator});
        CrossValidator validator = new CrossValidator()
                .setEstimator(pipeline)
                .setEvaluator(new MulticlassClassificationEvaluator()
                        .setLabelCol("digit")
                        .setMetricName("accuracy"))
                .setEstimatorParamMaps(new ParamGridBuilder()
                        .addGrid(estimator.learningRate(), new double[] {1e-6, 0.1})
                        .build())
                .setNumFolds(2)
                .setSeed(1);
        CrossValidatorModel chosen = validator.fit(training());
        assertThat(chosen.avgMetrics()[1]).isGreaterThan(0.6).isGreaterThan(chosen.avgMetrics()[0]);
        Dataset<Row> predicted = chosen.transform(rows(TRAINING, DIGITS.size()));
        assertThat(predicted.filter("predictedLabel = label").count()).isGreaterThan(25);
        assertThat(predicted.filter("prediction = digit").count())
                .isEqualTo(predicted.filter("predictedLabel = label").count());

        String path = folder.resolve("chosen").toString();
        ((PipelineModel) chosen.bestModel()).save(path);
        assertThat(PipelineModel.load(path)
                        .transform(rows(TRAINING, DIGITS.size()))
                        .select("path", "probability")
                        .orderBy("path")
                        .collectAsList())
                .isEqualTo(
                        predicted.select("path", "probability").orderBy("path").collectAsList());
    }

    @Test
    void indicesAreClassesAlsoWhereOneHasNoImages() {
        Dataset<Row> some = training().filter("index <> 4");
        TransferModel model =
                estimator().setLearningRate(0.1).setLabelCol("index").fit(some);
        assertThat(model.classNames()).hasSize(10);
        Dataset<Row> predicted = model.transform(rows(TRAINING, DIGITS.size()).filter("index <> 4"));
        assertThat(predicted.filter("prediction = index").count()).isGreaterThan(20);
        assertThat(model.hasParent()).isTrue();
    }

    @Test
    void isWrittenAndRead() throws IOException {
        String path = folder.resolve("estimator").toString();
        TransferEstimator written =
                estimator().setSeed(5).setPredictedLabelCol("digit").setClassWeights(Map.of("3", 2.0));
        written.save(path);
        TransferEstimator read = TransferEstimator.load(path);
        assertThat(read.uid()).isEqualTo(written.uid());
        assertThat(read.extractParamMap().toString())
                .isEqualTo(written.extractParamMap().toString());
        List<String> columns = List.of(read.transformSchema(SCHEMA).fieldNames());
        assertThat(columns).contains("digit", "prediction").doesNotContain("predictedLabel");
        assertThat(probabilities(read.fit(training()))).isEqualTo(probabilities(written.fit(training())));

        Path file = folder.resolve("layers.t4j");
        try (FeatureExtractor layers = LEARNER.extractor()) {
            layers.save(file);
        }
        TransferEstimator named =
                new TransferEstimator().setExtractor(file.toString()).setEpochs(20);
        assertThat(probabilities(named.fit(training())))
                .isEqualTo(probabilities(estimator().fit(training())));
        assertThat(ServiceLoader.load(Estimator.class).stream().map(ServiceLoader.Provider::type))
                .contains(TransferEstimator.class);
        assertThat(read.explainParams())
                .contains("labelCol: column of labels")
                .contains("batchSize: images of one step (default: 32)")
                .contains("learningRate");
    }

    @Test
    void brokenImagesAreLeftOut() {
        Row broken = RowFactory.create("zzz", new byte[] {1, 2}, "3", 3, false, new String[0]);
        Dataset<Row> some = training().union(spark.createDataFrame(List.of(broken), SCHEMA));
        assertThat(probabilities(estimator().fit(some)))
                .isEqualTo(probabilities(estimator().fit(training())));
        Row other = RowFactory.create("yyy", new byte[] {1, 2}, "4", 4, false, new String[0]);
        assertThatThrownBy(() -> estimator().fit(spark.createDataFrame(List.of(broken, other), SCHEMA)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("none of the 2 images can be used: ")
                .hasMessageContaining("zzz: ");
    }

    /** Else the training would end with an empty validation, or one of which nobody says why it is. */
    @Test
    void whereAllImagesOfAPartAreBrokenItIsNamed() {
        for (boolean validation : new boolean[] {true, false}) {
            List<Row> mixed = rows.subList(0, TRAINING).stream()
                    .map(row -> row.getBoolean(4) == validation
                            ? RowFactory.create(
                                    row.get(0), new byte[] {1, 2}, row.get(2), row.get(3), row.get(4), new String[0])
                            : RowFactory.create(
                                    row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), new String[0]))
                    .toList();
            assertThatThrownBy(() ->
                            estimator().setValidationIndicatorCol("held").fit(spark.createDataFrame(mixed, SCHEMA)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(
                            validation
                                    ? "none of the 20 images for validation can be used: "
                                    : "none of the 80 images to learn from can be used: ")
                    .hasMessageContaining(".png: ");
        }
    }

    /** Else it would be said of the images, after hours, that none can be used. */
    @Test
    void roomOnTheDriversDiskIsAskedForBeforeImagesAreComputed() throws IOException {
        // 16 MiB of features an image
        TransferLearner wide = TransferLearner.of(Backbone.vgg16().upTo("block1_conv1"))
                .weights(Weights.random())
                .inputSize(256, 256);
        long left = Files.getFileStore(Path.of(System.getProperty("java.io.tmpdir")))
                .getUsableSpace();
        assumeThat(left).as("a disk that a list of images can fill").isLessThan(1L << 44);
        Dataset<Row> many = spark.range(2 * (left >> 24) + 100)
                .selectExpr(
                        "id as path",
                        "cast('no image' as binary) as content",
                        "cast(id % 2 as string) as label",
                        "false as held");
        try (FeatureExtractor layers = wide.extractor()) {
            assertThatThrownBy(() -> TransferEstimator.of(layers).fit(many))
                    .isInstanceOf(UncheckedIOException.class)
                    .rootCause()
                    .hasMessageStartingWith("the features need ")
                    .hasMessageContaining("the temporary folder");
        }
    }

    @Test
    void readsImagesByTheirPaths() throws IOException {
        for (int i = 0; i < TRAINING; i++) {
            Files.write(folder.resolve(key(i)), LocalSpark.png(DIGITS, i));
        }
        Dataset<Row> paths = training()
                .drop("content")
                .withColumn("path", functions.concat(functions.lit(folder + "/"), functions.col("path")));
        assertThat(probabilities(estimator().setInputCol("path").fit(paths).setInputCol("content")))
                .isEqualTo(probabilities(estimator().fit(training())));
    }

    private static void assertRefused(TransferEstimator estimator, Dataset<Row> data, String message) {
        assertThatThrownBy(() -> estimator.fit(data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesColumnsBeforeTheWork() {
        Dataset<Row> data = training();
        assertRefused(estimator().setLabelCol("class"), data, "labelCol must be a column, but there is no \"class\"");
        assertRefused(estimator().setLabelCol("content"), data, "labelCol must be of type string (names), a number");
        assertRefused(estimator().setKeyCol("labels"), data, "keyCol must be of type string or a whole number");
        assertRefused(estimator().setKeyCol("id"), data, "keyCol must be a column, but there is no \"id\"");
        assertRefused(estimator().setInputCol("index"), data, "inputCol must be of type binary");
        assertRefused(estimator().setValidationIndicatorCol("index"), data, "must be of type boolean, but \"index\"");
        assertRefused(estimator().setPredictionCol("label"), data, "columns that are added must be new, but \"label\"");
        assertRefused(estimator().setKeyCol("label"), data, "keyCol must tell rows apart, but \"label\" is ");
        assertRefused(new TransferEstimator(), data, "extractor must be set");
    }

    @Test
    void refusesLabelsBeforeTheWork() {
        Dataset<Row> data = training();
        assertRefused(estimator(), data.filter("false"), "a head needs rows to learn from, got none");
        Dataset<Row> nulls = data.withColumn("label", functions.expr("if(index = 3, null, label)"));
        assertRefused(estimator(), nulls, "labelCol must not be null, but \"label\" is null in ");
        Dataset<Row> halves = data.withColumn("label", functions.expr("index / 2"));
        assertRefused(estimator(), halves, "labelCol must have indices of classes, 0, 1, 2");
        Dataset<Row> elements = data.withColumn("labels", functions.expr("array(label, null)"));
        assertRefused(estimator().setLabelCol("labels"), elements, "labelCol must not be null");
        assertThatThrownBy(() -> estimator().fit(data.filter("label = '3'")))
                .hasMessageContaining("a classifier needs images of 2 classes or more");
        Dataset<Row> unknown = data.withColumn("held", functions.expr("label = '3'"));
        assertRefused(
                estimator().setValidationIndicatorCol("held"),
                unknown,
                "validation rows must have classes that are learned");
        assertRefused(
                estimator().setValidationIndicatorCol("held"),
                data.withColumn("held", functions.lit(true)),
                "\"held\" makes all of them rows to validate with");
        Dataset<Row> unlabelled = data.withColumn("labels", functions.expr("if(held, array(label), array())"));
        assertRefused(
                estimator().setLabelCol("labels").setValidationIndicatorCol("held"),
                unlabelled,
                "\"labels\" has none in any of them");
        Metadata twice = new MetadataBuilder()
                .putMetadata(
                        "ml_attr",
                        new MetadataBuilder()
                                .putStringArray("vals", new String[] {"caf\u00e9", "cafe\u0301"})
                                .build())
                .build();
        assertRefused(
                estimator().setLabelCol("index"),
                data.withColumn("index", functions.col("index").as("index", twice)),
                "has two for \"caf\u00e9\"");
        Metadata few = new MetadataBuilder()
                .putMetadata(
                        "ml_attr",
                        new MetadataBuilder()
                                .putStringArray("vals", new String[] {"a", "b"})
                                .build())
                .build();
        assertRefused(
                estimator().setLabelCol("index"),
                data.withColumn("index", functions.col("index").as("index", few)),
                "labelCol must have indices of classes, 0, 1, 2 and so on below 2");
        Dataset<Row> unmarked = data.withColumn("held", functions.expr("if(index = 3, null, held)"));
        assertRefused(
                estimator().setValidationIndicatorCol("held"), unmarked, "validationIndicatorCol must not be null");
        Dataset<Row> none = data.withColumn("held", functions.lit(false));
        assertThatThrownBy(() -> estimator().setValidationIndicatorCol("held").fit(none))
                .hasMessageContaining("the validation data is empty");
    }

    @Test
    void refusesSettings() {
        Dataset<Row> data = training();
        assertRefused(
                estimator().setOptimizer(Optimizer.sgd(0.1)).setLearningRate(0.1),
                data,
                "optimizer and learningRate must not both be set");
        assertRefused(estimator().setPatience(3), data, "patience needs validation rows");
        assertRefused(estimator().setClassWeights(Map.of("x", 2.0)), data, "class weights for unknown classes: [x]");
        assertThatThrownBy(() -> estimator().setEpochs(0)).hasMessage("epochs must be 1 or more, got 0");
        assertThatThrownBy(() -> estimator().setHead("dense(0)")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> estimator().setHead("conv(3)"))
                .hasMessageStartingWith("head must be layers such as dense(256) and dropout(0.5)");
        assertThatThrownBy(() -> estimator().setClassWeights("rare"))
                .hasMessageStartingWith("classWeights must be equal, balanced, or a JSON object");
        assertThatThrownBy(() -> estimator().setOptimizer("{}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> estimator().setHandleInvalid("drop"))
                .hasMessage("handleInvalid must be keep or skip, got drop");
    }
}
