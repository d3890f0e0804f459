package org.transfer4j.internal.feature;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.feature.StoredBatches.RowFile;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.FreeSpace;
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

    /**
     * What the features of one phase take on disk.
     *
     * @param trainingRows rows that the training images become, 0 where none are kept or only reading tells how many
     * @param validationRows the same of the validation images
     * @param rowBytes what a row takes
     */
    public record FeatureVolume(long trainingRows, long validationRows, long rowBytes) {
        /** Where no features are kept. */
        public static final FeatureVolume NONE = new FeatureVolume(0, 0, 0);

        private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

        /** Of images whose features have a shape. */
        public static FeatureVolume of(long trainingRows, long validationRows, long[] featureShape) {
            return new FeatureVolume(Math.max(0, trainingRows), Math.max(0, validationRows), rowBytes(featureShape));
        }

        /** What one image's features take, given their shape without the batch dimension. */
        public static long rowBytes(long[] featureShape) {
            long bytes = Float.BYTES;
            for (long length : featureShape) {
                bytes = Math.multiplyExact(bytes, length);
            }
            return bytes;
        }

        /** The number of rows. */
        public long rows() {
            return trainingRows + validationRows;
        }

        /** What they take; the largest long where it is more than that. */
        public long bytes() {
            return bytes(rows()).min(MOST).longValue();
        }

        private BigInteger bytes(long rows) {
            return BigInteger.valueOf(rows).multiply(BigInteger.valueOf(rowBytes));
        }

        /** Whether a folder's disk has room for them. */
        public boolean fits(Path folder) throws IOException {
            return bytes(rows()).compareTo(BigInteger.valueOf(FreeSpace.of(folder))) <= 0;
        }

        /**
         * Checks that a folder's disk has room for them.
         *
         * @param what what needs the room, as the subject of a sentence in the plural
         * @param kind what the folder is
         * @param advice what else to do, besides making room
         * @throws UncheckedIOException if it has not; it says what training and validation need, and what is left
         */
        public void requireRoom(Path folder, String what, String kind, String advice) {
            try {
                if (!fits(folder)) {
                    throw new IOException(what + " need " + bytes(rows()) + " bytes" + parts() + ", the " + kind + " "
                            + folder + " has " + FreeSpace.of(folder) + " left; " + advice);
                }
            } catch (IOException e) {
                throw FileFailure.of("can't keep features in the " + kind + " " + folder, e);
            }
        }

        private String parts() {
            return trainingRows == 0 || validationRows == 0
                    ? ""
                    : " (" + bytes(trainingRows) + " for training, " + bytes(validationRows) + " for validation)";
        }
    }
}
