package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A copy of parameters to go back to; its memory is used again by each {@link #take()}. */
final class Snapshot {
    private final List<INDArray> parameters = new ArrayList<>();
    private final List<INDArray> copies = new ArrayList<>();

    Snapshot(Map<String, Map<String, INDArray>> all) {
        all.values().forEach(layer -> parameters.addAll(layer.values()));
        parameters.forEach(parameter -> copies.add(parameter.dup()));
    }

    void take() {
        for (int i = 0; i < copies.size(); i++) {
            copies.get(i).assign(parameters.get(i));
        }
    }

    void restore() {
        for (int i = 0; i < copies.size(); i++) {
            parameters.get(i).assign(copies.get(i));
        }
    }
}
