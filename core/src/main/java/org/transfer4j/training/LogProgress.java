package org.transfer4j.training;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes how a fit goes to the log, at level INFO, through SLF4J: one line for each feature pass and for each epoch. For
 * services and jobs without a terminal.
 */
public final class LogProgress implements FitListener {
    private final Logger log;
    private int epochs;

    /** Writes to the logger named after this class. */
    public LogProgress() {
        this(LoggerFactory.getLogger(LogProgress.class));
    }

    /**
     * Writes to a logger of yours.
     *
     * @param log the logger
     */
    public LogProgress(Logger log) {
        this.log = log;
    }

    @Override
    public void phaseStarted(int phase, int phases) {
        log.info("phase {} of {}", phase, phases);
    }

    @Override
    public void featuresStarted(long images) {
        if (images < 0) {
            log.info("computing the features of the images");
        } else {
            log.info("computing the features of {} images", images);
        }
    }

    @Override
    public void featuresFinished(long images) {
        log.info("features of {} images are there", images);
    }

    @Override
    public void epochStarted(int epoch, int epochs, long images) {
        this.epochs = epochs;
    }

    @Override
    public void epochFinished(EpochRecord record) {
        if (log.isInfoEnabled()) {
            log.info(record.line(epochs));
        }
    }

    @Override
    public void fitFinished(TrainingHistory history) {
        log.info("the fit is over after {} epochs", history.epochs().size());
    }
}
