package org.transfer4j.internal.format.keras;

import java.util.LinkedHashMap;
import java.util.Map;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Activation.Function;

/** Keras' functions of each number, by their names and by the layers that are such functions. */
final class Activations {
    private static final String HARD_SIGMOID = "hard_sigmoid";

    /** Not among them: gelu, which there is in two formulas, and softmax, which Keras takes over the channels of images. */
    private static final Map<String, Activation> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("linear", Activation.IDENTITY);
        BY_NAME.put("relu", Activation.of(Function.RELU));
        BY_NAME.put("relu6", Activation.clip(0, 6));
        BY_NAME.put("leaky_relu", Activation.leaky(0.2));
        BY_NAME.put("elu", Activation.of(Function.ELU));
        BY_NAME.put("selu", Activation.of(Function.SELU));
        BY_NAME.put("sigmoid", Activation.of(Function.SIGMOID));
        BY_NAME.put("tanh", Activation.of(Function.TANH));
        BY_NAME.put("softplus", Activation.of(Function.SOFTPLUS));
        BY_NAME.put("softsign", Activation.of(Function.SOFTSIGN));
        BY_NAME.put("mish", Activation.of(Function.MISH));
        BY_NAME.put("silu", Activation.of(Function.SWISH));
        BY_NAME.put("swish", Activation.of(Function.SWISH));
        BY_NAME.put("hard_tanh", Activation.of(Function.CLIP));
        BY_NAME.put("hard_silu", Activation.of(Function.HARD_SWISH));
        BY_NAME.put("hard_swish", Activation.of(Function.HARD_SWISH));
        // of Keras 3; Keras 2 has another under this name
        BY_NAME.put(HARD_SIGMOID, new Activation(Function.HARD_SIGMOID, 1.0 / 6, 0.5));
    }

    private Activations() {}

    /** The function that a layer names, the identity where it names none. */
    static Activation named(LayerDescription layer) {
        String name = layer.text("activation", "linear");
        Activation activation = BY_NAME.get(name);
        if (activation == null) {
            throw layer.refused("activation must be one of " + BY_NAME.keySet() + ", but is \"" + name + "\"");
        }
        if (name.equals(HARD_SIGMOID) && layer.version().isEmpty()) {
            throw layer.refused(
                    "hard_sigmoid is x / 6 + 0.5 from Keras 3 on and 0.2 x + 0.5 before, and the file does not"
                            + " say which version wrote it");
        }
        if (name.equals(HARD_SIGMOID) && layer.version().getAsInt() < 3) {
            return Activation.of(Function.HARD_SIGMOID);
        }
        return activation;
    }

    /** The layer ReLU: plain, with a slope below zero, or cut at 6. */
    static Activation rectifier(LayerDescription layer) {
        double slope = layer.number("negative_slope", 0);
        double most = layer.number("max_value", Double.POSITIVE_INFINITY);
        boolean cut = most == 6 && slope == 0;
        if (layer.number("threshold", 0) != 0 || !(cut || Double.isInfinite(most))) {
            throw layer.refused("a ReLU has no threshold, and no max_value but 6 without negative_slope");
        }
        return cut ? Activation.clip(0, 6) : Activation.leaky(slope);
    }

    /** The layer LeakyReLU; Keras 2 calls the slope alpha. */
    static Activation leaky(LayerDescription layer) {
        return Activation.leaky(layer.number("negative_slope", layer.number("alpha", 0.3)));
    }

    /** The layer ELU. */
    static Activation exponential(LayerDescription layer) {
        return new Activation(Function.ELU, layer.number("alpha", 1), 0);
    }
}
