package org.transfer4j.internal.onnx;

import java.util.Map;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer where it stands in the network.
 *
 * @param name its vertex
 * @param layer its settings
 * @param parameters its weights by DL4J's names
 * @param input what it reads
 * @param graph where its nodes go
 */
record LayerSite(String name, Layer layer, Map<String, INDArray> parameters, Value input, OnnxGraph graph) {
    UnsupportedOperationException unsupported(String reason) {
        return Unsupported.layer(name, layer, reason);
    }

    /** The input, for layers that need an image. */
    Value image() {
        if (!input.isImage()) {
            throw unsupported("needs an image [C, H, W], its input is " + input.shape());
        }
        return input;
    }

    INDArray parameter(String parameter) {
        INDArray values = parameters.get(parameter);
        if (values == null) {
            throw unsupported("has no parameter " + parameter);
        }
        return values;
    }

    Node node(String operator) {
        return graph.node(name, operator);
    }

    /** A parameter as it is; returns the tensor's name. */
    String weights(String parameter) {
        return weights(parameter, parameter(parameter));
    }

    /** A parameter brought into another shape; returns the tensor's name. */
    String weights(String parameter, INDArray values) {
        return graph.weights(name, parameter, values);
    }

    /** A parameter of one number a channel or unit, which DL4J keeps as a row; returns the tensor's name. */
    String vector(String parameter) {
        INDArray values = parameter(parameter);
        return weights(parameter, values.reshape(values.length()));
    }

    Value activate(Value value, IActivation function) {
        return Activations.append(this, value, function);
    }
}
