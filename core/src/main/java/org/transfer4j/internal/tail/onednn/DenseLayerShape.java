package org.transfer4j.internal.tail.onednn;

/**
 * One fully connected layer.
 *
 * @param name the layer's name
 * @param inputs the number of inputs
 * @param outputs the number of outputs
 * @param rectified whether ReLU follows
 * @param retained the probability with which dropout keeps an input in training; 1 without dropout
 */
record DenseLayerShape(String name, int inputs, int outputs, boolean rectified, double retained) {
    long weights() {
        return (long) inputs * outputs;
    }
}
