package org.transfer4j.internal.format.keras;

import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;

/**
 * The functions that Keras and DL4J compute alike. Not among them: gelu and hard_sigmoid, which go by different formulas,
 * and softmax, which DL4J takes over another axis of images.
 */
final class Activations {
    private static final Map<String, Activation> NAMES = new TreeMap<>(Map.ofEntries(
            Map.entry("linear", Activation.IDENTITY),
            Map.entry("relu", Activation.RELU),
            Map.entry("relu6", Activation.RELU6),
            Map.entry("sigmoid", Activation.SIGMOID),
            Map.entry("tanh", Activation.TANH),
            Map.entry("selu", Activation.SELU),
            Map.entry("softplus", Activation.SOFTPLUS),
            Map.entry("softsign", Activation.SOFTSIGN),
            Map.entry("silu", Activation.SWISH),
            Map.entry("swish", Activation.SWISH)));

    private Activations() {}

    /** The function that a layer names, the identity where it names none. */
    static IActivation of(LayerDescription layer) {
        Activation activation = NAMES.get(layer.text("activation", "linear"));
        if (activation == null) {
            throw layer.refused("activation must be one of " + NAMES.keySet() + ", but is \""
                    + layer.text("activation", "linear") + "\"");
        }
        return activation.getActivationFunction();
    }

    /** The layer ReLU: plain, with a slope below zero, or cut at 6. */
    static IActivation rectifier(LayerDescription layer) {
        double slope = layer.number("negative_slope", 0);
        double most = layer.number("max_value", Double.POSITIVE_INFINITY);
        boolean cut = most == 6 && slope == 0;
        if (layer.number("threshold", 0) != 0 || !(cut || Double.isInfinite(most))) {
            throw layer.refused("a ReLU has no threshold, and no max_value but 6 without negative_slope");
        }
        if (cut) {
            return Activation.RELU6.getActivationFunction();
        }
        return slope == 0 ? Activation.RELU.getActivationFunction() : new ActivationLReLU(slope);
    }

    /** The layer LeakyReLU; Keras 2 calls the slope alpha. */
    static IActivation leaky(LayerDescription layer) {
        return new ActivationLReLU(layer.number("negative_slope", layer.number("alpha", 0.3)));
    }

    static IActivation exponential(LayerDescription layer) {
        return new ActivationELU(layer.number("alpha", 1));
    }
}
