package org.transfer4j.training;

import java.nio.file.Path;
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
 * <p>The folder holds one file, {@value #FILE}: the parameters above the cut, what the optimizer remembers, the history
 * and, with early stopping, the parameters of the best epoch; about 4 bytes for each of these numbers. It is replaced as
 * a whole. Features are not in it: with a {@code featureCache} a resumed training reads them again, else it computes
 * them anew.
 */
public final class Checkpoints {
    /** The name of the file in the folder: {@value}. */
    public static final String FILE = "training.checkpoint";

    private final Path folder;
    private final int epochs;

    private Checkpoints(Path folder, int epochs) {
        this.folder = folder;
        this.epochs = epochs;
    }

    /**
     * Keeps a checkpoint in a folder, after each epoch.
     *
     * @param folder made where it does not exist; one for each training
     * @return the description
     */
    public static Checkpoints in(Path folder) {
        return new Checkpoints(Objects.requireNonNull(folder, "folder"), 1);
    }

    /**
     * Writes less often: short epochs of large networks may take less time than their checkpoint.
     *
     * @param epochs a checkpoint follows every so many epochs, and the last one; 1 or more, default 1
     * @return a new description
     */
    public Checkpoints every(int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException("Checkpoints are written every 1 or more epochs, but not " + epochs);
        }
        return new Checkpoints(folder, epochs);
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
}
