package org.transfer4j.internal.fit;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.listener.ListenerGuard;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.TrainingHistory;

/** Listeners of which one that fails is reported, and fails nothing. */
final class GuardedListeners {
    private GuardedListeners() {}

    /** All of them as one. */
    static FitListener asOne(List<FitListener> listeners) {
        return new Group(listeners);
    }

    /** Each by itself. */
    static List<TrainingListener> of(List<TrainingListener> listeners) {
        return listeners.stream().<TrainingListener>map(Guarded::new).toList();
    }

    /**
     * Several listeners as one, told in the order in which they were added. One that fails is reported, and fails nothing; one
     * that asks for the end does so after all have been told.
     */
    private static final class Group implements FitListener {
        private final List<FitListener> listeners;
        private final List<ListenerGuard<FitListener>> guards;

        Group(List<FitListener> listeners) {
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
        public void fitContinued(TrainingHistory earlier) {
            tell(listener -> listener.fitContinued(earlier));
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

    /** A listener of DL4J, which would end the training with what the listener throws. */
    private static final class Guarded implements TrainingListener {
        private final ListenerGuard<TrainingListener> guard;

        Guarded(TrainingListener listener) {
            this.guard = new ListenerGuard<>(listener);
        }

        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            guard.tell(listener -> listener.iterationDone(model, iteration, epoch));
        }

        @Override
        public void onEpochStart(Model model) {
            guard.tell(listener -> listener.onEpochStart(model));
        }

        @Override
        public void onEpochEnd(Model model) {
            guard.tell(listener -> listener.onEpochEnd(model));
        }

        @Override
        public void onForwardPass(Model model, List<INDArray> activations) {
            guard.tell(listener -> listener.onForwardPass(model, activations));
        }

        @Override
        public void onForwardPass(Model model, Map<String, INDArray> activations) {
            guard.tell(listener -> listener.onForwardPass(model, activations));
        }

        @Override
        public void onGradientCalculation(Model model) {
            guard.tell(listener -> listener.onGradientCalculation(model));
        }

        @Override
        public void onBackwardPass(Model model) {
            guard.tell(listener -> listener.onBackwardPass(model));
        }
    }
}
