package org.transfer4j.spark;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.transfer4j.FeatureExtractor;

/**
 * Learns a classifier from labelled images on Spark: executors compute features, and a head learns from them on the driver, which
 * streams them from its disk.
 *
 * <pre>{@code
 * TransferEstimator estimator;
 * try (FeatureExtractor layers = TransferLearner.tinyResNet().inputSize(64, 64).extractor()) {
 *     estimator = TransferEstimator.of(layers);
 * }
 * TransferModel model = estimator.setLabelCol("species").fit(photos);      // content, path, species
 * ImageClassifier classifier = model.toClassifier();
 * }</pre>
 *
 * <p>Rows have an image ({@code content}: encoded, or its path), a label and a key ({@code path}, as the source {@code binaryFile}
 * has it), by which they are sorted before a head learns: with the same {@link #setSeed seed}, the same bits, however rows are
 * divided, and the predictions that {@link org.transfer4j.TransferLearner#fit} gives for the same images in that order. A label is a
 * name (string); the index of a class (a number, as {@code StringIndexer} makes it, whose names are taken), which Spark ML's
 * evaluators compare with the model's {@code prediction}; or several names (array of strings), for a head that gives an image any of
 * them. Images that can't be used are left out, and the log says how many and why.
 *
 * <p>It takes room on disks: in the executors' local folders for all features, and in the driver's temporary folder once more, images
 * x features x 4 bytes each.
 *
 * @serial exclude
 */
public final class TransferEstimator extends HeadParams<TransferEstimator> implements MLWritable {
    private static final long serialVersionUID = 1L;

    /** Null where the parameter says where it lies. */
    private final @Nullable NetworkFile given;

    private final Param<String> extractor;
    private final Param<String> inputCol;
    private final Param<String> labelCol;
    private final Param<String> keyCol;
    private final Param<String> validationIndicatorCol;
    private final Param<String> predictionCol;
    private final Param<String> predictedLabelCol;
    private final Param<String> probabilityCol;
    private final Param<String> errorCol;
    private final Param<String> handleInvalid;

    /** An estimator that has to be told its {@link #setExtractor extractor}. */
    public TransferEstimator() {
        this(newUid());
    }

    /**
     * An estimator that has to be told its {@link #setExtractor extractor}.
     *
     * @param uid what tells it from others, as Spark ML's stages have it
     */
    public TransferEstimator(String uid) {
        this(uid, null);
    }

    private TransferEstimator(String uid, @Nullable NetworkFile given) {
        super(uid);
        this.given = given;
        extractor = new Param<>(this, "extractor", ImageColumns.EXTRACTOR);
        inputCol = new Param<>(this, "inputCol", ImageColumns.IMAGES);
        labelCol = new Param<>(this, "labelCol", "column of labels: names, indices of classes, or arrays of names");
        keyCol = new Param<>(this, "keyCol", "column that tells rows apart, by which they are sorted");
        validationIndicatorCol = new Param<>(
                this,
                "validationIndicatorCol",
                "column that is true for rows to validate with; all are learned from, if not set");
        predictionCol = new Param<>(this, "predictionCol", TransferModel.PREDICTIONS);
        predictedLabelCol = new Param<>(this, "predictedLabelCol", TransferModel.LABELS);
        probabilityCol = new Param<>(this, "probabilityCol", TransferModel.PROBABILITIES);
        errorCol = new Param<>(this, "errorCol", ImageColumns.ERRORS);
        handleInvalid = new Param<>(this, "handleInvalid", ImageColumns.HANDLE_INVALID);
        setDefault(inputCol, ImageColumns.INPUT);
        setDefault(labelCol, "label");
        setDefault(keyCol, "path");
        setDefault(predictionCol, TransferModel.PREDICTION);
        setDefault(predictedLabelCol, TransferModel.LABEL);
        setDefault(probabilityCol, TransferModel.PROBABILITY);
        setDefault(errorCol, ImageColumns.ERROR);
        setDefault(handleInvalid, ImageColumns.KEEP);
    }

