package org.transfer4j.internal.fitted;

import java.util.List;

/**
 * What there is to say of one image.
 *
 * @param probabilities of its classes, calibrated where the classifier is; the numbers, where there are no classes
 * @param novelty how unlike the training images it is, NaN where nobody knows
 * @param mean whether the probabilities are the mean of several, of which no held-out image has told anything
 */
@SuppressWarnings("ArrayRecordComponent") // one of many, and soon ranked
public record Answer(float[] probabilities, float novelty, boolean mean) {
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
