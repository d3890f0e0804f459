package org.transfer4j.spark;

import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.TransferLearner;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/**
 * Makes a vector of each image of a column: what the frozen layers of a learner give, which a head, Spark ML's own
 * classifiers or a search learn from. The same numbers as {@link TransferLearner#features} gives on one machine, whichever
 * executor computes them and whichever images are beside.
 *
 * <pre>{@code
 * Dataset<Row> files = spark.read().format("binaryFile").load("hdfs://.../photos/*.jpg");
 * ImageFeaturizer featurizer = ImageFeaturizer.of(TransferLearner.tinyResNet().inputSize(64, 64));
 * Dataset<Row> vectors = featurizer.transform(files).drop("content");   // path, ..., features, error
 * }</pre>
 *
 * <p>The input column has encoded images (JPEG, PNG, BMP; type binary) or where they lie (type string: paths of any of
 * Hadoop's file systems). Two columns are added: the vector ({@code features}), flattened or averaged as the learner's head
 * begins, and a text ({@code error}) that says why an image has none, null where it has. An image that can't be used never
 * fails a job.
 *
 * <p>Layers and weights go to each executor once, by a broadcast of at most 2 GB; the tasks of an executor share them, and
 * they are freed when none has asked for a minute. Each task holds two batches of images. It is written with its weights:
 * {@code featurizer.save(path)}, {@link #load}.
 *
 * @serial exclude
 */
public final class ImageFeaturizer extends Transformer implements MLWritable {
    private static final long serialVersionUID = 1L;

    private static final String OUTPUT = "features";

    private final String uid;

    /** Null where the parameter says where it lies. */
    private final @Nullable NetworkFile given;

    private final Param<String> extractor;
    private final Param<String> inputCol;
    private final Param<String> outputCol;
    private final Param<String> errorCol;
    private final Param<String> handleInvalid;

    /** A featurizer that has to be told its {@link #setExtractor extractor}. */
    public ImageFeaturizer() {
        this(newUid());
    }

    /**
     * A featurizer that has to be told its {@link #setExtractor extractor}.
     *
     * @param uid what tells it from others, as Spark ML's stages have it
     */
    public ImageFeaturizer(String uid) {
        this(uid, null);
    }

    ImageFeaturizer(String uid, @Nullable NetworkFile given) {
        this.uid = uid;
        this.given = given;
        // each asks for the uid
        extractor = new Param<>(this, "extractor", ImageColumns.EXTRACTOR);
        inputCol = new Param<>(this, "inputCol", ImageColumns.IMAGES);
        outputCol = new Param<>(this, "outputCol", "column of vectors that is added");
        errorCol = new Param<>(this, "errorCol", ImageColumns.ERRORS);
        handleInvalid = new Param<>(
                this, "handleInvalid", ImageColumns.HANDLE_INVALID, HeadParams.rule(ImageColumns::requireHandling));
        setDefault(handleInvalid, ImageColumns.KEEP);
        setDefault(inputCol, ImageColumns.INPUT);
        setDefault(outputCol, OUTPUT);
        setDefault(errorCol, ImageColumns.ERROR);
    }

    /**
     * A featurizer with the frozen layers of a learner, whose weights are loaded here, on the driver.
     *
     * @param learner with any backbone, cut, size and preprocessing; augmentation and optimizer have no part in it
     * @return the featurizer
     * @throws IllegalArgumentException if nothing is frozen, or the layers have more than 2 GB
     * @throws org.transfer4j.error.TransferException if the weights can't be had
     */
    public static ImageFeaturizer of(TransferLearner learner) {
        try (FeatureExtractor extractor = learner.extractor()) {
            return new ImageFeaturizer(newUid(), NetworkFile.of(ProcessNetwork.Kind.EXTRACTOR, extractor::save));
        }
    }

    private static String newUid() {
        return Identifiable$.MODULE$.randomUID("imageFeaturizer");
    }

    @Override
    public String uid() {
        return uid;
    }

