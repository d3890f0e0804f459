package org.transfer4j.internal.evaluate;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.calibration.KnownFeatures;
import org.transfer4j.internal.fitted.Answer;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.fitted.Inference;
import org.transfer4j.preprocessing.Views;

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
