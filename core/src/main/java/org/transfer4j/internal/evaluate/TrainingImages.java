package org.transfer4j.internal.evaluate;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.NoveltyScore;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.calibration.FittedCalibration.HeldOutScores;
import org.transfer4j.internal.calibration.KnownFeatures;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.fitted.Inference;
import org.transfer4j.internal.fitted.Inference.ComparedFeatures;
import org.transfer4j.preprocessing.Views;

/**
 * What a model was trained on, and how other images are compared with it: by what the frozen layers make of them. How far away
 * known ones may be, held-out images say.
 */
public record TrainingImages(ImageDataset images, NoveltyScore score) {
    /** Means and covariances hardly get better with more. */
    private static final int MOST = 10_000;

    private static final int FEWEST = 2;

    /**
     * Learns what is unlike the training images of a regressor, whose numbers have no part in it.
     *
     * @param heldOut images that it was not trained on
     * @return the same network, which has one owner more
     * @throws DatasetException if the images don't suffice, before any work
     */
    public Fitted knownBy(Fitted fitted, ImageDataset heldOut) {
        int[] alike = alike(fitted.network(), "");
        if (heldOut.size() < HeldOutScores.FEWEST) {
            throw new DatasetException(
                    null,
                    "how far away 95% of known images are is learned from " + HeldOutScores.FEWEST
                            + " held-out images or more, got " + heldOut.size());
        }
        HeldOutAnswers answers = HeldOutAnswers.of(fitted.network(), heldOut, this, alike);
        return fitted.calibrated(new FittedCalibration(null, List.of(), answers.known()));
    }

    /**
     * The classes of images that have none, or several: one for all.
     *
     * @param wayOut as for {@link #requireComparable}
     * @throws DatasetException if they are too few
     */
    int[] alike(FittedNetwork network, String wayOut) {
        requireComparable(network, wayOut);
        if (images.size() < FEWEST) {
            throw new DatasetException(
                    null,
                    "to see what is unlike the training images, " + FEWEST + " of them or more are needed, got "
                            + images.size());
        }
        return new int[images.size()];
    }

    /**
     * Refuses a network of which nothing can be compared.
     *
     * @param wayOut what there is instead, for the message
     */
    static void requireComparable(FittedNetwork network, String wayOut) {
        OptionalInt width = ComparedFeatures.width(network.plan());
        if (width.isEmpty()) {
            throw new IllegalArgumentException("images are held against the training images by what the frozen layers"
                    + " make of them, and nothing of this network is frozen" + wayOut);
        }
        if (width.getAsInt() > KnownFeatures.WIDEST) {
            throw new IllegalArgumentException("images are compared by " + KnownFeatures.WIDEST
                    + " features at most, but the frozen layers give " + width.getAsInt());
        }
    }

    /**
     * What is kept of them.
     *
     * @param classes of the images; of each as many are looked at as of others
     */
    KnownFeatures features(FittedNetwork network, int[] classes) {
        int[] some = looked(classes);
        float[][] features = new Inference(network, null).features(images.select(some));
        try {
            return KnownFeatures.of(
                    score, features, IntStream.of(some).map(i -> classes[i]).toArray());
        } catch (IllegalArgumentException e) {
            throw new DatasetException(null, String.valueOf(e.getMessage()), e);
        }
    }

    private static int[] looked(int[] classes) {
        return KnownFeatures.evenly(classes, MOST);
    }

    /**
     * With the distances of held-out images.
     *
     * @param classes of the training images
     * @param answers to the held-out ones, by an inference that has the features
     */
    FittedCalibration.Known known(KnownFeatures features, int[] classes, List<Answer> answers) {
        float[] distances = new float[answers.size()];
        for (int i = 0; i < distances.length; i++) {
            distances[i] = answers.get(i).novelty();
        }
        return new FittedCalibration.Known(features, HeldOutScores.of(distances), looked(classes).length);
    }

    /**
     * What a network says of held-out images before any calibration, in their order.
     *
     * @param known what is kept of the training images, with the distances of the held-out ones; null where they were not given
     */
    record HeldOutAnswers(List<Answer> answers, FittedCalibration.@Nullable Known known) {
        /**
         * Computes them.
         *
         * @param training null if what is unlike it need not be told
         * @param classes of the training images
         */
        static HeldOutAnswers of(
                FittedNetwork network, ImageDataset heldOut, @Nullable TrainingImages training, int[] classes) {
            if (training == null) {
                return new HeldOutAnswers(new Inference(network, null).answers(heldOut, Views.none()), null);
            }
            KnownFeatures features = training.features(network, classes);
            List<Answer> answers = new Inference(network, features).answers(heldOut, Views.none());
            return new HeldOutAnswers(answers, training.known(features, classes, answers));
        }
    }
}
