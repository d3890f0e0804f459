package org.transfer4j;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.listener.ListenerGuard;

/** A listener of DL4J, which would end the training with what the listener throws. */
final class GuardedTrainingListener implements TrainingListener {
    private final ListenerGuard<TrainingListener> guard;

    GuardedTrainingListener(TrainingListener listener) {
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
