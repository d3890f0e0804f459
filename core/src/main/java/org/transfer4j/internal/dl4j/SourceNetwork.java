package org.transfer4j.internal.dl4j;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network of DL4J with its parameters.
 *
 * @param name for errors
 * @param configuration of the whole network
 * @param parameters in float, by vertex and by DL4J's names
 */
public record SourceNetwork(
        String name, ComputationGraphConfiguration configuration, Map<String, Map<String, INDArray>> parameters) {
    /** A network whose layers are in a row, as a graph; parameters by the layers' numbers. */
    public static SourceNetwork of(
            String name, MultiLayerConfiguration layers, Map<Integer, Map<String, INDArray>> parameters) {
        LayerRow row = new LayerRow(layers);
        Map<String, Map<String, INDArray>> named = new HashMap<>();
        parameters.forEach((number, values) -> named.put(row.name(number), values));
        return new SourceNetwork(name, row.graph(), named);
    }
}