    /**
     * An estimator whose features are those of an extractor.
     *
     * @param extractor of {@link org.transfer4j.TransferLearner#extractor()}, with any backbone, cut, size and preprocessing; copied, it
     *     stays the caller's. How the head learns is said here, not by the learner
     * @return the estimator
     * @throws IllegalArgumentException if it has more than 2 GB
     */
    public static TransferEstimator of(FeatureExtractor extractor) {
        return new TransferEstimator(newUid(), NetworkFile.of(ProcessNetwork.Kind.EXTRACTOR, extractor::save));
    }

    private static String newUid() {
        return Identifiable$.MODULE$.randomUID("transferEstimator");
    }

    @Override
    TransferEstimator self() {
        return this;
    }

    private LabelledRows.Columns columns() {
        return new LabelledRows.Columns(
                getOrDefault(inputCol),
                getOrDefault(labelCol),
                getOrDefault(keyCol),
                isSet(validationIndicatorCol) ? getOrDefault(validationIndicatorCol) : null);
    }

    /**
     * Learns.
     *
     * @param dataset with images, labels and keys
     * @return the model, with the names of columns that were set here
     * @throws IllegalArgumentException if a column is not there, has another type or a null where it must have none; if keys are not
     *     unique, settings contradict each other or the data, or no extractor was given, all of it before any image is read; or if no
     *     image can be used
     * @throws org.transfer4j.error.TransferException if fewer than two classes have images, or memory does not suffice
     * @throws java.io.UncheckedIOException if the driver's temporary folder has no room for the features
     * @throws IllegalStateException if the loss was no number any more
     */
    @Override
    public TransferModel fit(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        NetworkFile layers = file(dataset.sparkSession());
        NetworkFile learned = layers.withExtractor(opened -> {
            LabelledRows rows = LabelledRows.of(dataset, columns());
            boolean validates = rows.expectedValidation().isPresent();
            return new HeadFit(opened, layers, rows)
                    .run(settings(opened.training(), rows.labels().areSeveral(), validates));
        });
        return copyValues(TransferModel.read(uid(), learned).setParent(this), new ParamMap());
    }

    private NetworkFile file(SparkSession session) {
        return NetworkFile.extractor(isSet(extractor) ? getOrDefault(extractor) : null, given, session);
    }

    @Override
    public StructType transformSchema(StructType schema) {
        Labels.Kind labels = columns().require(schema);
        return ImageColumns.with(
                schema,
                TransferModel.added(
                        labels == Labels.Kind.SEVERAL,
                        getOrDefault(predictionCol),
                        getOrDefault(predictedLabelCol),
                        getOrDefault(probabilityCol),
                        getOrDefault(errorCol)));
    }

    @Override
    public TransferEstimator copy(ParamMap extra) {
        return copyValues(new TransferEstimator(uid(), given), extra);
    }

    @Override
    public MLWriter write() {
        return new StoredStage.Writer(this, file(SparkSession.active()));
    }

