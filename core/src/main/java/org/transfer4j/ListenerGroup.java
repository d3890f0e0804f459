package org.transfer4j;

import java.util.List;
import java.util.function.Consumer;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.TrainingHistory;

/** Several listeners as one, told in the order in which they were added. */
record ListenerGroup(List<FitListener> listeners) implements FitListener {
    private void tell(Consumer<FitListener> event) {
        listeners.forEach(event);
    }

    @Override
    public void phaseStarted(int phase, int phases) {
        tell(listener -> listener.phaseStarted(phase, phases));
    }

    @Override
    public void featuresStarted(long images) {
        tell(listener -> listener.featuresStarted(images));
    }

    @Override
    public void featuresAdvanced(long images) {
        tell(listener -> listener.featuresAdvanced(images));
    }

    @Override
    public void featuresFinished(long images) {
        tell(listener -> listener.featuresFinished(images));
    }

    @Override
    public void epochStarted(int epoch, int epochs, long images) {
        tell(listener -> listener.epochStarted(epoch, epochs, images));
    }

    @Override
    public void batchFinished(long iteration, long images, double loss) {
        tell(listener -> listener.batchFinished(iteration, images, loss));
    }

    @Override
    public void epochFinished(EpochRecord epochRecord) {
        tell(listener -> listener.epochFinished(epochRecord));
    }

    @Override
    public void fitFinished(TrainingHistory history) {
        tell(listener -> listener.fitFinished(history));
    }
}
