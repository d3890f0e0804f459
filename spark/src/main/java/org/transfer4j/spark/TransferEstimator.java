package org.transfer4j.spark;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.internal.feature.LabelledSource.ComputedFeatures;
import org.transfer4j.internal.fit.Fit;
import org.transfer4j.internal.fit.ProbeFit;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

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
 * <p>It takes room on disks: in the executors' local folders for all features, and for a head in the driver's temporary folder once
 * more, images x features x 4 bytes each. {@link #setFeaturesFolder} keeps them for other fits.
 *
 * @serial exclude
 */
public final class TransferEstimator extends ColumnParams<TransferEstimator> implements MLWritable {
    private static final long serialVersionUID = 1L;

    /** Null where the parameter says where it lies. */
    private final @Nullable NetworkFile given;

    private static final String HEAD = "head";
    private static final String PROBE = "probe";

    private final Param<String> extractor;
    private final Param<String> learner;
    private final Param<String> featuresFolder;

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
        learner = new Param<>(
                this,
                "learner",
                "head (layers that learn on the driver, epoch by epoch) or probe (a logistic regression, on the executors)",
                HeadParams.<String>rule(TransferEstimator::requireLearner));
        setDefault(learner, HEAD);
        featuresFolder = new Param<>(
                this,
                "featuresFolder",
                "where features are kept, as Parquet, for other fits; they are not, if not set");
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

    /**
     * Learns.
     *
     * @param dataset with images, labels and keys
     * @return the model, with the names of columns that were set here
     * @throws IllegalArgumentException if a column is not there, has another type or a null where it must have none; if keys are not
     *     unique, settings contradict each other or the data, or no extractor was given, all of it before any image is read; or if no
     *     image can be used, of those to learn from, or of those for validation
     * @throws org.transfer4j.error.TransferException if fewer than two classes have images, or memory does not suffice
     * @throws java.io.UncheckedIOException if the driver's temporary folder has no room for the features, which is asked before they
     *     are computed, and again when they come
     * @throws IllegalStateException if the loss was no number any more
     */
    @Override
    public TransferModel fit(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        NetworkFile layers = file(dataset.sparkSession());
        NetworkFile learned = layers.withExtractor(opened -> {
            LabelledRows rows = LabelledRows.of(dataset, columns());
            boolean validates = rows.expectedValidation().isPresent();
            HeadFit fit =
                    new HeadFit(opened, layers, rows, isSet(featuresFolder) ? getOrDefault(featuresFolder) : null);
            Settings settings = settings(opened.training(), rows.labels().areSeveral(), validates);
            if (getOrDefault(learner).equals(HEAD)) {
                return fit.run(settings);
            }
            requireProbe(rows.labels().areSeveral(), validates);
            return fit.probe(settings);
        });
        return copyValues(TransferModel.read(uid(), learned).setParent(this), new ParamMap());
    }

    private static void requireLearner(String value) {
        if (!List.of(HEAD, PROBE).contains(value)) {
            throw new IllegalArgumentException("learner must be head or probe, got " + value);
        }
    }

    private void requireProbe(boolean several, boolean validated) {
        if (several) {
            throw new IllegalArgumentException(
                    "a probe gives an image one label, but labelCol is an array of them: set learner to head");
        }
        if (validated) {
            throw new IllegalArgumentException(
                    "a probe has no epochs after which to validate: clear validationIndicatorCol, or set learner to head");
        }
        if (!getOrDefault(head()).isBlank()) {
            throw new IllegalArgumentException(
                    "a probe is an output layer right on the features, but head is " + getOrDefault(head()));
        }
    }

    private NetworkFile file(SparkSession session) {
        return NetworkFile.extractor(isSet(extractor) ? getOrDefault(extractor) : null, given, session);
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
     * What learns.
     *
     * @return its parameter
     */
    public Param<String> learner() {
        return learner;
    }

    /**
     * Says what learns.
     *
     * @param value "head", the default: layers that learn on the driver, epoch by epoch, from features on its disk; or "probe": a
     *     logistic regression, for which features stay on the executors
     * @return this
     */
    public TransferEstimator setLearner(String value) {
        set(learner, value);
        return this;
    }

    /**
     * Where features are kept.
     *
     * @return its parameter
     */
    public Param<String> featuresFolder() {
        return featuresFolder;
    }

    /**
     * Keeps features for other fits, by images' bytes and all that decides what their features are: what is there is read, what is not
     * is computed and added. Rows that were damaged are computed anew.
     *
     * @param value a folder of one of Hadoop's file systems that all executors reach, made if it is not there; not set by default
     * @return this
     */
    public TransferEstimator setFeaturesFolder(String value) {
        set(featuresFolder, value);
        return this;
    }

    /**
     * A head that learns on the driver from what executors compute, or a probe that learns by what they add up.
     *
     * @param opened the frozen layers, for the driver
     * @param layers the same, for executors
     * @param folder where features are kept from fit to fit; null where they are not
     */
    private record HeadFit(
            Extractor opened,
            NetworkFile layers,
            LabelledRows rows,
            @Nullable String folder) {
        /** Checks all that can be known before any image is read, and learns; gives the classifier's file. */
        NetworkFile run(Settings settings) {
            Fit.check(validated(settings, rows.expectedValidation()), rows.expectedTraining());
            boolean validates = rows.expectedValidation().isPresent();
            // room is asked for before executors compute, which may take hours
            try (DriverFeatures training = new DriverFeatures(rows.labels(), opened.length(), rows.size());
                    DriverFeatures held = new DriverFeatures(rows.labels(), opened.length(), 0);
                    ComputedRows computed = features()) {
                training.read(computed.sorted().toLocalIterator(), held);
                Fit.Outcome outcome = Fit.run(
                        validated(settings, validates ? Optional.of(held.learningData()) : Optional.empty()),
                        training.learningData());
                outcome.early().ifPresent(early -> {
                    outcome.fitted().network().close();
                    throw new IllegalStateException("the head stopped early: " + early.reason(), early);
                });
                return saved(outcome.fitted());
            }
        }

        /** The same of a probe, whose features stay where they are. */
        NetworkFile probe(Settings settings) {
            ProbeFit.check(settings, rows.expectedTraining());
            try (ComputedRows computed = features();
                    RemoteFeatures images = RemoteFeatures.of(computed.usable(), rows.labels(), opened.length())) {
                int[] classes = images.labels();
                int[] counts = new int[rows.labels().classNames().size()];
                IntStream.of(classes).forEach(index -> counts[index]++);
                LearningData data = new LearningData.Computed(
                        ComputedFeatures.expected(rows.labels().classNames(), counts, classes.length),
                        AnswerKind.ONE_CLASS);
                return saved(ProbeFit.run(settings, data, images, classes));
            }
        }

        private static NetworkFile saved(Fitted fitted) {
            try {
                return NetworkFile.of(ProcessNetwork.Kind.CLASSIFIER, fitted::save);
            } finally {
                fitted.network().close();
            }
        }

        private ComputedRows features() {
            return folder == null
                    ? ComputedRows.of(layers, rows.rows())
                    : FeaturesFolder.of(folder, opened, rows.rows().sparkSession())
                            .features(layers, rows.rows());
        }

        private static Settings validated(Settings settings, Optional<LearningData> held) {
            return held.map(rows -> settings.with(settings.data().withValidation(rows)))
                    .orElse(settings);
        }
    }
}
