package org.transfer4j.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Where a training leaves what it needs to go on after the process was killed. Immutable.
 *
 * <pre>{@code
 * learner.checkpoints(Checkpoints.in(Path.of("run-7"))).fit(data);
 * }</pre>
 *
 * <p>The same call started again goes on from the last checkpoint in the folder and ends in the weights of the
 * uninterrupted training, bit for bit on the same machine; once the training is complete, it gives the classifier at
 * once. A folder with a checkpoint of another training (other data, network, settings or library version) is refused
 * before any work, with the difference in the message, and left as it is.
 *
 * <p>A folder is of one training as long as that runs: another one, in the same process or in another one, is refused before any
 * work. A process that ends in any way, be it killed, gives its folder back. Where the file system has no locks, as on some network
 * drives, that holds within a process alone.
 *
 * <p>The folder holds {@value #FILE}: the parameters above the cut, what the optimizer remembers, the history
 * and, with early stopping, the parameters of the best epoch; about 4 bytes for each of these numbers. It is replaced as
 * a whole. Features are not in it: with a {@code featureCache} a resumed training reads them again, else it computes
 * them anew. A hidden, empty file beside it, {@code .transfer4j-training.lock}, says whether a training runs; it may be deleted when
 * none does.
 */
public final class Checkpoints {
    /** The name of the file in the folder: {@value}. */
    public static final String FILE = "training.checkpoint";

    /** The name of the best model's file in the folder: {@value}. */
    public static final String BEST_FILE = "best.t4j";

    private final Path folder;
    private final int epochs;
    private final boolean bestModel;
    private final int modelEpochs;

    private Checkpoints(Path folder, int epochs, boolean bestModel, int modelEpochs) {
        this.folder = folder;
        this.epochs = epochs;
        this.bestModel = bestModel;
        this.modelEpochs = modelEpochs;
    }

    /**
     * Keeps a checkpoint in a folder, after each epoch.
     *
     * @param folder made where it does not exist; one for each training, also for those that run at the same time
     * @return the description
     */
    public static Checkpoints in(Path folder) {
        return new Checkpoints(Objects.requireNonNull(folder, "folder"), 1, false, 0);
    }

    /**
     * Writes less often: short epochs of large networks may take less time than their checkpoint.
     *
     * @param epochs a checkpoint follows every so many epochs, and the last one; 1 or more, default 1
     * @return a new description
     */
    public Checkpoints every(int epochs) {
        return new Checkpoints(folder, atLeastOne("Checkpoints", epochs), bestModel, modelEpochs);
    }

    /**
     * Saves a model file, {@value #BEST_FILE}, after each epoch that is the best so far by {@link TrainingHistory#best()}:
     * one that {@code ImageClassifier.load} reads, with the frozen layers' weights too.
     *
     * @return a new description
     */
    public Checkpoints bestModel() {
        return new Checkpoints(folder, epochs, true, modelEpochs);
    }

    /**
     * Saves a model file of its own every so many epochs, {@code epoch-0010.t4j} and the like.
     *
     * @param epochs 1 or more; default none are saved
     * @return a new description
     */
    public Checkpoints modelEvery(int epochs) {
        return new Checkpoints(folder, this.epochs, bestModel, atLeastOne("Models", epochs));
    }

    private static int atLeastOne(String what, int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException(what + " are written every 1 or more epochs, but not " + epochs);
        }
        return epochs;
    }

    /**
     * The model files that are due after the last epoch of a history.
     *
     * @param history a training so far
     * @return in the folder; empty where none is due
     */
    public List<Path> modelsAfter(TrainingHistory history) {
        List<Path> due = new ArrayList<>();
        history.last().ifPresent(last -> {
            if (bestModel && history.best().filter(last::equals).isPresent()) {
                due.add(folder.resolve(BEST_FILE));
            }
            if (modelEpochs > 0 && last.epoch() % modelEpochs == 0) {
                due.add(folder.resolve(String.format(Locale.ROOT, "epoch-%04d.t4j", last.epoch())));
            }
        });
        return due;
    }

    /**
     * Where they are.
     *
     * @return the folder
     */
    public Path folder() {
        return folder;
    }

    /**
     * How often they are written.
     *
     * @return epochs, 1 or more
     */
    public int epochs() {
        return epochs;
    }

    /**
     * A description for logs.
     *
     * @return for example "checkpoints in run-7 every 5 epochs, the best model, a model every 10 epochs"
     */
    @Override
    public String toString() {
        return "checkpoints in " + folder + " every " + counted(epochs) + (bestModel ? ", the best model" : "")
                + (modelEpochs > 0 ? ", a model every " + counted(modelEpochs) : "");
    }

    private static String counted(int epochs) {
        return epochs == 1 ? "epoch" : epochs + " epochs";
    }
}
