package org.transfer4j.internal.format;

import java.util.List;

/**
 * A layer with weights in a file.
 *
 * @param name its name, or its group's where the file doesn't tell the name
 * @param named whether the name is the layer's own
 * @param group where the file has it, in a file of Keras; else empty
 * @param sequence which of the file's sequences it stands in: the layers of one sequence are in the network's order
 * @param arrays its weights in the order kernel, bias; for batch normalization scale, shift, mean, variance
 */
public record StoredLayer(String name, boolean named, String group, String sequence, List<StoredArray> arrays) {
    /** Copies the list. */
    public StoredLayer {
        arrays = List.copyOf(arrays);
    }

    /** Of a file whose layers all have names of their own. */
    public StoredLayer(String name, boolean named, String sequence, List<StoredArray> arrays) {
        this(name, named, "", sequence, arrays);
    }
}
