package org.transfer4j.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.internal.run.Extractor;
import org.transfer4j.internal.thread.SharedWork;
import org.transfer4j.internal.thread.Workers;

/** What an executor does with a partition: batches of rows, of which one is decoded while the one before is computed. */
final class FeaturizedPartition implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<byte[]> file;
    private final String sha256;
    private final HadoopFiles files;
    private final int input;

    FeaturizedPartition(Broadcast<byte[]> file, String sha256, HadoopFiles files, int input) {
        this.file = file;
        this.sha256 = sha256;
        this.files = files;
        this.input = input;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        ProcessExtractors.Loan loan = ProcessExtractors.ofThisProcess().borrow(sha256, file::value);
        Featurized featurized = new Featurized(rows, loan);
        // also where the task fails, is killed, or its rows are not all wanted
        TaskCompletionListener end = context -> featurized.close();
        TaskContext.get().addTaskCompletionListener(end);
        return featurized;
    }

    /** Not a generator that runs ahead by itself: rows of Spark's are read by the task's own thread alone. */
    private final class Featurized implements Iterator<Row>, AutoCloseable {
        private final Iterator<Row> rows;
        private final ProcessExtractors.Loan loan;
        private final Deque<Decoding> ahead = new ArrayDeque<>();
        private final Deque<Row> done = new ArrayDeque<>();
        private boolean closed;

        Featurized(Iterator<Row> rows, ProcessExtractors.Loan loan) {
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
            List<Row> some = new ArrayList<>(Extractor.BATCH);
            while (some.size() < Extractor.BATCH && !closed && rows.hasNext()) {
                some.add(rows.next());
            }
            if (!some.isEmpty()) {
                Decoding batch = new Decoding(some, loan.extractor());
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
        private final Extractor extractor;
        private final INDArray images;
        private final @Nullable String[] errors;
        private final SharedWork work;
        private boolean freed;

        Decoding(List<Row> batch, Extractor extractor) {
            this.batch = batch;
            this.extractor = extractor;
            this.images = extractor.batch(batch.size());
            this.errors = new String[batch.size()];
            this.work = new SharedWork(batch.size(), this::decode);
        }

        private void decode(int place) {
            try {
                Object image = batch.get(place).get(input);
                if (image == null) {
                    refuse(place, "the image is null");
                } else if (image instanceof byte[] bytes) {
                    extractor.put(ImageDecoder.decode(bytes, ImageOrigin.UNNAMED), "image", images, place);
                } else {
                    String path = image.toString();
                    extractor.put(decoded(path), path, images, place);
                }
            } catch (TransferException | UncheckedIOException | IllegalArgumentException e) {
                refuse(place, String.valueOf(e.getMessage()));
            }
        }

        private void refuse(int place, String reason) {
            errors[place] = reason;
            extractor.putNothing(images, place);
        }

        private DecodedImage decoded(String path) {
            try (InputStream stream = files.open(path)) {
                return ImageDecoder.decode(stream, ImageOrigin.named(path));
            } catch (IOException e) {
                throw new UncheckedIOException("can't read " + path + ": " + e.getMessage(), e);
            }
        }

        /** The rows with what was made of their images; whoever asks decodes what is left. */
        List<Row> rows() {
            work.run();
            work.await();
            float[][] features = allBroken() ? new float[batch.size()][] : extractor.features(images);
            List<Row> rows = new ArrayList<>(batch.size());
            for (int i = 0; i < batch.size(); i++) {
                rows.add(row(batch.get(i), features[i], errors[i]));
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

        private Row row(Row row, float[] features, @Nullable String error) {
            Object[] values = new Object[row.size() + 2];
            for (int i = 0; i < row.size(); i++) {
                values[i] = row.get(i);
            }
            values[row.size()] = error == null ? Vectors.dense(doubles(features)) : null;
            values[row.size() + 1] = error;
            return RowFactory.create(values);
        }

        private double[] doubles(float[] values) {
            double[] doubles = new double[values.length];
            for (int i = 0; i < values.length; i++) {
                doubles[i] = values[i];
            }
            return doubles;
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
