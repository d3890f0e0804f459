package org.transfer4j.internal.format.modelfile;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.dl4j.Dl4jParameters;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;

/** Parameters as former versions of the formats had them: where DL4J has the layer, by DL4J's names and in DL4J's shapes. */
final class FormerParameters {
    private FormerParameters() {}

    /**
     * Brings a network's parameters into the shapes of its ops; the other arrays stay as they are.
     *
     * @param arrays by names such as {@code block1_conv1/W}; those that are taken are closed
     * @throws MalformedModelException if they are not the network's, with nothing closed
     */
    static Map<String, INDArray> inShapesOfOps(Network network, Map<String, INDArray> arrays)
            throws MalformedModelException {
        Dl4jParameters parameters;
        try {
            parameters = Dl4jParameters.ofLayers(withoutOnnx(network), ModelArchive.byLayer(arrays));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new MalformedModelException("its parts contradict each other: " + e.getMessage(), e);
        }
        Map<String, INDArray> all = new LinkedHashMap<>(arrays);
        all.keySet().removeAll(parameters.names());
        parameters
                .values()
                .forEach((owner, values) ->
                        values.forEach((name, value) -> all.put(owner + "/" + name, value.dup('c'))));
        parameters
                .names()
                .forEach(name -> Objects.requireNonNull(arrays.get(name)).close());
        return all;
    }

    /** An ONNX model, whose parameter is its bytes, was as it is. */
    private static Network withoutOnnx(Network network) {
        return network.nodes().values().stream()
                .filter(node -> node.op() instanceof Op.Onnx)
                .findFirst()
                .map(node -> network.above(node.name()))
                .orElse(network);
    }
}
