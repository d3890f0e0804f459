package org.transfer4j.internal.fitted;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.head.HeadLayer;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.calibration.KnownFeatures;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.preprocessing.Views;

/** From images to probabilities or numbers, by one network; safe from several threads. */
public final class Inference implements Answering {
    private static final String IMAGE = "image";

    private final FittedNetwork network;
    private final FittedCalibration calibration;
    private final @Nullable KnownFeatures known;
    private final @Nullable ComparedFeatures compared;
    private final ImageConverter converter;
    private volatile @Nullable String embeddingDigest;

    /** The inference of what was fitted, which stays the caller's. */
    public Inference(Fitted fitted) {
        this(fitted.network(), fitted.calibration(), fitted.calibration().knownFeatures());
    }

    /**
     * The inference of a network, which stays the caller's, without a calibration.
     *
     * @param known of training images that are compared with; null where there are none
     */
    public Inference(FittedNetwork network, @Nullable KnownFeatures known) {
        this(network, FittedCalibration.NONE, known);
    }

    private Inference(FittedNetwork network, FittedCalibration calibration, @Nullable KnownFeatures known) {
        this.network = network;
        this.known = known;
        this.calibration = calibration;
        this.compared = ComparedFeatures.of(network.plan()).orElse(null);
        this.converter =
                new ImageConverter(network.plan().height(), network.plan().width(), network.preprocessing());
    }

    @Override
    public List<String> classNames() {
        return network.classNames();
    }

    @Override
    public AnswerKind kind() {
        return network.plan().answers();
    }

    @Override
    public Answer answer(DecodedImage image, Views views) {
        try (image) {
            return answerOpen(image, views);
        }
    }

    /** The answer to one image, which stays open. */
    Answer answerOpen(DecodedImage image, Views views) {
        ViewMeans means = new ViewMeans(views);
        for (int first = 0; first < views.count(); first += PlacedImages.MOST) {
            int end = Math.min(views.count(), first + PlacedImages.MOST);
            try (INDArray input = input(image, views, first, end)) {
                means.add(network.infer(input, means::answers));
            }
        }
        return means.images.get(0);
    }

    /** The answer to one image that is preprocessed. */
    Answer answer(INDArray input) {
        return network.infer(input, new ViewMeans(Views.none())::answers).get(0);
    }

    /** What the network reads of an image, [1, 3, height, width], for the caller to close; the image stays open. */
    INDArray input(DecodedImage image) {
        return input(image, Views.none(), 0, 1);
    }

    private INDArray input(DecodedImage image, Views views, int first, int end) {
        long[] shape = {end - first, 3, network.plan().height(), network.plan().width()};
        INDArray input = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        try {
            FloatBuffer pixels = input.data().asNioFloat();
            for (int view = first; view < end; view++) {
                converter.convert(image, IMAGE, views, view, pixels);
            }
            return input;
        } catch (RuntimeException | Error e) {
            input.close();
            throw e;
        }
    }

    @Override
    public List<Answer> answers(ImageDataset data, Views views) {
        return computed(data, new ViewMeans(views)).images;
    }

    @Override
    public List<float[]> outputs(ImageDataset data, Views views) {
        return computed(data, new ViewMeans(views, null)).images.stream()
                .map(Answer::probabilities)
                .toList();
    }

    private ViewMeans computed(ImageDataset data, ViewMeans means) {
        compute(data, means.views, (features, outputs) -> means.add(means.answers(features, outputs)));
        return means;
    }

    /** From the answers to views, in the order of images and views, to those to images. */
    private final class ViewMeans {
        private final Views views;
        private final double[] weights;
        private final @Nullable KnownFeatures known;
        private final List<Answer> ofImage = new ArrayList<>();
        private final List<Answer> images = new ArrayList<>();

        ViewMeans(Views views) {
            this(views, Inference.this.known);
        }

        /** Novelties are computed where there is something to compare with. */
        ViewMeans(Views views, @Nullable KnownFeatures known) {
            this.views = views;
            this.known = known;
            this.weights = new double[views.count()];
            Arrays.fill(weights, 1.0 / views.count());
        }

