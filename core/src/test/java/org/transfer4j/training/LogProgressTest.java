package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogProgressTest {
    private final ch.qos.logback.classic.Logger log = new LoggerContext().getLogger("fit");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
    }

    @Test
    void oneLineForEachPassAndEpoch() {
        LogProgress progress = new LogProgress(log);
        progress.featuresStarted(12);
        progress.featuresAdvanced(7);
        progress.featuresFinished(12);
        progress.featuresStarted(-1);
        progress.epochStarted(1, 3, 12);
        progress.batchFinished(1, 12, 0.5);
        progress.epochFinished(EpochRecord.builder(1)
                .training(0.25, 0.75)
                .validation(0.5, 0.625)
                .build());
        progress.fitFinished(TrainingHistory.empty());

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "computing the features of 12 images",
                        "features of 12 images are there",
                        "computing the features of the images",
                        "Epoch 1/3 - loss: 0.2500 - accuracy: 0.7500 - val_loss: 0.5000 - val_accuracy: 0.6250"
                                + " - 0 images/s",
                        "the fit is over after 0 epochs");
        assertThat(lines.list).extracting(ILoggingEvent::getLevel).containsOnly(Level.INFO);
    }
}
