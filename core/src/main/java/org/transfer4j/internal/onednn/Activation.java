package org.transfer4j.internal.onednn;

import java.util.Map;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/**
 * An element-wise function in oneDNN's terms.
 *
 * @param algorithm one of the {@code dnnl_eltwise_} constants, 0 for the identity
 */
record Activation(int algorithm, float alpha, float beta) {
    static final Activation IDENTITY = new Activation(0, 0, 0);
    private static final Activation SIGMOID = new Activation(dnnl.dnnl_eltwise_logistic, 0, 0);
    private static final Activation TANH = new Activation(dnnl.dnnl_eltwise_tanh, 0, 0);
    private static final Activation SWISH = new Activation(dnnl.dnnl_eltwise_swish, 1, 0);

    private static final Map<Class<? extends IActivation>, Activation> WITHOUT_SETTINGS =
            Map.of(ActivationSwish.class, SWISH, ActivationSigmoid.class, SIGMOID, ActivationTanH.class, TANH);

    /** Translates DL4J's function; empty where there is no exact counterpart here. */
    static Optional<Activation> of(IActivation function) {
        if (function instanceof ActivationIdentity) {
            return Optional.of(IDENTITY);
        }
        if (function instanceof ActivationReLU relu) {
            return rectifier(relu);
        }
        if (function instanceof ActivationReLU6) {
            return Optional.of(capped(6));
        }
        if (function instanceof ActivationLReLU leaky) {
            return Optional.of(leaky(leaky.getAlpha()));
        }
        if (function instanceof ActivationELU exponential) {
            return Optional.of(new Activation(dnnl.dnnl_eltwise_elu, (float) exponential.getAlpha(), 0));
        }
        return Optional.ofNullable(WITHOUT_SETTINGS.get(function.getClass()));
    }

    /** ReLU with DL4J's settings: what is negative times a slope, or a maximum; not both, and no threshold. */
    private static Optional<Activation> rectifier(ActivationReLU relu) {
        double slope = orZero(relu.getNegativeSlope());
        Double maximum = relu.getMax();
        if (orZero(relu.getThreshold()) != 0 || (slope != 0 && maximum != null)) {
            return Optional.empty();
        }
        return Optional.of(maximum == null ? leaky(slope) : capped(maximum));
    }

    private static double orZero(@Nullable Double setting) {
        return setting == null ? 0 : setting;
    }

    private static Activation leaky(double slope) {
        return new Activation(dnnl.dnnl_eltwise_relu, (float) slope, 0);
    }

    private static Activation capped(double maximum) {
        return new Activation(dnnl.dnnl_eltwise_clip, 0, (float) maximum);
    }

    /** Whether no result is below zero. */
    boolean isNonnegative() {
        return switch (algorithm) {
            case dnnl.dnnl_eltwise_relu -> alpha == 0;
            case dnnl.dnnl_eltwise_clip -> alpha >= 0;
            case dnnl.dnnl_eltwise_logistic -> true;
            default -> false;
        };
    }

    boolean isIdentity() {
        return algorithm == 0;
    }
}
