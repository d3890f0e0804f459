package org.transfer4j.internal.trunk;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/**
 * The frozen part of a network: a pure function from preprocessed images to features. Safe for use by several threads
 * at once.
 */
public interface Trunk extends AutoCloseable {
    /**
     * The shape of one image's features.
     *
     * @return the shape without the batch dimension: [C, H, W], or [F] where the trunk ends in a flat vector
     */
    long[] featureShape();

    /**
     * Computes features.
     *
     * @param images [N, C, H, W], float, C order, preprocessed
     * @return [N, ...featureShape], float, C order, owned by the caller
     */
    INDArray infer(INDArray images);

    /**
     * This trunk for passes over many images, in batches: an image's features are the same bits whichever images it is
     * computed with, and one batch may take longer than {@link #infer} of this trunk, where several at once take less.
     *
     * @param batchSize the most images that are given to {@link #infer} at once
     * @return a view, closed with this trunk
     */
    default Trunk forPasses(int batchSize) {
        return new WholeBatches(this, batchSize);
    }

    /** How many batches of so many images should be computed at once, each by a thread of its own. */
    default int batchesAtOnce(int images) {
        return 1;
    }

    /**
     * Begins to make ready, in the background, what {@link #infer} would make at the first batch of so many images:
     * called where images are still to be read, or may never come. Returns at once.
     */
    default void prepare(int images) {
        // an engine that makes nothing has nothing to do
    }

    /**
     * What computes.
     *
     * @return the name of the engine, for the log and for cache keys
     */
    String engine();

    /** What was recorded or measured about convolutions, to be recorded with what this trunk's features are used for. */
    default Map<String, Algorithm> recordedAlgorithms() {
        return Map.of();
    }

    /** Frees native memory. Idempotent; {@link #infer} fails afterwards. */
    @Override
    void close();

    /** The trunk of a network without frozen layers: features are the preprocessed images. */
    public record Identity(int height, int width) implements Trunk {
        @Override
        public long[] featureShape() {
            return new long[] {3, height, width};
        }

        @Override
        public INDArray infer(INDArray images) {
            return images.dup('c');
        }

        @Override
        public String engine() {
            return "none";
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
