package org.transfer4j;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.listener.ListenerGuard;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.TrainingHistory;

/**
 * Several listeners as one, told in the order in which they were added. One that fails is reported, and fails nothing; one
 * that asks for the end does so after all have been told.
 */
final class ListenerGroup implements FitListener {
    private final List<FitListener> listeners;
    private final List<ListenerGuard<FitListener>> guards;

    ListenerGroup(List<FitListener> listeners) {
        this.listeners = listeners;
        this.guards = listeners.stream().map(ListenerGuard::new).toList();
    }

    private void tell(Consumer<FitListener> event) {
        @Nullable CancellationException end = null;
        for (ListenerGuard<FitListener> guard : guards) {
            try {
                guard.tell(event);
            } catch (CancellationException e) {
                end = e;
            }
        }
        if (end != null) {
            throw end;
        }
    }

    /** Here alone they may object. */
    @Override
    public void fitStarting() {
        listeners.forEach(FitListener::fitStarting);
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

    /** It is over in any case. */
    @Override
    public void fitFinished(TrainingHistory history) {
        try {
            tell(listener -> listener.fitFinished(history));
        } catch (CancellationException e) {
            // there is nothing left to end
        }
    }
}
