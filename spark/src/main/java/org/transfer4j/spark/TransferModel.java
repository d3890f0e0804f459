package org.transfer4j.spark;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.transfer4j.ImageClassifier;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/**
 * A classifier on Spark: gives each image of a column its classes, with the numbers that {@link ImageClassifier#predict} gives on
 * one machine, calibrated where the classifier is.
 *
 * <pre>{@code
 * TransferModel model = TransferModel.of(classifier);            // of ImageClassifier.load(path), or just fitted
 * Dataset<Row> predicted = model.transform(files).drop("content");
 * }</pre>
 *
 * <p>To a column of encoded images (binary) or of their paths (string) it adds {@code prediction} (the index of the class among
 * {@link #classNames}, a double as Spark ML's evaluators want it), {@code predictedLabel} (its name), {@code probability} (a vector, in
 * the order of the classes) and {@code error}, which says why an image has none of these. Where an image may have several labels,
 * {@code prediction} is not there, and {@code predictedLabel} is an array of those at their thresholds (one half where none were tuned).
 *
 * <p>How it goes to executors, and what becomes of broken images: as with {@link ImageFeaturizer}.
 *
 * @serial exclude
 */
public final class TransferModel extends Model<TransferModel> implements MLWritable {
    private static final long serialVersionUID = 1L;

    static final String PREDICTIONS = "column that is added: index of the class";
    static final String LABELS = "column that is added: name of the class, or of all labels";
    static final String PROBABILITIES = "column that is added: probabilities of all classes";
    static final String PREDICTION = "prediction";
    static final String LABEL = "predictedLabel";
    static final String PROBABILITY = "probability";

    private final String uid;
    private final NetworkFile file;
    private final Answers answers;
    private final Param<String> inputCol;
    private final Param<String> predictionCol;
    private final Param<String> predictedLabelCol;
    private final Param<String> probabilityCol;
    private final Param<String> errorCol;
    private final Param<String> handleInvalid;

    private TransferModel(String uid, NetworkFile file, Answers answers) {
        this.uid = uid;
        this.file = file;
        this.answers = answers;
        // each asks for the uid
        inputCol = new Param<>(this, "inputCol", ImageColumns.IMAGES);
        predictionCol = new Param<>(this, "predictionCol", PREDICTIONS);
        predictedLabelCol = new Param<>(this, "predictedLabelCol", LABELS);
        probabilityCol = new Param<>(this, "probabilityCol", PROBABILITIES);
        errorCol = new Param<>(this, "errorCol", ImageColumns.ERRORS);
        handleInvalid = new Param<>(
                this, "handleInvalid", ImageColumns.HANDLE_INVALID, HeadParams.rule(ImageColumns::requireHandling));
        setDefault(inputCol, ImageColumns.INPUT);
        setDefault(predictionCol, PREDICTION);
        setDefault(predictedLabelCol, LABEL);
        setDefault(probabilityCol, PROBABILITY);
        setDefault(errorCol, ImageColumns.ERROR);
        setDefault(handleInvalid, ImageColumns.KEEP);
    }

    /**
     * A classifier for Spark.
     *
     * @param classifier copied; it stays the caller's
     * @return the model
     * @throws IllegalArgumentException if it has more than 2 GB
     */
    public static TransferModel of(ImageClassifier classifier) {
        return read(
                Identifiable$.MODULE$.randomUID("transferModel"),
                NetworkFile.of(ProcessNetwork.Kind.CLASSIFIER, classifier::save));
    }

    static TransferModel read(String uid, NetworkFile file) {
        return new TransferModel(uid, file, file.opened(Answers::of));
    }

    /**
     * The classifier, for one machine.
     *
     * @return the same that it was made of, to be closed by the caller
     */
    public ImageClassifier toClassifier() {
        return file.classifier();
    }

    /**
     * The classes.
     *
     * @return their names, in the order of the probabilities
     */
    public List<String> classNames() {
        return answers.classNames();
    }

    /** What is said of an image, and how. */
    @SuppressWarnings("ArrayRecordComponent") // nobody else has it
    private record Answers(List<String> classNames, boolean isMultiLabel, double[] thresholds)
            implements ComputedPartition.Columns {
        private static final double HALF = 0.5;

        static Answers of(Fitted classifier) {
            List<String> names = new ArrayList<>(classifier.network().classNames());
            double[] thresholds = new double[names.size()];
            for (int i = 0; i < thresholds.length; i++) {
                List<LabelThreshold> tuned = classifier.calibration().thresholds();
                thresholds[i] = tuned.isEmpty() ? HALF : tuned.get(i).threshold();
            }
            return new Answers(names, classifier.network().plan().answers() == AnswerKind.LABELS, thresholds);
        }

        @Override
        public Object[] of(float[] probabilities) {
            if (isMultiLabel) {
                List<String> labels = new ArrayList<>();
                for (int i = 0; i < probabilities.length; i++) {
                    if (probabilities[i] >= thresholds[i]) {
                        labels.add(classNames.get(i));
                    }
                }
                return new Object[] {labels.toArray(String[]::new), ImageColumns.vector(probabilities)};
            }
            int best = 0;
            for (int i = 1; i < probabilities.length; i++) {
                best = probabilities[i] > probabilities[best] ? i : best;
            }
            return new Object[] {(double) best, classNames.get(best), ImageColumns.vector(probabilities)};
        }

        @Override
        public int count() {
            return isMultiLabel ? 2 : 3;
        }
    }

