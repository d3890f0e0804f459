package org.transfer4j.internal.trunk;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The trunk of a network without frozen layers: features are the preprocessed images. */
public record IdentityTrunk(int height, int width) implements Trunk {
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
