package org.transfer4j.spark;

import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.types.StructType;

/**
 * Which columns an estimator reads, and which its model adds, as parameters of Spark ML.
 *
 * @param <E> the estimator that has them
 */
abstract class ColumnParams<E extends ColumnParams<E>> extends HeadParams<E> {
    private static final long serialVersionUID = 1L;

    private final Param<String> inputCol;
    private final Param<String> labelCol;
    private final Param<String> keyCol;
    private final Param<String> validationIndicatorCol;
    private final Param<String> predictionCol;
    private final Param<String> predictedLabelCol;
    private final Param<String> probabilityCol;
    private final Param<String> errorCol;
    private final Param<String> handleInvalid;

    ColumnParams(String uid) {
        super(uid);
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
        handleInvalid = new Param<>(
                this, "handleInvalid", ImageColumns.HANDLE_INVALID, HeadParams.rule(ImageColumns::requireHandling));
        setDefault(inputCol, ImageColumns.INPUT);
        setDefault(labelCol, "label");
        setDefault(keyCol, "path");
        setDefault(predictionCol, TransferModel.PREDICTION);
        setDefault(predictedLabelCol, TransferModel.LABEL);
        setDefault(probabilityCol, TransferModel.PROBABILITY);
        setDefault(errorCol, ImageColumns.ERROR);
        setDefault(handleInvalid, ImageColumns.KEEP);
    }

    /** What a fit reads. */
    final LabelledRows.Columns columns() {
        return new LabelledRows.Columns(
                getOrDefault(inputCol),
                getOrDefault(labelCol),
                getOrDefault(keyCol),
                isSet(validationIndicatorCol) ? getOrDefault(validationIndicatorCol) : null);
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
    public E setInputCol(String value) {
        set(inputCol, value);
        return self();
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
    public E setLabelCol(String value) {
        set(labelCol, value);
        return self();
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
    public E setKeyCol(String value) {
        set(keyCol, value);
        return self();
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
    public E setValidationIndicatorCol(String value) {
        set(validationIndicatorCol, value);
        return self();
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
    public E setPredictionCol(String value) {
        set(predictionCol, value);
        return self();
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
    public E setPredictedLabelCol(String value) {
        set(predictedLabelCol, value);
        return self();
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
    public E setProbabilityCol(String value) {
        set(probabilityCol, value);
        return self();
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
    public E setErrorCol(String value) {
        set(errorCol, value);
        return self();
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
    public E setHandleInvalid(String value) {
        set(handleInvalid, value);
        return self();
    }
}
