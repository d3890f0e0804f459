package org.transfer4j.internal.probe;

/** A linear function of features for each class. */
public final class LinearLayer {
    private final double[][] weights;
    private final double[] bias;

    /**
     * A layer.
     *
     * @param weights [classes][features]; not copied
     * @param bias one a class; not copied
     */
    LinearLayer(double[][] weights, double[] bias) {
        this.weights = weights;
        this.bias = bias;
    }

    /** [classes][features], not copied. */
    public double[][] weights() {
        return weights;
    }

    /** One a class, not copied. */
    public double[] bias() {
        return bias;
    }
}
