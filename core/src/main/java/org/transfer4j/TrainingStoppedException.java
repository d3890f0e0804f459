package org.transfer4j;

import org.jspecify.annotations.Nullable;

/**
 * A fit ended before its last epoch: the loss was no longer a number, or the thread was interrupted. What was learned
 * is not lost: {@link #classifier()}, or {@link #regressor()} where numbers were learned, has the weights of the end of the last
 * good epoch.
 */
public final class TrainingStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The classifier so far; gone after a round trip through serialization. */
    private final transient @Nullable ImageClassifier classifier;

    /** The regressor so far; gone after a round trip through serialization. */
    private final transient @Nullable ImageRegressor regressor;

    TrainingStoppedException(String reason, ImageClassifier classifier, Throwable cause) {
        super(message(classifier.history().epochs().size(), reason), cause);
        this.classifier = classifier;
        this.regressor = null;
    }

    TrainingStoppedException(String reason, ImageRegressor regressor, Throwable cause) {
        super(message(regressor.history().epochs().size(), reason), cause);
        this.classifier = null;
        this.regressor = regressor;
    }

    private static String message(int epochs, String reason) {
        return "the fit stopped after " + epochs + " complete epochs: " + reason;
    }

    /**
     * The classifier as it was at the end of the last good epoch, or at the start if there was none.
     *
     * @return a working classifier, to be closed by the caller
     * @throws IllegalStateException if there is none: a regressor was fitted, or this was read from a stream of objects
     */
    public ImageClassifier classifier() {
        if (classifier == null) {
            throw new IllegalStateException("there is no classifier here"
                    + (regressor == null ? "" : ": numbers were learned, regressor() has them"));
        }
        return classifier;
    }

    /**
     * The regressor as it was at the end of the last good epoch, or at the start if there was none.
     *
     * @return a working regressor, to be closed by the caller
     * @throws IllegalStateException if there is none: a classifier was fitted, or this was read from a stream of objects
     */
    public ImageRegressor regressor() {
        if (regressor == null) {
            throw new IllegalStateException("there is no regressor here"
                    + (classifier == null ? "" : ": classes were learned, classifier() has them"));
        }
        return regressor;
    }
}
