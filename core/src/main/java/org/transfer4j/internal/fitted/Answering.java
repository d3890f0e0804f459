package org.transfer4j.internal.fitted;

import java.util.List;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.preprocessing.Views;

/** Who answers for images: a network, or several as one. Safe from several threads. */
public interface Answering {
    /** What there are probabilities or numbers of, in their order. */
    List<String> classNames();

    /** What it says of an image. */
    AnswerKind kind();

    /**
     * The answer to one image.
     *
     * @param image closed here
     * @throws IllegalStateException if a network's weights are too large to give any
     */
    Answer answer(DecodedImage image, Views views);

    /** The answers to all images, in the order of the data. */
    List<Answer> answers(ImageDataset data, Views views);

    /** Their probabilities or numbers alone. */
    List<float[]> outputs(ImageDataset data, Views views);

    /**
     * What there is to say of one image.
     *
     * @param probabilities of its classes, calibrated where the classifier is; the numbers, where there are no classes
     * @param novelty how unlike the training images it is, NaN where nobody knows
     * @param mean whether the probabilities are the mean of several, of which no held-out image has told anything
     */
    @SuppressWarnings("ArrayRecordComponent") // one of many, and soon ranked
    record Answer(float[] probabilities, float novelty, boolean mean) {
        /** That of one network to one image as it is. */
        public Answer(float[] probabilities, float novelty) {
            this(probabilities, novelty, false);
        }

        /**
         * The weighted mean of answers to one image, whose novelty is that of the first; a single one as it is.
         *
         * @param weights one an answer, with the sum 1
         */
        static Answer mean(List<Answer> answers, double[] weights) {
            Answer first = answers.get(0);
            if (weights.length == 1) {
                return first;
            }
            float[] mean = new float[first.probabilities.length];
            for (int i = 0; i < mean.length; i++) {
                double sum = 0;
                for (int a = 0; a < weights.length; a++) {
                    sum += weights[a] * answers.get(a).probabilities[i];
                }
                mean[i] = (float) sum;
            }
            return new Answer(mean, first.novelty, true);
        }
    }
}
