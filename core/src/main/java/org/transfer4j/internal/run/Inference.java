package org.transfer4j.internal.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.EvaluationAccumulator;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.evaluation.MultiLabelAccumulator;
import org.transfer4j.evaluation.MultiLabelReport;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.calibration.KnownFeatures;
import org.transfer4j.internal.chart.Thumbnails;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.thread.Workers;

/** From images to probabilities or numbers, and to figures on them; safe from several threads. */
public final class Inference {
    private static final String EVALUATION = "evaluation data";

    private final FittedNetwork network;
    private final @Nullable FittedCalibration calibration;
    private final @Nullable KnownFeatures known;
    private final @Nullable ComparedFeatures compared;
    private final ImageConverter converter;

    /** The inference of a network, which stays the caller's, with its calibration if it has one. */
    public Inference(FittedNetwork network, @Nullable FittedCalibration calibration) {
        this(network, calibration, calibration == null ? null : calibration.knownFeatures());
    }

    /** The inference of a network, which stays the caller's, with training images that are compared with. */
    Inference(FittedNetwork network, @Nullable FittedCalibration calibration, @Nullable KnownFeatures known) {
        this.network = network;
        this.known = known;
        this.calibration = calibration;
        this.compared = ComparedFeatures.of(network.plan()).orElse(null);
        this.converter =
                new ImageConverter(network.plan().height(), network.plan().width(), network.preprocessing());
    }

    /**
     * What there is to say of one image.
     *
     * @param probabilities of its classes, calibrated where the classifier is
     * @param novelty how unlike the training images it is, NaN where nobody knows
     */
    @SuppressWarnings("ArrayRecordComponent") // one of many, and soon ranked
    public record Answer(float[] probabilities, float novelty) {}

    /**
     * The answer to one image.
     *
     * @param image closed here
     * @throws IllegalStateException if the network's weights are too large to give any
     */
    public Answer answer(DecodedImage image) {
        try (image;
                INDArray input = input(image)) {
            return answer(input);
        }
    }

    /** The answer to one image that is preprocessed. */
    Answer answer(INDArray input) {
        return network.infer(
                input,
                (features, probabilities) -> answers(features, probabilities).get(0));
    }

    /** What the network reads of an image, [1, 3, height, width], for the caller to close; the image stays open. */
    INDArray input(DecodedImage image) {
        long[] shape = {1, 3, network.plan().height(), network.plan().width()};
        INDArray input = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        try {
            converter.convert(image, input.data().asNioFloat());
            return input;
        } catch (RuntimeException e) {
            input.close();
            throw e;
        }
    }

    /** The answers to all images, in the order of the data. */
    public List<Answer> answers(ImageDataset data) {
        List<Answer> answers = new ArrayList<>(data.size());
        compute(new DatasetSource(data), (features, probabilities) -> answers.addAll(answers(features, probabilities)));
        return answers;
    }

    /** Room for images that are computed together, for the caller to close. */
    public PlacedImages room(int images) {
        return new PlacedImages(images, network.plan().height(), network.plan().width(), converter);
    }

    /** The answers to images, each the same bits whichever images are beside it. */
    public List<Answer> answers(PlacedImages images) {
        return network.inferPassing(images.array(), this::answers);
    }

    private List<Answer> answers(Batch features, INDArray probabilities) {
        float[][] rows = probabilities.toFloatMatrix();
        float[] novelties = novelties(features);
        return IntStream.range(0, rows.length)
                .mapToObj(i -> new Answer(calibrated(finite(rows[i])), novelties[i]))
                .toList();
    }

    private float[] novelties(Batch features) {
        float[] novelties = new float[features.size()];
        Arrays.fill(novelties, Float.NaN);
        KnownFeatures own = known;
        if (own != null && compared != null) {
            float[][] rows = compared.vectors(features);
            if (rows.length == 1) {
                novelties[0] = own.distance(rows[0]);
            } else {
                Workers.run(rows.length, i -> novelties[i] = own.distance(rows[i]));
            }
        }
        return novelties;
    }

    /**
     * An image beside others.
     *
     * @param vector what it is compared by
     */
    @SuppressWarnings("ArrayRecordComponent") // one of many, and soon ranked
    record Compared(float[] vector, Answer answer) {}

    /** What images are compared by, with the answers, of each in the order of the data; nothing is frozen in vain here. */
    List<Compared> compared(ImageDataset data) {
        ComparedFeatures own = Objects.requireNonNull(compared, "compared");
        List<Compared> all = new ArrayList<>(data.size());
        compute(new DatasetSource(data), (features, probabilities) -> {
            float[][] vectors = own.vectors(features);
            List<Answer> answers = answers(features, probabilities);
            IntStream.range(0, vectors.length).forEach(i -> all.add(new Compared(vectors[i], answers.get(i))));
        });
        return all;
    }

    /**
     * The numbers of one image, of a network that gives numbers.
     *
     * @param image closed here
     * @throws IllegalStateException if the network's weights are too large to give any
     */
    public float[] numbers(DecodedImage image) {
        return answer(image).probabilities();
    }

    /** The numbers of all images, in the order of the data. */
    public List<float[]> numbers(ImageDataset data) {
        return answers(data).stream().map(Answer::probabilities).toList();
    }

    /** What images are compared by, of each in the order of the data; nothing is frozen in vain here. */
    float[][] features(ImageDataset data) {
        ComparedFeatures own = Objects.requireNonNull(compared, "compared");
        List<float[]> rows = new ArrayList<>(data.size());
        BatchStream images = images(new DatasetSource(data));
        try (BatchStream features = network.features(images, data.size())) {
            while (features.hasNext()) {
                Interruption.check("the work on the dataset");
                rows.addAll(Arrays.asList(own.vectors(features.next())));
            }
        }
        return rows.toArray(float[][]::new);
    }

