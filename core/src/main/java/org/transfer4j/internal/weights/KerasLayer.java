package org.transfer4j.internal.weights;

import java.util.List;

/**
 * A layer with weights in a file of Keras.
 *
 * @param name its name, or its group's where the file doesn't tell the name
 * @param named whether the name is the layer's own
 * @param sequence which of the file's sequences it stands in: the layers of one sequence are in the network's order
 * @param arrays its weights in Keras' order: kernel, bias; gamma, beta, moving mean, moving variance
 */
record KerasLayer(String name, boolean named, String sequence, List<StoredArray> arrays) {
    /** Whether it is a layer of Keras' class Normalization: that has a count, as no other has. */
    boolean normalizesInput() {
        return arrays.size() == 3 && arrays.get(2).name().matches("(.*/)?count(:0)?");
    }
}
