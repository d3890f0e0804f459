package org.transfer4j.internal.feature;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.file.MappedFile;

/** Batches that are read when their values are asked for: all into one array, or row by row to anywhere. */
public final class StoredBatches implements BatchStream {
    /** Rows of equal length, wherever they are. */
    public interface Rows {
        /**
         * Puts some of a row's values where the buffer's position is, and moves the position behind them; safe from several
         * threads, for each its own buffer.
         *
         * @param from the first value
         * @param to the one after the last
         */
        void copy(int row, int from, int to, ByteBuffer target);

        /** Checks, when the last batch was read, that what was copied is what was once written. */
        default void requireWhole() {
            // nobody else can write to a file without a name
        }
    }

    private final Rows file;
    private final List<Target> targets;
    private final long[] shape;
    private final int[] order;
    private final int batchSize;
    private @Nullable INDArray array;
    private int next;

    /**
     * Starts before the first batch.
     *
     * @param targets those of all rows
     * @param shape one row's shape
     * @param order the rows to read, in this order
     */
    public StoredBatches(Rows file, List<Target> targets, long[] shape, int[] order, int batchSize) {
        this.file = file;
        this.targets = targets;
        this.shape = shape;
        this.order = order.clone();
        this.batchSize = Math.min(batchSize, Math.max(1, order.length));
    }

    @Override
    public boolean hasNext() {
        if (next < order.length) {
            return true;
        }
        file.requireWhole();
        return false;
    }

    @Override
    public Batch next() {
        if (next >= order.length) {
            throw new NoSuchElementException("all " + order.length + " rows were read");
        }
        int[] rows = Arrays.copyOfRange(order, next, Math.min(order.length, next + batchSize));
        next += rows.length;
        return new Batch(
                new StoredValues(rows),
                IntStream.of(rows).mapToObj(targets::get).toList());
    }

    private INDArray array() {
        if (array == null) {
            array = Nd4j.createUninitializedDetached(
                    DataType.FLOAT, 'c', ArrayUtil.combine(new long[] {batchSize}, shape));
        }
        return array;
    }

    @Override
    public void close() {
        if (array != null) {
            array.close();
            array = null;
        }
    }

    private final class StoredValues implements Batch.Values {
        private final int[] rows;

        StoredValues(int[] rows) {
            this.rows = rows;
        }

        @Override
        public int rowLength() {
            return Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        }

        @Override
        public INDArray all() {
            INDArray room = array();
            ByteBuffer target = room.data().asNio();
            for (int i = 0; i < rows.length; i++) {
                copy(i, 0, rowLength(), target);
            }
            return rows.length == batchSize ? room : room.get(NDArrayIndex.interval(0, rows.length));
        }

        @Override
        public void copy(int row, int from, int to, ByteBuffer target) {
            file.copy(rows[row], from, to, target);
        }
    }

    /**
     * Rows of equal length in a file, one behind the other: mapped into memory where the system can, which is a third less work
     * than to read them, else read each time. A mapping has at most 2 GiB, so there are several, each of whole rows.
     */
    public static final class RowFile {
        private static final boolean MAPPED_FILES_CAN_BE_DELETED =
                !System.getProperty("os.name").startsWith("Windows");
        private static final int LARGEST_PART = 1 << 30;

        /** No number, and not the one that computations give. What is copied ends where the file does that was cut short. */
        private static final int NOT_COPIED = 0x7FDEAD7F;

        private final FileChannel channel;
        private final long start;
        private final int rowBytes;
        private final int rowsPerPart;

        /** None where rows are read from the file. */
        private final List<MappedByteBuffer> parts = new ArrayList<>();

        private volatile boolean closed;

        private RowFile(FileChannel channel, long start, int rowBytes, int largestPart) {
            this.channel = channel;
            this.start = start;
            this.rowBytes = rowBytes;
            this.rowsPerPart = Math.max(1, largestPart / rowBytes);
        }

        /**
         * The rows of a file.
         *
         * @param channel stays the caller's, who may close it where the rows {@linkplain #isMapped are mapped}
         * @param start where the first row is
         * @param rows how many there are
         */
        public static RowFile of(FileChannel channel, long start, int rows, int rowBytes) throws IOException {
            return MAPPED_FILES_CAN_BE_DELETED
                    ? mapped(channel, start, rows, rowBytes, LARGEST_PART)
                    : read(channel, start, rowBytes);
        }

        /** Rows that are read where the file system can't map them. */
        static RowFile mapped(FileChannel channel, long start, int rows, int rowBytes, int largestPart)
                throws IOException {
            RowFile file = new RowFile(channel, start, rowBytes, largestPart);
            try {
                for (int row = 0; row < rows; row += file.rowsPerPart) {
                    long bytes = (long) Math.min(file.rowsPerPart, rows - row) * rowBytes;
                    file.parts.add(channel.map(FileChannel.MapMode.READ_ONLY, file.position(row), bytes));
                }
                return file;
            } catch (UnsupportedOperationException e) {
                return read(channel, start, rowBytes);
            }
        }

        /** Rows that are read each time. */
        public static RowFile read(FileChannel channel, long start, int rowBytes) {
            return new RowFile(channel, start, rowBytes, LARGEST_PART);
        }

        private long position(int row) {
            return start + (long) row * rowBytes;
        }

        /** Whether the file is not needed any more: rows can be read also when it is closed. */
        public boolean isMapped() {
            return !parts.isEmpty();
        }

        /**
         * Puts some of a row's values where the buffer's position is, and moves the position behind them; safe from several
         * threads, for each its own buffer.
         *
         * @param from the first value
         * @param to the one after the last, of one or more
         * @throws IOException if they can't be read; of a mapped file that was cut short within its page they may be zeros
         */
        public void copy(int row, int from, int to, ByteBuffer target) throws IOException {
            if (closed) {
                throw new IllegalStateException("the features are closed");
            }
            int at = target.position();
            int bytes = (to - from) * Float.BYTES;
            if (isMapped()) {
                int first = row % rowsPerPart * rowBytes + from * Float.BYTES;
                int last = at + bytes - Float.BYTES;
                try {
                    target.putInt(last, NOT_COPIED);
                    target.put(at, parts.get(row / rowsPerPart), first, bytes);
                    if (target.getInt(last) == NOT_COPIED) {
                        MappedFile.requireNoFault();
                    }
                } catch (InternalError e) {
                    throw MappedFile.fault(e);
                }
            } else {
                fill(channel, target.slice(at, bytes), position(row) + (long) from * Float.BYTES);
            }
            target.position(at + bytes);
        }

        /** Fills a buffer from a place of a file on. */
        public static void fill(FileChannel channel, ByteBuffer target, long start) throws IOException {
            long position = start;
            while (target.hasRemaining()) {
                int count = channel.read(target, position);
                if (count < 0) {
                    throw new EOFException("the file ends at " + position);
                }
                position += count;
            }
        }

        /** A mapping goes when it is collected; from now on nothing is read from it. */
        public void close() {
            closed = true;
        }
    }
}
