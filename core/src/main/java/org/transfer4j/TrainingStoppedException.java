package org.transfer4j;

/**
 * A fit ended before its last epoch: the loss was no longer a number, or the thread was interrupted. What was learned
 * is not lost: {@link #classifier()} has the weights of the end of the last good epoch.
 */
public final class TrainingStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The classifier so far; gone after a round trip through serialization. */
    private final transient ImageClassifier classifier;

    TrainingStoppedException(String reason, ImageClassifier classifier, Throwable cause) {
        super("the fit stopped after " + classifier.history().epochs().size() + " complete epochs: " + reason, cause);
        this.classifier = classifier;
    }

    /**
     * The classifier as it was at the end of the last good epoch, or at the start if there was none.
     *
     * @return a working classifier, to be closed by the caller
     */
    public ImageClassifier classifier() {
        return classifier;
    }
}