    /**
     * Where the layers lie.
     *
     * @return its parameter
     */
    public Param<String> extractor() {
        return extractor;
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
     * The column of vectors.
     *
     * @return its parameter
     */
    public Param<String> outputCol() {
        return outputCol;
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
     * What becomes of rows whose image can't be used.
     *
     * @return its parameter
     */
    public Param<String> handleInvalid() {
        return handleInvalid;
    }

    /**
     * Says what becomes of rows whose image can't be used, by the name that Spark ML's own stages have for it.
     *
     * @param handling "keep", the default: the vector is null, and the error says why; or "skip": such rows are left out, as
     *     classifiers in a pipeline want it
     * @return this
     * @throws IllegalArgumentException if it is neither
     */
    public ImageFeaturizer setHandleInvalid(String handling) {
        set(handleInvalid, handling);
        return this;
    }

    /**
     * What becomes of rows whose image can't be used.
     *
     * @return "keep" or "skip"
     */
    public String getHandleInvalid() {
        return getOrDefault(handleInvalid);
    }

    /**
     * Names the file of the layers, where it was not made {@link #of} a learner: for Python, whose programs have no learner.
     *
     * @param path what {@link FeatureExtractor#save} wrote, in one of Hadoop's file systems; read by the driver at each
     *     {@link #transform}
     * @return this
     */
    public ImageFeaturizer setExtractor(String path) {
        set(extractor, path);
        return this;
    }

    /**
     * Names the column of images.
     *
     * @param name of type binary (encoded images) or string (their paths); default "content", as the source
     *     {@code binaryFile} calls it
     * @return this
     */
    public ImageFeaturizer setInputCol(String name) {
        set(inputCol, name);
        return this;
    }

    /**
     * Names the column of vectors.
     *
     * @param name default "features", as Spark ML's classifiers call it
     * @return this
     */
    public ImageFeaturizer setOutputCol(String name) {
        set(outputCol, name);
        return this;
    }

    /**
     * Names the column of errors.
     *
     * @param name default "error"
     * @return this
     */
    public ImageFeaturizer setErrorCol(String name) {
        set(errorCol, name);
        return this;
    }

    /**
     * Which column has the images.
     *
     * @return its name
     */
    public String getInputCol() {
        return getOrDefault(inputCol);
    }

    /**
     * Which column gets the vectors.
     *
     * @return its name
     */
    public String getOutputCol() {
        return getOrDefault(outputCol);
    }

    /**
     * Which column gets the errors.
     *
     * @return its name
     */
    public String getErrorCol() {
        return getOrDefault(errorCol);
    }

    /**
     * Adds the columns; as all of Spark's, when they are asked for.
     *
     * @param dataset with the column of images
     * @return the same rows in the same partitions and order, with two columns more; with
     *     {@link #setHandleInvalid skip} those alone that have a vector
     * @throws IllegalArgumentException if there is no such column, it has another type, or one to be added is there; or if
     *     no extractor was given
     * @throws org.transfer4j.error.ModelFileException if the named extractor is none
     */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        StructType schema = transformSchema(dataset.schema());
        Dataset<Row> rows =
                ComputedPartition.of(file(dataset.sparkSession()), dataset, getInputCol(), new VectorColumn(), schema);
        return getHandleInvalid().equals(ImageColumns.SKIP)
                ? rows.filter(LabelledRows.named(getOutputCol()).isNotNull())
                : rows;
    }

    private static final class VectorColumn implements ComputedPartition.Columns {
        private static final long serialVersionUID = 1L;

        @Override
        public Object[] of(float[] numbers) {
            return new Object[] {ImageColumns.vector(numbers)};
        }

        @Override
        public int count() {
            return 1;
        }
    }

    private NetworkFile file(SparkSession session) {
        return NetworkFile.extractor(isSet(extractor) ? getOrDefault(extractor) : null, given, session);
    }

    @Override
    public StructType transformSchema(StructType schema) {
        ImageColumns.requireImages(schema, getInputCol());
        StructType added = new StructType()
                .add(getOutputCol(), SQLDataTypes.VectorType(), true)
                .add(getErrorCol(), DataTypes.StringType, true);
        return ImageColumns.with(schema, added);
    }

    @Override
    public ImageFeaturizer copy(ParamMap extra) {
        return copyValues(new ImageFeaturizer(uid, given), extra);
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
    public static MLReader<ImageFeaturizer> read() {
        return new StoredStage.Reader<>(ImageFeaturizer.class, ProcessNetwork.Kind.EXTRACTOR, ImageFeaturizer::new);
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @param path a folder of one of Hadoop's file systems
     * @return the featurizer
     */
    public static ImageFeaturizer load(String path) {
        return read().load(path);
    }
}