    /**
     * Reads what {@link #save} wrote, also as a part of a pipeline.
     *
     * @return the reader
     */
    public static MLReader<TransferEstimator> read() {
        return new StoredStage.Reader<>(TransferEstimator.class, ProcessNetwork.Kind.EXTRACTOR, TransferEstimator::new);
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @param path a folder of one of Hadoop's file systems
     * @return the estimator
     */
    public static TransferEstimator load(String path) {
        return read().load(path);
    }

    /**
     * Where the frozen layers lie.
     *
     * @return its parameter
     */
    public Param<String> extractor() {
        return extractor;
    }

    /**
     * Names the file of the frozen layers, where the estimator was not made {@link #of} an extractor.
     *
     * @param value what {@link FeatureExtractor#save} wrote, in one of Hadoop's file systems; read by the driver at each {@link #fit}
     * @return this
     */
    public TransferEstimator setExtractor(String value) {
        set(extractor, value);
        return this;
    }

    /**
     * The column of images.
     *
     * @return its parameter
     */
    public Param<String> inputCol() {
        return inputCol;
    }

    /**
     * Names the column of images.
     *
     * @param value of type binary (encoded images) or string (their paths); default "content"
     * @return this
     */
    public TransferEstimator setInputCol(String value) {
        set(inputCol, value);
        return this;
    }

    /**
     * The column of labels.
     *
     * @return its parameter
     */
    public Param<String> labelCol() {
        return labelCol;
    }

    /**
     * Names the column of labels.
     *
     * @param value of type string, a number or array of strings; default "label"
     * @return this
     */
    public TransferEstimator setLabelCol(String value) {
        set(labelCol, value);
        return this;
    }

    /**
     * The column by which rows are sorted.
     *
     * @return its parameter
     */
    public Param<String> keyCol() {
        return keyCol;
    }

    /**
     * Names the column by which rows are sorted: each row has another key, none has null.
     *
     * @param value of type string or a whole number; default "path"
     * @return this
     */
    public TransferEstimator setKeyCol(String value) {
        set(keyCol, value);
        return this;
    }

    /**
     * The column that says which rows are for validation.
     *
     * @return its parameter
     */
    public Param<String> validationIndicatorCol() {
        return validationIndicatorCol;
    }

    /**
     * Names the column that says which rows are for validation, by the name that Spark ML has for it. These are not learned from; loss and
     * accuracy on them are in the classifier's history, and end it early where {@link #setPatience} says so.
     *
     * @param value of type boolean, true for validation; not set by default
     * @return this
     */
    public TransferEstimator setValidationIndicatorCol(String value) {
        set(validationIndicatorCol, value);
        return this;
    }

    /**
     * The column of the index of the class that the model adds.
     *
     * @return its parameter
     */
    public Param<String> predictionCol() {
        return predictionCol;
    }

    /**
     * Names the column of the index of the class that the model adds.
     *
     * @param value default "prediction"
     * @return this
     */
    public TransferEstimator setPredictionCol(String value) {
        set(predictionCol, value);
        return this;
    }

    /**
     * The column of the name of the class, or of all labels, that the model adds.
     *
     * @return its parameter
     */
    public Param<String> predictedLabelCol() {
        return predictedLabelCol;
    }

    /**
     * Names the column of the name of the class, or of all labels, that the model adds.
     *
     * @param value default "predictedLabel"
     * @return this
     */
    public TransferEstimator setPredictedLabelCol(String value) {
        set(predictedLabelCol, value);
        return this;
    }

    /**
     * The column of probabilities that the model adds.
     *
     * @return its parameter
     */
    public Param<String> probabilityCol() {
        return probabilityCol;
    }

    /**
     * Names the column of probabilities that the model adds.
     *
     * @param value default "probability"
     * @return this
     */
    public TransferEstimator setProbabilityCol(String value) {
        set(probabilityCol, value);
        return this;
    }

    /**
     * The column of errors that the model adds.
     *
     * @return its parameter
     */
    public Param<String> errorCol() {
        return errorCol;
    }

    /**
     * Names the column of errors that the model adds.
     *
     * @param value default "error"
     * @return this
     */
    public TransferEstimator setErrorCol(String value) {
        set(errorCol, value);
        return this;
    }

    /**
     * What becomes of rows whose image the model can't use.
     *
     * @return its parameter
     */
    public Param<String> handleInvalid() {
        return handleInvalid;
    }

    /**
     * Says what becomes of rows whose image the model can't use; they are not learned from in any case. Evaluators want "skip".
     *
     * @param value "keep", the default, or "skip"
     * @return this
     */
    public TransferEstimator setHandleInvalid(String value) {
        set(handleInvalid, ImageColumns.requireHandling(value));
        return this;
    }
}
