package org.transfer4j.internal.choose;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.fit.FeatureExtraction;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.Inference;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.ImagesToLabel;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.thread.NativeThreads;

/** Which images of a pool to label next; the labels that they have, if any, are not looked at. */
public final class LabelLoop {
    /** Labels of a class, on the average, from which on a classifier knows better what it does not know. */
    static final int TYPICAL_OF_CLASS = 5;

    private static final String WORK = "the choice of images to label";
    private static final long SEED = 42;

    private LabelLoop() {}

    private static void requireCount(ImageDataset pool, int count) {
        if (pool.size() == 0) {
            throw new DatasetException(
                    null, "images to label are chosen from a pool of 1 image or more, got an empty one");
        }
        if (count < 1 || count > pool.size()) {
            throw new IllegalArgumentException("of a pool of " + pool.size() + " images 1 to " + pool.size()
                    + " can be chosen to label, got " + count);
        }
    }

    /** Typical images that are unlike each other, where none has a label. */
    public static int[] typical(Settings settings, ImageDataset pool, int count) {
        requireCount(pool, count);
        return Interruption.cancellable(
                WORK,
                () -> NativeMemory.guarded(() -> {
                    NativeThreads.applyToNd4j();
                    try (INDArray features = new FeatureExtraction(settings).embeddings(pool);
                            FeatureMatrix matrix = FeatureMatrix.of(List.of(features))) {
                        return ImagesToLabel.typical(
                                matrix, 0, count, settings.data().seed());
                    }
                }));
    }

    /**
     * Images of which a classifier is uncertain, and, where it says what it has learned from, typical ones that are unlike
     * these before.
     *
     * @param labelled what it has learned from, empty where that is not said
     */
    public static int[] next(
            Fitted fitted, Inference inference, ImageDataset pool, int count, Optional<ImageDataset> labelled) {
        NetworkPlan plan = fitted.network().plan();
        if (plan.answers() == AnswerKind.LABELS) {
            throw new IllegalArgumentException(
                    "images to label are chosen by the margin between two classes, but this classifier gives each image"
                            + " several labels");
        }
        if (plan.frozenOutput().isEmpty()) {
            throw new IllegalArgumentException(
                    "images to label are chosen by what frozen layers make of them, but this classifier has none: choose"
                            + " with TransferLearner.nextToLabel");
        }
        requireCount(pool, count);
        int few = TYPICAL_OF_CLASS * plan.classes();
        if (labelled.isPresent() && labelled.get().size() < few) {
            ImageDataset known = labelled.get();
            try (INDArray before = rows(inference, known);
                    INDArray open = rows(inference, pool);
                    FeatureMatrix matrix = FeatureMatrix.of(List.of(before, open))) {
                return ImagesToLabel.typical(matrix, known.size(), count, SEED);
            }
        }
        List<Inference.Compared> images = inference.compared(pool);
        double[] margins = images.stream()
                .mapToDouble(image -> margin(image.answer().probabilities()))
                .toArray();
        float[][] vectors = images.stream().map(Inference.Compared::vector).toArray(float[][]::new);
        try (INDArray open = Nd4j.createFromArray(vectors);
                FeatureMatrix matrix = FeatureMatrix.of(List.of(open))) {
            return ImagesToLabel.uncertain(matrix, margins, count, SEED);
        }
    }

    private static INDArray rows(Inference inference, ImageDataset images) {
        return Nd4j.createFromArray(inference.features(images));
    }

    /** Between the two largest probabilities. */
    private static double margin(float[] probabilities) {
        double first = 0;
        double second = 0;
        for (float probability : probabilities) {
            if (probability > first) {
                second = first;
                first = probability;
            } else {
                second = Math.max(second, probability);
            }
        }
        return first - second;
    }
}