        /** The answers to the next views. */
        List<Answer> answers(Batch features, INDArray outputs) {
            float[][] rows = outputs.toFloatMatrix();
            float[] novelties = novelties(features);
            return IntStream.range(0, rows.length)
                    .mapToObj(i -> new Answer(calibration.temperature().apply(finite(rows[i])), novelties[i]))
                    .toList();
        }

        /** NaN for all views but the first of each image: known is what was looked at as it is. */
        private float[] novelties(Batch features) {
            float[] novelties = new float[features.size()];
            Arrays.fill(novelties, Float.NaN);
            KnownFeatures own = known;
            if (own != null && compared != null) {
                float[][] rows = compared.vectors(features);
                int[] first = IntStream.range(0, rows.length)
                        .filter(i -> (ofImage.size() + i) % views.count() == 0)
                        .toArray();
                if (first.length == 1) {
                    novelties[first[0]] = own.distance(rows[first[0]]);
                } else {
                    Workers.run(first.length, i -> novelties[first[i]] = own.distance(rows[first[i]]));
                }
            }
            return novelties;
        }

        void add(List<Answer> answers) {
            for (Answer answer : answers) {
                ofImage.add(answer);
                if (ofImage.size() == weights.length) {
                    images.add(Answer.mean(ofImage, weights));
                    ofImage.clear();
                }
            }
        }
    }

    /** Room for images that are computed together, for the caller to close. */
    public PlacedImages room(int images) {
        return new PlacedImages(images, network.plan().height(), network.plan().width(), converter);
    }

    /** The answers to images, each the same bits whichever images are beside it. */
    public List<Answer> answers(PlacedImages images) {
        return network.inferPassing(images.array(), new ViewMeans(Views.none())::answers);
    }

    /**
     * An image beside others.
     *
     * @param vector what it is compared by
     */
    @SuppressWarnings("ArrayRecordComponent") // one of many, and soon ranked
    public record Compared(float[] vector, Answer answer) {}

    /** What images are compared by, with the answers, of each in the order of the data; nothing is frozen in vain here. */
    public List<Compared> compared(ImageDataset data) {
        ComparedFeatures own = Objects.requireNonNull(compared, "compared");
        List<Compared> all = new ArrayList<>(data.size());
        ViewMeans single = new ViewMeans(Views.none());
        compute(data, Views.none(), (features, probabilities) -> {
            float[][] vectors = own.vectors(features);
            List<Answer> answers = single.answers(features, probabilities);
            IntStream.range(0, vectors.length).forEach(i -> all.add(new Compared(vectors[i], answers.get(i))));
        });
        return all;
    }

    /** What images are compared by, of each in the order of the data; nothing is frozen in vain here. */
    public float[][] features(ImageDataset data) {
        return rows(data, true, Objects.requireNonNull(compared, "compared")::vectors);
    }

