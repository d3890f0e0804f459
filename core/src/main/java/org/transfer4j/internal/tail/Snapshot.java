package org.transfer4j.internal.tail;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.network.ParameterValues;

/** A copy of parameters to go back to; its memory is used again by each {@link #take()}. */
final class Snapshot {
    private final Map<String, Map<String, INDArray>> parameters;
    private final Map<String, Map<String, INDArray>> copies = new LinkedHashMap<>();

    Snapshot(Map<String, Map<String, INDArray>> parameters) {
        this.parameters = parameters;
        parameters.forEach((layer, values) -> {
            Map<String, INDArray> copied = new LinkedHashMap<>();
            values.forEach((name, value) -> copied.put(name, value.dup()));
            copies.put(layer, copied);
        });
    }

    void take() {
        ParameterValues.copy(parameters, copies);
    }

    void restore() {
        ParameterValues.copy(copies, parameters);
    }

    /** The copies themselves, by layer and name. */
    Map<String, Map<String, INDArray>> copies() {
        return copies;
    }
}