    /**
     * One vector an image, [N, C], see {@link Embedding}.
     *
     * @throws DatasetException if the data is empty
     */
    public INDArray embeddings(ImageDataset data) {
        if (data.size() == 0) {
            throw new DatasetException(null, "features need 1 image or more, got an empty dataset");
        }
        Embedding embedding = new Embedding(network);
        List<float[]> rows = new ArrayList<>(data.size());
        BatchStream images = images(new DatasetSource(data));
        try (BatchStream stream = embedding.isFrozen() ? network.features(images, data.size()) : images) {
            while (stream.hasNext()) {
                Interruption.check("the work on the dataset");
                INDArray batch = stream.next().features();
                rows.addAll(
                        Arrays.asList(embedding.isFrozen() ? embedding.ofFeatures(batch) : embedding.ofImages(batch)));
            }
        }
        return Nd4j.createFromArray(rows.toArray(float[][]::new));
    }

    /** The vector of one image, [1, C]; the image is closed here. */
    public INDArray embedding(DecodedImage image) {
        Embedding embedding = new Embedding(network);
        try (image;
                INDArray input = input(image)) {
            return Nd4j.createFromArray(
                    embedding.isFrozen()
                            ? network.infer(
                                    input, (features, probabilities) -> embedding.ofFeatures(features.features()))
                            : embedding.ofImages(input));
        }
    }

    private static float[] finite(float[] probabilities) {
        for (float probability : probabilities) {
            if (!Float.isFinite(probability)) {
                throw new IllegalStateException(
                        "the network's weights are too large: for this image it gives no finite outputs but "
                                + Arrays.toString(Arrays.copyOf(probabilities, Math.min(3, probabilities.length))));
            }
        }
        return probabilities;
    }

    private float[] calibrated(float[] probabilities) {
        return calibration == null ? probabilities : calibration.temperature().apply(probabilities);
    }

    /** Compares with labels, one an image. */
    public EvaluationReport evaluate(ImageDataset data) {
        if (network.plan().isMultiLabel()) {
            throw new IllegalArgumentException(
                    "this classifier gives each image several labels: evaluate it on a MultiLabelDataset");
        }
        if (data.size() == 0) {
            throw new DatasetException(null, "an evaluation needs 1 image or more, got an empty dataset");
        }
        EvaluationAccumulator report = new EvaluationAccumulator(network.classNames());
        compute(DatasetSource.of(data, network.classNames(), EVALUATION), (batch, probabilities) -> {
            if (calibration == null) {
                report.add(probabilities, batch.classIndices());
                return;
            }
            float[][] rows = probabilities.toFloatMatrix();
            Arrays.setAll(rows, i -> calibrated(rows[i]));
            try (INDArray calibrated = Nd4j.createFromArray(rows)) {
                report.add(calibrated, batch.classIndices());
            }
        });
        return report.report(data::sourceOf, new Thumbnails(data));
    }

    /**
     * Compares with labels, any number an image.
     *
     * @param thresholds of the labels, empty for one half
     */
    public MultiLabelReport evaluate(MultiLabelDataset data, List<LabelThreshold> thresholds) {
        if (!network.plan().isMultiLabel()) {
            throw new IllegalArgumentException(
                    "this classifier gives each image one label: evaluate it on an ImageDataset");
        }
        MultiLabelAccumulator report = new MultiLabelAccumulator(network.classNames());
        compute(DatasetSource.of(data, network.classNames(), EVALUATION), (batch, probabilities) -> {
            float[][] labels = batch.targets().stream()
                    .map(target -> ((Target.SeveralClasses) target).row())
                    .toArray(float[][]::new);
            try (INDArray actual = Nd4j.createFromArray(labels)) {
                report.add(probabilities, actual);
            }
        });
        return thresholds.isEmpty()
                ? report.report()
                : report.report(
                        thresholds.stream().map(LabelThreshold::threshold).toList());
    }

    /** Compares with numbers. */
    public RegressionReport evaluate(RegressionDataset data) {
        DatasetSource.columns(data, network.classNames(), EVALUATION);
        return report(network.classNames(), numbers(data.images()), data);
    }

    /** Compares what was predicted, in the order of the data. */
    static RegressionReport report(List<String> names, List<float[]> numbers, RegressionDataset data) {
        int[] columns = DatasetSource.columns(data, names, EVALUATION);
        double[][] predicted = new double[data.size()][columns.length];
        double[][] actual = new double[data.size()][columns.length];
        for (int i = 0; i < predicted.length; i++) {
            double[] own = data.targets(i);
            for (int t = 0; t < columns.length; t++) {
                predicted[i][t] = numbers.get(i)[t];
                actual[i][t] = own[columns[t]];
            }
        }
        return RegressionReport.of(names, predicted, actual)
                .withImages(data.images()::sourceOf, new Thumbnails(data.images()));
    }

    private void compute(LabelledSource source, BiConsumer<Batch, INDArray> result) {
        BatchStream images = images(source);
        try (BatchStream features = network.features(images, Math.toIntExact(source.size()))) {
            while (features.hasNext()) {
                Interruption.check("the work on the dataset");
                Batch batch = features.next();
                try (INDArray probabilities = network.tail().probabilities(batch)) {
                    result.accept(batch, probabilities);
                }
            }
        }
    }

    private BatchStream images(LabelledSource source) {
        NetworkInput input =
                new NetworkInput(network.plan().height(), network.plan().width(), network.preprocessing());
        return source.open(input, ExampleSupply.FEATURE_BATCH);
    }
}
