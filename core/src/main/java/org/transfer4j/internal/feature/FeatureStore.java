package org.transfer4j.internal.feature;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.TemporaryFile;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.training.FitListener;

/**
 * Features in a temporary file, one row of floats an image: written once in order, then read in any order. The file is
 * as large as it must be (images x features x 4 bytes), the memory held is one batch; the operating system keeps in
 * its page cache what fits.
 */
public final class FeatureStore implements Examples {
    /** For {@link FeatureVolume#requireRoom}: where features are kept that are computed for one fit. */
    public static final String TEMPORARY_FOLDER = "temporary folder";

    /** What to do where there is no room in it. */
    public static final String ADVICE = "freeze more layers, pool globally, or set java.io.tmpdir to another folder";

    private final Path folder;
    private final FileChannel channel;
    private final long[] shape;
    private final int rowBytes;
    private @Nullable RowFile rows;
    private int readableSize;
    private final List<Target> targets = new ArrayList<>();

    private FeatureStore(Path folder, FileChannel channel, long[] shape) {
        this.folder = folder;
        this.channel = channel;
        this.shape = shape.clone();
        this.rowBytes = Math.toIntExact(FeatureVolume.rowBytes(shape));
    }

    /**
     * Creates an empty store.
     *
     * @param folder an existing folder
     * @param shape one image's features, without the batch dimension
     * @param expected the number of images to come, or -1
     */
    public static FeatureStore create(Path folder, long[] shape, long expected) {
        FeatureVolume.of(expected, 0, shape).requireRoom(folder, "the features", TEMPORARY_FOLDER, ADVICE);
        try {
            return new FeatureStore(folder, TemporaryFile.open(folder, "transfer4j-features"), shape);
        } catch (IOException e) {
            throw FileFailure.of("can't keep features in the temporary folder " + folder, e);
        }
    }

    /**
     * Runs images through the trunk once and keeps what comes out.
     *
     * @param images read to the end and closed
     * @param expected how many images there are, or -1
     * @param trunk the frozen part
     * @param folder where the features are kept until the store is closed
     */
    public static FeatureStore computed(
            BatchStream images, long expected, Trunk trunk, Path folder, FitListener listener) {
        try (BatchStream features = new FeatureStream(images, trunk)) {
            FeatureStore store = create(folder, trunk.featureShape(), expected);
            try {
                listener.featuresStarted(expected);
                while (features.hasNext()) {
                    Interruption.check("a feature pass");
                    store.append(features.next());
                    listener.featuresAdvanced(store.size());
                }
                listener.featuresFinished(store.size());
                return store;
            } catch (RuntimeException | Error e) {
                store.close();
                throw e;
            }
        }
    }

    /** Adds rows at the end. */
    public void append(Batch batch) {
        INDArray features = batch.features();
        if (features.length() * Float.BYTES != (long) rowBytes * batch.size()) {
            throw new IllegalArgumentException("expected " + batch.size() + " rows of " + Arrays.toString(shape)
                    + ", got " + Arrays.toString(features.shape()));
        }
        // a part of another array, or what is not in C order, lies elsewhere in memory than one would think
        INDArray plain = features.isView() || features.ordering() != 'c' ? features.dup('c') : features;
        append(plain.data().asNio(), batch.targets());
    }

    /**
     * Adds rows at the end.
     *
     * @param rows one behind the other, floats in the machine's own order; read to its limit
     * @param targets one for each row
     */
    public void append(ByteBuffer rows, List<Target> targets) {
        if (rows.remaining() != (long) rowBytes * targets.size()) {
            throw new IllegalArgumentException("expected " + targets.size() + " rows of " + Arrays.toString(shape)
                    + ", got " + rows.remaining() + " bytes");
        }
        long before = (long) size() * rowBytes;
        long position = before;
        try {
            while (rows.hasRemaining()) {
                position += channel.write(rows, position);
            }
        } catch (IOException e) {
            throw FileFailure.of(
                    "can't write features to the temporary folder " + folder + " (" + before + " bytes so far)", e);
        }
        this.targets.addAll(targets);
    }

    @Override
    public int size() {
        return targets.size();
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        RowFile file = rows();
        return new StoredBatches(
                (row, from, to, target) -> {
                    try {
                        file.copy(row, from, to, target);
                    } catch (IOException e) {
                        throw FileFailure.of("can't read row " + row + " of the features", e);
                    }
                },
                targets,
                shape,
                order,
                batchSize);
    }

    private RowFile rows() {
        if (rows == null || readableSize < size()) {
            try {
                rows = Interruption.shielded(() -> RowFile.of(channel, 0, size(), rowBytes));
                readableSize = size();
            } catch (IOException e) {
                throw FileFailure.of("can't map the features in the temporary folder " + folder, e);
            }
        }
        return rows;
    }

    @Override
    public void close() {
        try {
            if (rows != null) {
                rows.close();
                if (rows.isMapped()) {
                    // gives the space back now, not when the mapping is collected
                    Interruption.shielded(() -> channel.truncate(0));
                }
                rows = null;
            }
            channel.close();
        } catch (IOException e) {
            throw FileFailure.of("can't close the features in the temporary folder " + folder, e);
        }
    }
}
