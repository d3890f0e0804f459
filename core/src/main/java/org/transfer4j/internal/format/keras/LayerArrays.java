package org.transfer4j.internal.format.keras;

import java.util.List;

/**
 * What a file of Keras holds of a layer that DL4J computes.
 *
 * @param name the layer
 * @param parameters DL4J's names of its arrays, in Keras' order; gamma or beta are not there where Keras has none
 * @param depthwise whether its kernel "W" is that of a depthwise convolution: [height, width, in, multiplier] in both
 */
public record LayerArrays(String name, List<String> parameters, boolean depthwise) {
    /** Copies the list. */
    public LayerArrays {
        parameters = List.copyOf(parameters);
    }
}
