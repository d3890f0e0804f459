package org.transfer4j.internal.network;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;

/**
 * A function of each number, or softmax.
 *
 * @param alpha the first setting, as {@link Function} has it; 0 where there is none
 * @param beta the second one
 */
public record Activation(Function function, double alpha, double beta) {
    public static final Activation IDENTITY = of(Function.IDENTITY);

    /**
     * The table of activations: one more is one line here. A line has its class in DL4J; its operators in ONNX, each with
     * its attributes, {@code x *} where the input is multiplied by their result; its algorithm in oneDNN; and its settings
     * where DL4J has none.
     */
    public enum Function {
        IDENTITY(ActivationIdentity.class, "", 0),
        /** {@code max(x, alpha * x)}, and at most beta. */
        RELU(ActivationReLU.class, null, dnnl.dnnl_eltwise_relu, 0, Double.POSITIVE_INFINITY),
        /** From alpha to beta. */
        CLIP(ActivationHardTanH.class, null, dnnl.dnnl_eltwise_clip, -1, 1),
        /** What is above alpha, and 0. */
        THRESHOLDED_RELU(ActivationThresholdedReLU.class, "ThresholdedRelu alpha", 0),
        /** {@code alpha * (exp(x) - 1)} below 0. */
        ELU(ActivationELU.class, "Elu alpha", dnnl.dnnl_eltwise_elu, 1, 0),
        SELU(ActivationSELU.class, "Selu", 0),
        SIGMOID(ActivationSigmoid.class, "Sigmoid", dnnl.dnnl_eltwise_logistic),
        /** {@code alpha * x + beta}, from 0 to 1. */
        HARD_SIGMOID(ActivationHardSigmoid.class, "HardSigmoid alpha beta", 0, 0.2, 0.5),
        TANH(ActivationTanH.class, "Tanh", dnnl.dnnl_eltwise_tanh),
        SOFTPLUS(ActivationSoftPlus.class, "Softplus", 0),
        SOFTSIGN(ActivationSoftSign.class, "Softsign", 0),
        /** {@code x * sigmoid(alpha * x)}. */
        SWISH(ActivationSwish.class, "x * Sigmoid", dnnl.dnnl_eltwise_swish, 1, 0),
        MISH(ActivationMish.class, "x * Softplus Tanh", 0),
        SOFTMAX(ActivationSoftmax.class, null, 0);

        private final Class<? extends IActivation> dl4j;
        private final @Nullable String onnx;
        private final int oneDnn;
        private final double alpha;
        private final double beta;

        Function(Class<? extends IActivation> dl4j, @Nullable String onnx, int oneDnn) {
            this(dl4j, onnx, oneDnn, 0, 0);
        }

        Function(Class<? extends IActivation> dl4j, @Nullable String onnx, int oneDnn, double alpha, double beta) {
            this.dl4j = dl4j;
            this.onnx = onnx;
            this.oneDnn = oneDnn;
            this.alpha = alpha;
            this.beta = beta;
        }

        /** The function of a class of DL4J, if it is in the table. */
        public static Optional<Function> of(Class<?> dl4j) {
            return Stream.of(values()).filter(row -> row.dl4j == dl4j).findFirst();
        }

        /** The operators in ONNX; empty where settings decide which they are. */
        public Optional<String> onnx() {
            return Optional.ofNullable(onnx);
        }

        /** One of the {@code dnnl_eltwise_} constants; 0 where there is none, and for the identity. */
        public int oneDnn() {
            return oneDnn;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The function with the table's settings. */
    public static Activation of(Function function) {
        return new Activation(function, function.alpha, function.beta);
    }

    /** ReLU whose negative side has a slope. */
    public static Activation leaky(double slope) {
        return new Activation(Function.RELU, slope, Double.POSITIVE_INFINITY);
    }

    public static Activation clip(double lowest, double highest) {
        return new Activation(Function.CLIP, lowest, highest);
    }

    public boolean isIdentity() {
        return function == Function.IDENTITY;
    }

    /** The same function as oneDNN has it, with an algorithm; empty where it has none, and for the identity. */
    public Optional<Activation> inOneDnn() {
        boolean capped = function == Function.RELU && Double.isFinite(beta);
        if (function.oneDnn == 0 || (capped && alpha != 0)) {
            return Optional.empty();
        }
        return Optional.of(capped ? clip(0, beta) : this);
    }

    /** Whether no result is below zero. */
    public boolean isNonnegative() {
        return switch (function) {
            case RELU -> alpha == 0;
            case CLIP -> alpha >= 0;
            case SIGMOID, HARD_SIGMOID, SOFTPLUS, SOFTMAX -> true;
            case THRESHOLDED_RELU -> alpha >= 0;
            case IDENTITY, ELU, SELU, TANH, SOFTSIGN, SWISH, MISH -> false;
        };
    }
}
