package org.transfer4j.spark;

import static org.apache.spark.sql.functions.col;

import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.fitted.LibraryVersion;
import org.transfer4j.internal.fitted.PlacedImages;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.internal.thread.Workers.SharedWork;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/** What an executor does with a partition: batches of rows, of which one is decoded while the one before is computed. */
final class ComputedPartition implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<byte[]> file;
    private final ProcessNetwork.Kind kind;
    private final String sha256;
    private final Broadcast<HadoopFiles> files;
    private final int input;
    private final Columns columns;

    /** The driver's. */
    private final String version = LibraryVersion.current();

    /** The columns that are added, before that of the error, of an image's numbers. */
    interface Columns extends Serializable {
        Object[] of(float[] numbers);

        int count();
    }

    private ComputedPartition(NetworkFile network, Dataset<?> dataset, String inputCol, Columns columns) {
        this.file = network.broadcast(dataset.sparkSession());
        this.kind = network.kind();
        this.sha256 = network.sha256();
        this.files = HadoopFiles.broadcast(dataset.sparkSession());
        this.input = dataset.schema().fieldIndex(inputCol);
        this.columns = columns;
    }

    /**
     * A dataset with more columns.
     *
     * @param inputCol of images or of their paths
     * @param columns what is added
     * @param schema of all columns
     */
    static Dataset<Row> of(
            NetworkFile network, Dataset<?> dataset, String inputCol, Columns columns, StructType schema) {
        return described(
                dataset.toDF()
                        .mapPartitions(
                                new ComputedPartition(network, dataset, inputCol, columns), Encoders.row(schema)),
                schema);
    }

    /** Columns with what is said about them, as an indexer's names, which encoders of rows leave out. */
    private static Dataset<Row> described(Dataset<Row> rows, StructType schema) {
        StructField[] fields = schema.fields();
        if (Arrays.stream(fields).allMatch(field -> field.metadata().equals(Metadata.empty()))) {
            return rows;
        }
        // by place: two columns may have one name
        String[] places =
                IntStream.range(0, fields.length).mapToObj(i -> "column" + i).toArray(String[]::new);
        Column[] described = IntStream.range(0, fields.length)
                .mapToObj(i -> col(places[i]).as(fields[i].name(), fields[i].metadata()))
                .toArray(Column[]::new);
        return rows.toDF(places).select(described);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        requireVersion(LibraryVersion.current());
        ProcessNetworks.Loan loan = ProcessNetworks.ofThisProcess().borrow(kind, sha256, file::value);
        Computed computed = new Computed(rows, loan);
        // also where the task fails, is killed, or its rows are not all wanted
        TaskCompletionListener end = context -> computed.close();
        TaskContext.get().addTaskCompletionListener(end);
        return computed;
    }

    /** Two versions may compute other numbers, or not understand each other's files. */
    private void requireVersion(String own) {
        if (!own.equals(version)) {
            throw new IllegalStateException(
                    "driver and executors must have the same version of transfer4j, but the driver has " + version
                            + " and this executor " + own);
        }
    }

    /** Not a generator that runs ahead by itself: rows of Spark's are read by the task's own thread alone. */
    private final class Computed implements Iterator<Row>, AutoCloseable {
        private final Iterator<Row> rows;
        private final ProcessNetworks.Loan loan;
        private final Deque<Decoding> ahead = new ArrayDeque<>();
        private final Deque<Row> done = new ArrayDeque<>();
        private boolean closed;

        Computed(Iterator<Row> rows, ProcessNetworks.Loan loan) {
            this.rows = rows;
            this.loan = loan;
        }

        @Override
        public boolean hasNext() {
            return !done.isEmpty() || !ahead.isEmpty() || (!closed && rows.hasNext());
        }

        @Override
        public Row next() {
            if (done.isEmpty()) {
                compute();
            }
            return done.remove();
        }

        private void compute() {
            if (ahead.isEmpty()) {
                begin();
            }
            Decoding batch = ahead.poll();
            if (batch == null) {
                throw new NoSuchElementException("all rows were computed");
            }
            begin();
            try (batch) {
                done.addAll(batch.rows());
            }
            if (ahead.isEmpty()) {
                close();
            }
        }

        /** Reads a batch's rows and hands them to whoever is free. */
        private void begin() {
            List<Row> some = new ArrayList<>(PlacedImages.MOST);
            while (some.size() < PlacedImages.MOST && !closed && rows.hasNext()) {
                some.add(rows.next());
            }
            if (!some.isEmpty()) {
                Decoding batch = new Decoding(some, loan.network());
                Workers.offer(batch.work);
                ahead.add(batch);
            }
        }

        /** The task's end, or that of its rows. */
        @Override
        public void close() {
            closed = true;
            ahead.forEach(Decoding::close);
            ahead.clear();
            loan.close();
        }
    }

    /** Rows whose images are being decoded. Owns the batch's memory. */
    private final class Decoding implements AutoCloseable {
        private final List<Row> batch;
        private final ProcessNetwork network;
        private final PlacedImages images;
        private final @Nullable String[] errors;
        private final SharedWork work;
        private boolean freed;

        Decoding(List<Row> batch, ProcessNetwork network) {
            this.batch = batch;
            this.network = network;
            this.images = network.room(batch.size());
            this.errors = new String[batch.size()];
            this.work = new SharedWork(batch.size(), this::decode);
        }

        private void decode(int place) {
            try {
                Object image = batch.get(place).get(input);
                if (image == null) {
                    refuse(place, "the image is null");
                } else if (image instanceof byte[] bytes) {
                    images.put(place, ImageDecoder.decode(bytes, ImageOrigin.UNNAMED), "image");
                } else {
                    String path = image.toString();
                    images.put(place, decoded(path), path);
                }
            } catch (TransferException | UncheckedIOException | IllegalArgumentException e) {
                refuse(place, String.valueOf(e.getMessage()));
            }
        }

        private void refuse(int place, String reason) {
            errors[place] = reason;
            images.putNothing(place);
        }

        private DecodedImage decoded(String path) {
            return ImageDecoder.decode(() -> files.value().open(path), ImageOrigin.named(path));
        }

        /** The rows with what was made of their images; whoever asks decodes what is left. */
        List<Row> rows() {
            work.run();
            work.await();
            float[][] numbers = allBroken() ? new float[batch.size()][] : network.compute(images);
            List<Row> rows = new ArrayList<>(batch.size());
            for (int i = 0; i < batch.size(); i++) {
                rows.add(row(batch.get(i), numbers[i], errors[i]));
            }
            return rows;
        }

        private boolean allBroken() {
            for (String error : errors) {
                if (error == null) {
                    return false;
                }
            }
            return true;
        }

        private Row row(Row row, float[] numbers, @Nullable String error) {
            Object[] values = new Object[row.size() + columns.count() + 1];
            for (int i = 0; i < row.size(); i++) {
                values[i] = row.get(i);
            }
            if (error == null) {
                System.arraycopy(columns.of(numbers), 0, values, row.size(), columns.count());
            }
            values[values.length - 1] = error;
            return RowFactory.create(values);
        }

        @Override
        public void close() {
            if (!freed) {
                freed = true;
                if (!work.isDone()) {
                    work.abandon();
                }
                images.close();
            }
        }
    }
}
