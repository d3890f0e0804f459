package org.transfer4j.internal.fitted;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.head.HeadLayer;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Shape;

/** What like images are found by, with a fitted network: what its head reads of the backbone, averaged or flat, whatever is frozen. */
final class Embedding {
    private final FittedNetwork network;
    private final String output;
    private final int width;
    private final boolean frozen;

    Embedding(FittedNetwork network) {
        this.network = network;
        Network whole = network.plan().network();
        output = network.plan().backboneOutput();
        Shape shape = whole.shape(output);
        boolean averaged = network.plan().head().layers().get(0) instanceof HeadLayer.GlobalAveragePooling;
        width = averaged ? shape.channels() : Math.toIntExact(shape.elements());
        frozen = network.plan()
                .cut()
                .filter(cut -> whole.upTo(cut).contains(output))
                .isPresent();
    }

    /** How many features an image has. */
    int width() {
        return width;
    }

    /** Whether they come of what the tail reads, with nothing more to be computed. */
    boolean isFrozen() {
        return frozen;
    }

    /** Those of what the tail reads of images; of preprocessed images where that does not suffice. */
    float[][] of(INDArray input) {
        return frozen
                ? means(input.reshape('c', 1, input.length()).toFloatVector(), input.size(0))
                : network.withFeatureMap(output, map -> means(map.of(input), input.size(0)));
    }

    private float[][] means(float[] values, long images) {
        float[][] means = new float[Math.toIntExact(images)][width];
        int area = values.length / (means.length * width);
        for (int n = 0; n < means.length; n++) {
            int image = n * width * area;
            for (int c = 0; c < width; c++) {
                means[n][c] = mean(values, image + c * area, area);
            }
        }
        return means;
    }

    private static float mean(float[] values, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += values[i];
        }
        return (float) (sum / count);
    }
}
