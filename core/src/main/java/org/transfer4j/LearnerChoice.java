package org.transfer4j;

import java.util.List;
import org.transfer4j.evaluation.LearnerTrial;
import org.transfer4j.internal.choose.Choosing;
import org.transfer4j.internal.text.TextTable;

/** What {@link TransferLearner#choose(org.transfer4j.dataset.ImageDataset, java.time.Duration)} has chosen, and of what. Immutable. */
public final class LearnerChoice {
    private final Choosing.Outcome outcome;

    LearnerChoice(Choosing.Outcome outcome) {
        this.outcome = outcome;
    }

    /**
     * The chosen learner. It was judged by {@linkplain TransferLearner#probe(org.transfer4j.dataset.ImageDataset) probes},
     * and can be fitted as any other too.
     *
     * @return a learner, not fitted yet
     */
    public TransferLearner learner() {
        return new TransferLearner(outcome.settings());
    }

    /**
     * The chosen learner as one would write it: an expression in Java with the classes of this library (and
     * {@code java.nio.file.Path} for a weights file). A backbone that is not of this library is called {@code backbone}, and
     * likewise {@code weights} and {@code preprocessing}; what else a learner was told that was given to choose from is left
     * out.
     *
     * @return for example {@code TransferLearner.tinyVgg().inputSize(48, 48).head(Head.globalAveragePooling())}
     */
    public String code() {
        return outcome.trials().get(0).code();
    }

    /**
     * All that was tried.
     *
     * @return the chosen one first, then by the number of images and the accuracy; unmodifiable
     */
    public List<LearnerTrial> trials() {
        return outcome.trials();
    }

    /**
     * Whether all rounds were run, up to that in which the best are judged by all images, and none was left out for want of time.
     *
     * @return true if more time would change nothing
     */
    public boolean isComplete() {
        return outcome.complete();
    }

    /**
     * What was tried, as a table.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        TextTable table = new TextTable("%7s %9s %9s  %s");
        table.row("images", "accuracy", "loss", "learner");
        for (LearnerTrial trial : trials()) {
            table.row(
                    trial.images(),
                    TextTable.decimals(trial.accuracy(), 4),
                    TextTable.decimals(trial.loss(), 4),
                    trial.code());
        }
        return table.toString();
    }
}
