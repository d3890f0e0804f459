package org.transfer4j;

import java.util.ArrayList;
import java.util.List;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.TrainingHistory;

/** Writes down what it is told. */
class RecordingListener implements FitListener {
    final List<String> events = new ArrayList<>();

    @Override
    public void phaseStarted(int phase, int phases) {
        events.add("phase " + phase + "/" + phases);
    }

    @Override
    public void featuresStarted(long images) {
        events.add("features of " + images);
    }

    @Override
    public void featuresAdvanced(long images) {
        events.add("features " + images);
    }

    @Override
    public void featuresFinished(long images) {
        events.add("features done " + images);
    }

    @Override
    public void epochStarted(int epoch, int epochs, long images) {
        events.add("epoch " + epoch + "/" + epochs + " of " + images);
    }

    @Override
    public void batchFinished(long iteration, long images, double loss) {
        events.add("step " + iteration + " images " + images);
    }

    @Override
    public void epochFinished(EpochRecord record) {
        events.add("epoch done " + record.epoch());
    }

    @Override
    public void fitFinished(TrainingHistory history) {
        events.add("fit done " + history.epochs().size());
    }
}
