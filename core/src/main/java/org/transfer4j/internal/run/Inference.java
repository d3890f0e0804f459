package org.transfer4j.internal.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.EvaluationAccumulator;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.MultiLabelAccumulator;
import org.transfer4j.evaluation.MultiLabelReport;
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

/** From images to probabilities, and to figures on them; safe from several threads. */
public final class Inference {
    private static final String EVALUATION = "evaluation data";

    private final FittedNetwork network;
    private final ImageConverter converter;

    /** The inference of a network, which stays the caller's. */
    public Inference(FittedNetwork network) {
        this.network = network;
        this.converter =
                new ImageConverter(network.plan().height(), network.plan().width(), network.preprocessing());
    }

    /**
     * The probabilities of one image's classes.
     *
     * @param image closed here
     * @throws IllegalStateException if the network's weights are too large to give any
     */
    public float[] probabilities(DecodedImage image) {
        long[] shape = {1, 3, network.plan().height(), network.plan().width()};
        try (image;
                INDArray input = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c')) {
            converter.convert(image, input.data().asNioFloat());
            try (INDArray probabilities = network.probabilities(input)) {
                return finite(probabilities.toFloatVector());
            }
        }
    }

    /** The probabilities of all images' classes, in the order of the data. */
    public List<float[]> probabilities(ImageDataset data) {
        List<float[]> rows = new ArrayList<>(data.size());
        compute(new DatasetSource(data), (batch, probabilities) -> {
            for (float[] row : probabilities.toFloatMatrix()) {
                rows.add(finite(row));
            }
        });
        return rows;
    }

    private static float[] finite(float[] probabilities) {
        for (float probability : probabilities) {
            if (!Float.isFinite(probability)) {
                throw new IllegalStateException(
                        "the network's weights are too large: for this image it gives no probabilities but "
                                + Arrays.toString(Arrays.copyOf(probabilities, Math.min(3, probabilities.length))));
            }
        }
        return probabilities;
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
        compute(
                DatasetSource.of(data, network.classNames(), EVALUATION),
                (batch, probabilities) -> report.add(probabilities, batch.classIndices()));
        return report.report(data::sourceOf, new Thumbnails(data));
    }

    /** Compares with labels, any number an image. */
    public MultiLabelReport evaluate(MultiLabelDataset data) {
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
        return report.report();
    }

    private void compute(LabelledSource source, BiConsumer<Batch, INDArray> result) {
        NetworkInput input =
                new NetworkInput(network.plan().height(), network.plan().width(), network.preprocessing());
        BatchStream images = source.open(input, ExampleSupply.FEATURE_BATCH);
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
}
