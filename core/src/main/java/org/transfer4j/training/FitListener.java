package org.transfer4j.training;

/**
 * Is told how a fit goes. All methods do nothing by default and are called on the thread that fits, in the order: the
 * feature passes (one for the training images, one for the validation images if there are any), then the epochs, each
 * with its batches.
 *
 * <p>A listener that fails ends nothing: whatever it throws, errors too, is reported once, as a warning in the log, and
 * the fit goes on; the listener is told of later events all the same. Who wants the fit to end throws a {@link
 * java.util.concurrent.CancellationException} or interrupts the thread: {@code fit} throws a {@code
 * TrainingStoppedException} then, with the classifier as it was at the end of the last complete epoch.
 *
 * <p>There is no feature pass where nothing is frozen, unless the images come from a DL4J iterator, which is read but
 * once; none for the training images where they pass the frozen layers in each epoch; and with a feature cache it is
 * only of the images whose features are not in it, each content once. With cached variants of augmented images, each
 * variant counts as an image.
 */
public interface FitListener {
    /**
     * A fit is about to start. What the listener will need, such as a folder to write to, is checked here: unlike at all
     * other events, what it throws goes to the caller of {@code fit}, which has not begun yet and tells nobody anything.
     */
    default void fitStarting() {}

    /**
     * A training is gone on with, by a further fit of a classifier or from a checkpoint. Comes before the first phase, and
     * not where nothing was learned before.
     *
     * @param earlier the figures of the epochs that are over; those to come are numbered on from there
     */
    default void fitContinued(TrainingHistory earlier) {}

    /**
     * A phase starts; its feature passes and epochs follow. Not told where a fit has but one phase.
     *
     * @param phase its number, from 1
     * @param phases how many there are
     */
    default void phaseStarted(int phase, int phases) {}

    /**
     * The frozen layers start to compute the features of some images.
     *
     * @param images how many, or -1 where that is not known before the end
     */
    default void featuresStarted(long images) {}

    /**
     * Some more features are there.
     *
     * @param images how many so far, of this pass
     */
    default void featuresAdvanced(long images) {}

    /**
     * A feature pass is over.
     *
     * @param images how many there are
     */
    default void featuresFinished(long images) {}

    /**
     * An epoch starts.
     *
     * @param epoch its number, from 1
     * @param epochs how many are planned
     * @param images how many images it trains on
     */
    default void epochStarted(int epoch, int epochs, long images) {}

    /**
     * One batch was learned.
     *
     * @param iteration the number of the update, from 1, over all epochs
     * @param images how many images of this epoch were learned so far
     * @param loss the batch's loss before the update
     */
    default void batchFinished(long iteration, long images, double loss) {}

    /**
     * An epoch is over.
     *
     * @param record its figures
     */
    default void epochFinished(EpochRecord record) {}

    /**
     * The fit is over: as planned, stopped early, or failed. Comes last, and once.
     *
     * @param history the figures of all epochs that were completed
     */
    default void fitFinished(TrainingHistory history) {}
}
