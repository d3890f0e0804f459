package org.transfer4j.internal.format.modelfile;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All that one checkpoint holds.
 *
 * @param libraryVersion version of the library that wrote it
 * @param backbone name of the backbone
 * @param state JSON, whose meaning belongs to the caller
 * @param arrays float arrays, written in the order of this map. They are not copied
 */
public record CheckpointContents(String libraryVersion, String backbone, String state, Map<String, INDArray> arrays) {
    static final String STATE = "state.json";

    /** Copies the map, but not the arrays. */
    public CheckpointContents {
        arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
    }
}
