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

/**
 * Features in a temporary file, one row of floats an image: written once in order, then read in any order. The file is
 * as large as it must be (images x features x 4 bytes), the memory held is one batch; the operating system keeps in
 * its page cache what fits.
 */
public final class FeatureStore implements Examples {
    private static final boolean MAPPED_FILES_CAN_BE_DELETED =
            !System.getProperty("os.name").startsWith("Windows");

    /** For {@link FeatureVolume#requireRoom}: where features are kept that are computed for one fit. */
    public static final String TEMPORARY_FOLDER = "temporary folder";

    /** What to do where there is no room in it. */
    public static final String ADVICE = "freeze more layers, pool globally, or set java.io.tmpdir to another folder";

    private final Path folder;
    private final FileChannel channel;
    private final long[] shape;
    private final int rowBytes;
    private @Nullable MappedRows mapped;
    private int mappedSize;
    private final List<Target> targets = new ArrayList<>();
    private int size;

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

    /** Adds rows at the end. */
    public void append(Batch batch) {
        INDArray features = batch.features();
        if (features.length() * Float.BYTES != (long) rowBytes * batch.size()) {
            throw new IllegalArgumentException("expected " + batch.size() + " rows of " + Arrays.toString(shape)
                    + ", got " + Arrays.toString(features.shape()));
        }
        try {
            // a part of another array, or what is not in C order, lies elsewhere in memory than one would think
            INDArray plain = features.isView() || features.ordering() != 'c' ? features.dup('c') : features;
            write(plain.data().asNio());
        } catch (IOException e) {
            throw FileFailure.of(
                    "can't write features to the temporary folder " + folder + " (" + (long) size * rowBytes
                            + " bytes so far)",
                    e);
        }
        targets.addAll(batch.targets());
        size += batch.size();
    }

    private void write(ByteBuffer rows) throws IOException {
        long position = (long) size * rowBytes;
        while (rows.hasRemaining()) {
            position += channel.write(rows, position);
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public BatchStream batches(int[] order, int batchSize) {
        return new StoredBatches(rows(), targets, shape, order, batchSize);
    }

    private RowFile rows() {
        if (mapped == null || mappedSize < size) {
            try {
                mapped = MAPPED_FILES_CAN_BE_DELETED
                        ? Uninterrupted.call(() -> MappedRows.of(channel, size, rowBytes))
                        : null;
                mappedSize = size;
            } catch (UnsupportedOperationException e) {
                return new PositionalRows(channel, rowBytes);
            } catch (IOException e) {
                throw FileFailure.of("can't map the features in the temporary folder " + folder, e);
            }
        }
        return mapped == null ? new PositionalRows(channel, rowBytes) : mapped;
    }

    @Override
    public void close() {
        try {
            if (mapped != null) {
                mapped.close();
                mapped = null;
                // gives the space back now, not when the mapping is collected
                Uninterrupted.call(() -> channel.truncate(0));
            }
            channel.close();
        } catch (IOException e) {
            throw FileFailure.of("can't close the features in the temporary folder " + folder, e);
        }
    }
}
