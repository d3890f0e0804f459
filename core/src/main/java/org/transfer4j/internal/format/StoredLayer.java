package org.transfer4j.internal.format;

import java.util.List;

/**
 * A layer with weights in a file.
 *
 * @param name its name, or its group's where the file doesn't tell the name
 * @param named whether the name is the layer's own
 * @param sequence which of the file's sequences it stands in: the layers of one sequence are in the network's order
 * @param arrays its weights in the order kernel, bias; for batch normalization scale, shift, mean, variance
 */
public record StoredLayer(String name, boolean named, String sequence, List<StoredArray> arrays) {
    /** Copies the list. */
    public StoredLayer {
        arrays = List.copyOf(arrays);
    }
}
