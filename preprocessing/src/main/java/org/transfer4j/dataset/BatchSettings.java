package org.transfer4j.dataset;

import java.util.Objects;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** How a dataset is read in batches. Immutable: every {@code with} method returns new settings. */
public final class BatchSettings {
    private static final int DEFAULT_BATCH_SIZE = 32;
    private static final int DEFAULT_IN_FLIGHT = 3;

    private final int height;
    private final int width;
    private final ImagePreprocessing preprocessing;
    private final int batchSize;
    private final int threads;
    private final int inFlight;

    private BatchSettings(
            int height, int width, ImagePreprocessing preprocessing, int batchSize, int threads, int inFlight) {
        this.height = height;
        this.width = width;
        this.preprocessing = preprocessing;
        this.batchSize = batchSize;
        this.threads = threads;
        this.inFlight = inFlight;
    }

    /**
     * Batches of 32 images, decoded by as many threads as there are processors, 3 batches in flight.
     *
     * @param height rows of the network input
     * @param width columns of the network input
     * @param preprocessing what is done to the values 0..255 after resizing
     * @return the settings
     * @throws IllegalArgumentException if a number is below 1
     */
    public static BatchSettings of(int height, int width, ImagePreprocessing preprocessing) {
        return new BatchSettings(
                positive("height", height),
                positive("width", width),
                Objects.requireNonNull(preprocessing, "preprocessing"),
                DEFAULT_BATCH_SIZE,
                Runtime.getRuntime().availableProcessors(),
                DEFAULT_IN_FLIGHT);
    }

    /**
     * Sets the number of images in a batch.
     *
     * @param count at least 1; the last batch of a dataset may have fewer
     * @return new settings
     * @throws IllegalArgumentException if the number is below 1
     */
    public BatchSettings withBatchSize(int count) {
        return new BatchSettings(height, width, preprocessing, positive("batch size", count), threads, inFlight);
    }

    /**
     * Sets the number of threads that decode.
     *
     * @param count at least 1; by default the number of processors
     * @return new settings
     * @throws IllegalArgumentException if the number is below 1
     */
    public BatchSettings withThreads(int count) {
        return new BatchSettings(height, width, preprocessing, batchSize, positive("threads", count), inFlight);
    }

    /**
     * Sets how many batches are held in memory: the one that the caller works on, and those that are filled meanwhile.
     *
     * @param count at least 1, which fills a batch only when it is asked for; by default 3
     * @return new settings
     * @throws IllegalArgumentException if the number is below 1
     */
    public BatchSettings withBatchesInFlight(int count) {
        return new BatchSettings(
                height, width, preprocessing, batchSize, threads, positive("batches in flight", count));
    }

    /**
     * A description for logs.
     *
     * @return for example "batches of 32 images of 224x224, preprocessing tf, 8 threads, 3 batches in flight"
     */
    @Override
    public String toString() {
        return "batches of " + batchSize + " images of " + height + "x" + width + ", preprocessing " + preprocessing
                + ", " + threads + " threads, " + inFlight + " batches in flight";
    }

    int height() {
        return height;
    }

    int width() {
        return width;
    }

    ImagePreprocessing preprocessing() {
        return preprocessing;
    }

    int batchSize() {
        return batchSize;
    }

    int threads() {
        return threads;
    }

    int inFlight() {
        return inFlight;
    }

    private static int positive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be at least 1, but was " + value);
        }
        return value;
    }
}
