package org.transfer4j;

import org.jspecify.annotations.Nullable;

/**
 * A fit ended before its last epoch: the loss was no longer a number, or the thread was interrupted. What was learned
 * is not lost: {@link #classifier()}, or {@link #regressor()} where numbers were learned, has the weights of the end of the last
 * good epoch.
 */
public final class TrainingStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The classifier or regressor so far; gone after a round trip through serialization. */
    private final transient @Nullable FittedModel<?> model;

    TrainingStoppedException(String reason, FittedModel<?> model, Throwable cause) {
        super("the fit stopped after " + model.history().epochs().size() + " complete epochs: " + reason, cause);
        this.model = model;
    }

    /**
     * The classifier as it was at the end of the last good epoch, or at the start if there was none.
     *
     * @return a working classifier, to be closed by the caller
     * @throws IllegalStateException if there is none: a regressor was fitted, or this was read from a stream of objects
     */
    public ImageClassifier classifier() {
        if (model instanceof ImageClassifier classifier) {
            return classifier;
        }
        throw new IllegalStateException(
                "there is no classifier here" + (model == null ? "" : ": numbers were learned, regressor() has them"));
    }

    /**
     * The regressor as it was at the end of the last good epoch, or at the start if there was none.
     *
     * @return a working regressor, to be closed by the caller
     * @throws IllegalStateException if there is none: a classifier was fitted, or this was read from a stream of objects
     */
    public ImageRegressor regressor() {
        if (model instanceof ImageRegressor regressor) {
            return regressor;
        }
        throw new IllegalStateException(
                "there is no regressor here" + (model == null ? "" : ": classes were learned, classifier() has them"));
    }
}