    /**
     * Adds the columns; as all of Spark's, when they are asked for.
     *
     * @param dataset with the column of images
     * @return the same rows in the same partitions and order, with the columns; those alone that have them where
     *     {@link #setHandleInvalid skip} was said
     * @throws IllegalArgumentException if there is no such column, it has another type, or one to be added is there
     */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        StructType schema = transformSchema(dataset.schema());
        Dataset<Row> rows = ComputedPartition.of(file, dataset, getOrDefault(inputCol), answers, schema);
        return getOrDefault(handleInvalid).equals(ImageColumns.SKIP)
                ? rows.filter(LabelledRows.named(getOrDefault(probabilityCol)).isNotNull())
                : rows;
    }

    @Override
    public StructType transformSchema(StructType schema) {
        ImageColumns.requireImages(schema, getOrDefault(inputCol));
        return ImageColumns.with(
                schema,
                added(
                        answers.isMultiLabel(),
                        getOrDefault(predictionCol),
                        getOrDefault(predictedLabelCol),
                        getOrDefault(probabilityCol),
                        getOrDefault(errorCol)));
    }

    /** The columns that a model adds. */
    static StructType added(boolean several, String prediction, String label, String probability, String error) {
        StructType answer = several
                ? new StructType().add(label, DataTypes.createArrayType(DataTypes.StringType), true)
                : new StructType().add(prediction, DataTypes.DoubleType, true).add(label, DataTypes.StringType, true);
        return answer.add(probability, SQLDataTypes.VectorType(), true).add(error, DataTypes.StringType, true);
    }

    @Override
    public TransferModel copy(ParamMap extra) {
        TransferModel copy = copyValues(new TransferModel(uid, file, answers), extra);
        return hasParent() ? copy.setParent(parent()) : copy;
    }

    @Override
    public MLWriter write() {
        return new StoredStage.Writer(this, file);
    }

    /**
     * Reads what {@link #save} wrote, also as a part of a pipeline.
     *
     * @return the reader
     */
    public static MLReader<TransferModel> read() {
        return new StoredStage.Reader<>(TransferModel.class, ProcessNetwork.Kind.CLASSIFIER, TransferModel::read);
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @param path a folder of one of Hadoop's file systems
     * @return the model
     */
    public static TransferModel load(String path) {
        return read().load(path);
    }

    @Override
    public String uid() {
        return uid;
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
     * @param value of type binary (encoded images) or string (their paths); default "content", as the source
     *     {@code binaryFile} calls it
     * @return this
     */
    public TransferModel setInputCol(String value) {
        set(inputCol, value);
        return this;
    }

    /**
     * The column of the index of the class.
     *
     * @return its parameter
     */
    public Param<String> predictionCol() {
        return predictionCol;
    }

    /**
     * Names the column of the index of the class.
     *
     * @param value default "prediction"
     * @return this
     */
    public TransferModel setPredictionCol(String value) {
        set(predictionCol, value);
        return this;
    }

    /**
     * The column of the name of the class, or of all labels.
     *
     * @return its parameter
     */
    public Param<String> predictedLabelCol() {
        return predictedLabelCol;
    }

    /**
     * Names the column of the name of the class, or of all labels.
     *
     * @param value default "predictedLabel"
     * @return this
     */
    public TransferModel setPredictedLabelCol(String value) {
        set(predictedLabelCol, value);
        return this;
    }

    /**
     * The column of the probabilities.
     *
     * @return its parameter
     */
    public Param<String> probabilityCol() {
        return probabilityCol;
    }

    /**
     * Names the column of the probabilities.
     *
     * @param value default "probability"
     * @return this
     */
    public TransferModel setProbabilityCol(String value) {
        set(probabilityCol, value);
        return this;
    }

    /**
     * The column of errors.
     *
     * @return its parameter
     */
    public Param<String> errorCol() {
        return errorCol;
    }

    /**
     * Names the column of errors.
     *
     * @param value default "error"
     * @return this
     */
    public TransferModel setErrorCol(String value) {
        set(errorCol, value);
        return this;
    }

    /**
     * What becomes of rows whose image can't be used.
     *
     * @return its parameter
     */
    public Param<String> handleInvalid() {
        return handleInvalid;
    }

    /**
     * Says what becomes of rows whose image can't be used.
     *
     * @param value "keep", the default, or "skip"
     * @return this
     */
    public TransferModel setHandleInvalid(String value) {
        set(handleInvalid, value);
        return this;
    }
}
