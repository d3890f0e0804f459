package org.transfer4j.internal.gradient;

import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer's parameters and their gradients by DL4J's names, as views of the graph's two flat arrays.
 *
 * @param gradients in DL4J's shapes
 */
record ParameterViews(Map<String, INDArray> parameters, Map<String, INDArray> gradients) {
    INDArray parameter(String name) {
        return known(parameters, name);
    }

    INDArray gradient(String name) {
        return known(gradients, name);
    }

    private static INDArray known(Map<String, INDArray> arrays, String name) {
        INDArray array = arrays.get(name);
        if (array == null) {
            throw new IllegalStateException("a layer has no parameter " + name + ", only " + arrays.keySet());
        }
        return array;
    }

    /** Of a layer of a graph whose gradients have their flat array already. */
    static ParameterViews of(Layer layer) {
        INDArray flat = layer.getGradientsViewArray();
        // DL4J's frozen layers have none
        Map<String, INDArray> gradients = flat == null
                ? Map.of()
                : layer.conf().getLayer().initializer().getGradientsFromFlattened(layer.conf(), flat);
        return new ParameterViews(layer.paramTable(), gradients);
    }
}
