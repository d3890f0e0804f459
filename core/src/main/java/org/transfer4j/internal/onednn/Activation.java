package org.transfer4j.internal.onednn;

import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSwish;

/**
 * An element-wise function in oneDNN's terms.
 *
 * @param algorithm one of the {@code dnnl_eltwise_} constants, 0 for the identity
 */
record Activation(int algorithm, float alpha, float beta) {
    static final Activation IDENTITY = new Activation(0, 0, 0);
    static final Activation RELU = new Activation(dnnl.dnnl_eltwise_relu, 0, 0);
    private static final Activation RELU6 = new Activation(dnnl.dnnl_eltwise_clip, 0, 6);
    private static final Activation SWISH = new Activation(dnnl.dnnl_eltwise_swish, 1, 0);

    /** Translates DL4J's function; empty where there is no exact counterpart here. */
    static Optional<Activation> of(IActivation function) {
        if (function instanceof ActivationIdentity) {
            return Optional.of(IDENTITY);
        }
        if (function instanceof ActivationReLU relu) {
            return rectifier(relu);
        }
        if (function instanceof ActivationReLU6) {
            return Optional.of(RELU6);
        }
        if (function instanceof ActivationLReLU leaky) {
            return Optional.of(new Activation(dnnl.dnnl_eltwise_relu, (float) leaky.getAlpha(), 0));
        }
        return function instanceof ActivationSwish ? Optional.of(SWISH) : Optional.empty();
    }

    private static Optional<Activation> rectifier(ActivationReLU relu) {
        boolean plain = isZero(relu.getThreshold()) && isZero(relu.getNegativeSlope()) && isZero(relu.getMax());
        return plain ? Optional.of(RELU) : Optional.empty();
    }

    private static boolean isZero(Double setting) {
        return setting == null || setting == 0.0;
    }

    boolean isIdentity() {
        return algorithm == 0;
    }
}
