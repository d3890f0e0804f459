package org.transfer4j.internal.trunk;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/**
 * A trunk that always computes as many images together, zeros behind the last ones. Engines compute small batches in
 * other ways, with other last bits; so an image's features are the same whichever images it is computed with.
 */
final class WholeBatches implements Trunk {
    private final Trunk trunk;
    private final int batchSize;

    /**
     * Wraps a trunk.
     *
     * @param batchSize the most images that {@link #infer} is given
     */
    WholeBatches(Trunk trunk, int batchSize) {
        this.trunk = trunk;
        this.batchSize = batchSize;
    }

    @Override
    public long[] featureShape() {
        return trunk.featureShape();
    }

    @Override
    public INDArray infer(INDArray images) {
        long count = images.size(0);
        if (count > batchSize) {
            throw new IllegalArgumentException("at most " + batchSize + " images at once, got " + count);
        }
        if (count == batchSize) {
            return trunk.infer(images);
        }
        long[] shape = images.shape();
        shape[0] = batchSize;
        try (INDArray padded = Nd4j.createUninitializedDetached(images.dataType(), 'c', shape)) {
            padded.get(NDArrayIndex.interval(0, count)).assign(images);
            padded.get(NDArrayIndex.interval(count, batchSize)).assign(0);
            try (INDArray features = trunk.infer(padded)) {
                return features.get(NDArrayIndex.interval(0, count)).dup('c');
            }
        }
    }

    @Override
    public void prepare(int images) {
        trunk.prepare(batchSize);
    }

    @Override
    public Map<String, Algorithm> recordedAlgorithms() {
        return trunk.recordedAlgorithms();
    }

    @Override
    public String engine() {
        return trunk.engine() + ", batches of " + batchSize;
    }

    @Override
    public void close() {
        trunk.close();
    }
}