    /**
     * Numbers of each image, in the order of the data.
     *
     * @param frozen whether they come of what the tail reads, and not of the preprocessed images
     */
    private float[][] rows(ImageDataset data, boolean frozen, Function<Batch, float[][]> numbers) {
        List<float[]> rows = new ArrayList<>(data.size());
        BatchStream images = images(data, Views.none());
        try (BatchStream stream = frozen ? network.features(images, data.size()) : images) {
            while (stream.hasNext()) {
                Interruption.check("the work on the dataset");
                rows.addAll(Arrays.asList(numbers.apply(stream.next())));
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
        return Nd4j.createFromArray(rows(data, embedding.isFrozen(), batch -> embedding.of(batch.features())));
    }

    /** How many features {@link #embeddings} gives of an image. */
    public long embeddingWidth() {
        return new Embedding(network).width();
    }

    /** What tells {@link #embeddings} from those of other networks; weights are read for the first one that asks. */
    public String embeddingDigest() {
        String digest = embeddingDigest;
        if (digest == null) {
            digest = EmbeddingDigest.of(network.plan(), network.preprocessing(), network.parameters());
            embeddingDigest = digest;
        }
        return digest;
    }

    /** The vector of one image, [1, C]; the image is closed here. */
    public INDArray embedding(DecodedImage image) {
        Embedding embedding = new Embedding(network);
        try (image;
                INDArray input = input(image)) {
            return Nd4j.createFromArray(
                    embedding.isFrozen()
                            ? network.infer(input, (features, probabilities) -> embedding.of(features.features()))
                            : embedding.of(input));
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

    private void compute(ImageDataset data, Views views, BiConsumer<Batch, INDArray> result) {
        BatchStream images = images(data, views);
        try (BatchStream features = network.features(images, data.size() * views.count())) {
            while (features.hasNext()) {
                Interruption.check("the work on the dataset");
                Batch batch = features.next();
                try (INDArray probabilities = network.tail().probabilities(batch)) {
                    result.accept(batch, probabilities);
                }
            }
        }
    }

    private BatchStream images(ImageDataset data, Views views) {
        NetworkInput input =
                new NetworkInput(network.plan().height(), network.plan().width(), network.preprocessing());
        return new DatasetSource(data).open(input, PlacedImages.MOST, views);
    }

    /** What images are compared by: the means of the channels of what the frozen layers give, brought to length 1. */
    public static final class ComparedFeatures {
        private final int channels;
        private final long area;

        private ComparedFeatures(Shape shape) {
            channels = shape.channels();
            area = shape.elements() / channels;
        }

        /** Those of a network; empty if nothing of it is frozen. */
        static Optional<ComparedFeatures> of(NetworkPlan plan) {
            return plan.frozenOutput().map(ComparedFeatures::new);
        }

        /** How many there are of an image; empty if nothing is frozen. */
        public static OptionalInt width(NetworkPlan plan) {
            return of(plan).stream().mapToInt(own -> own.channels).findFirst();
        }

        /** Those of each image of a batch that passed the frozen layers. */
        float[][] vectors(Batch batch) {
            float[][] means = means(batch.features());
            for (float[] row : means) {
                KnownFeatures.toLengthOne(row);
            }
            return means;
        }

        private float[][] means(INDArray values) {
            long images = values.size(0);
            if (area == 1) {
                return values.reshape('c', images, channels).toFloatMatrix();
            }
            try (INDArray means = values.reshape('c', images, channels, area).mean(2)) {
                return means.toFloatMatrix();
            }
        }
    }

    /** What like images are found by, with a fitted network: what its head reads of the backbone, averaged or flat, whatever is frozen. */
    private static final class Embedding {
        private final FittedNetwork network;
        private final String output;
        private final int width;
        private final boolean frozen;

        Embedding(FittedNetwork network) {
            this.network = network;
            Network whole = network.plan().network();
            output = network.plan().backboneOutput();
            Shape shape = whole.shape(output);
            boolean averaged = network.plan().head().layers().get(0) instanceof HeadLayer.GlobalAveragePooling;
            width = averaged ? shape.channels() : Math.toIntExact(shape.elements());
            frozen = network.plan()
                    .cut()
                    .filter(cut -> whole.upTo(cut).contains(output))
                    .isPresent();
        }

        /** How many features an image has. */
        int width() {
            return width;
        }

        /** Whether they come of what the tail reads, with nothing more to be computed. */
        boolean isFrozen() {
            return frozen;
        }

        /** Those of what the tail reads of images; of preprocessed images where that does not suffice. */
        float[][] of(INDArray input) {
            return frozen
                    ? means(input.reshape('c', 1, input.length()).toFloatVector(), input.size(0))
                    : network.withFeatureMap(output, map -> means(map.of(input), input.size(0)));
        }

        private float[][] means(float[] values, long images) {
            float[][] means = new float[Math.toIntExact(images)][width];
            int area = values.length / (means.length * width);
            for (int n = 0; n < means.length; n++) {
                int image = n * width * area;
                for (int c = 0; c < width; c++) {
                    means[n][c] = mean(values, image + c * area, area);
                }
            }
            return means;
        }

        private static float mean(float[] values, int from, int count) {
            double sum = 0;
            for (int i = from; i < from + count; i++) {
                sum += values[i];
            }
            return (float) (sum / count);
        }
    }
}
