package org.transfer4j;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.feature.ImageSource;
import org.transfer4j.internal.feature.LabelSets;
import org.transfer4j.internal.tail.TrainingLoss;

/** How images are labelled for a head: each with one class, or with any of them. */
final class Labelling {
    private final TransferLearner learner;
    private final List<String> classNames;
    private final @Nullable LabelSets sets;

    /**
     * A head's labelling.
     *
     * @throws IllegalArgumentException if the loss is for the other kind of head
     */
    Labelling(TransferLearner learner, List<String> classNames) {
        boolean multiLabel = learner.head().isMultiLabel();
        if (learner.loss().isBinary() != multiLabel) {
            throw new IllegalArgumentException(
                    multiLabel
                            ? "a multi-label head is trained with Loss.binaryCrossEntropy(), got " + learner.loss()
                            : "a softmax head can't be trained with " + learner.loss()
                                    + "; make the head Head....multiLabel(), or choose Loss.crossEntropy() or Loss.focal(...)");
        }
        this.learner = learner;
        this.classNames = classNames;
        this.sets = multiLabel ? new LabelSets(classNames) : null;
    }

    List<String> classNames() {
        return classNames;
    }

    /**
     * The images with this labelling.
     *
     * @param what what they are for, for messages
     * @throws IllegalArgumentException if they are labelled otherwise
     * @throws org.transfer4j.error.DatasetException if they have other classes
     */
    ImageSource source(LearningData data, String what) {
        return sets == null ? data.ofOneLabel(classNames, what) : data.ofLabelSets(sets, what);
    }

    /**
     * The loss with class weights.
     *
     * @throws IllegalArgumentException if the class weights don't fit the data
     */
    TrainingLoss loss(ImageSource training) {
        double[] weights = learner.classWeights().in(training, sets != null);
        return sets == null
                ? TrainingLoss.categorical(learner.loss(), weights)
                : TrainingLoss.binary(learner.loss(), sets, weights);
    }
}
