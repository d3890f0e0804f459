package org.transfer4j.internal.network;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
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
@JsonAutoDetect(isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public record Activation(Function function, double alpha, double beta) {
    public static final Activation IDENTITY = of(Function.IDENTITY);

    /** What SELU's exponential linear unit is multiplied by: Klambauer et al., Self-Normalizing Neural Networks, 2017. */
    public static final double SELU_SCALE = 1.0507009873554805;

    /** The alpha of SELU's exponential linear unit. */
    public static final double SELU_ALPHA = 1.6732632423543772;

    /**
     * The table of activations: one more is one line here. A line has its class in ND4J, if there is one; its operators in ONNX, each with
     * its attributes, {@code x *} where the input is multiplied by their result; its algorithm in oneDNN; its
     * definition; and its settings where it has some.
     */
    public enum Function {
        IDENTITY(ActivationIdentity::new, "", 0, (x, alpha, beta) -> x),
        /** {@code max(x, alpha * x)}, and at most beta. */
        RELU(
                ActivationReLU::new,
                null,
                dnnl.dnnl_eltwise_relu,
                (x, alpha, beta) -> Math.min(x < 0 ? alpha * x : x, beta),
                0,
                Double.POSITIVE_INFINITY),
        /** From alpha to beta. */
        CLIP(ActivationHardTanH::new, null, dnnl.dnnl_eltwise_clip, Formula::clip, -1, 1),
        /** What is above alpha, and 0. */
        THRESHOLDED_RELU(
                ActivationThresholdedReLU::new, "ThresholdedRelu alpha", 0, (x, alpha, beta) -> x > alpha ? x : 0),
        /** {@code alpha * (exp(x) - 1)} below 0. */
        ELU(ActivationELU::new, "Elu alpha", dnnl.dnnl_eltwise_elu, Formula::elu, 1, 0),
        SELU(ActivationSELU::new, "Selu", 0, (x, alpha, beta) -> SELU_SCALE * Formula.elu(x, SELU_ALPHA, 0)),
        SIGMOID(ActivationSigmoid::new, "Sigmoid", dnnl.dnnl_eltwise_logistic, (x, alpha, beta) -> Formula.sigmoid(x)),
        /** {@code alpha * x + beta}, from 0 to 1; alpha is 1 / 6 in Keras 3 and PyTorch, 0.2 in Keras 2 and DL4J. */
        HARD_SIGMOID(
                ActivationHardSigmoid::new,
                "HardSigmoid alpha beta",
                0,
                (x, alpha, beta) -> Formula.clip(alpha * x + beta, 0, 1),
                0.2,
                0.5),
        TANH(ActivationTanH::new, "Tanh", dnnl.dnnl_eltwise_tanh, (x, alpha, beta) -> StrictMath.tanh(x)),
        SOFTPLUS(
                ActivationSoftPlus::new,
                "Softplus",
                dnnl.dnnl_eltwise_soft_relu,
                (x, alpha, beta) -> Formula.softplus(x)),
        SOFTSIGN(ActivationSoftSign::new, "Softsign", 0, (x, alpha, beta) -> x / (1 + Math.abs(x))),
        /** {@code x * sigmoid(alpha * x)}. */
        SWISH(
                ActivationSwish::new,
                "x * Sigmoid",
                dnnl.dnnl_eltwise_swish,
                (x, alpha, beta) -> x * Formula.sigmoid(alpha * x),
                1,
                0),
        /** {@code x} times the hard sigmoid. */
        HARD_SWISH(
                null,
                "x * HardSigmoid alpha beta",
                dnnl.dnnl_eltwise_hardswish,
                (x, alpha, beta) -> x * Formula.clip(alpha * x + beta, 0, 1),
                1.0 / 6,
                0.5),
        MISH(
                ActivationMish::new,
                "x * Softplus Tanh",
                dnnl.dnnl_eltwise_mish,
                (x, alpha, beta) -> x * StrictMath.tanh(Formula.softplus(x))),
        SOFTMAX(ActivationSoftmax::new, null, 0, (x, alpha, beta) -> {
            throw new IllegalArgumentException("softmax is a function of all numbers together");
        });

        /** What becomes of one number. Of the same bits on every machine, hence of {@link StrictMath}. */
        @FunctionalInterface
        private interface Formula {
            double of(double x, double alpha, double beta);

            static double clip(double x, double lowest, double highest) {
                return Math.max(lowest, Math.min(highest, x));
            }

            static double elu(double x, double alpha, double beta) {
                return x < 0 ? alpha * StrictMath.expm1(x) : x;
            }

            static double sigmoid(double x) {
                return 1 / (1 + StrictMath.exp(-x));
            }

            static double softplus(double x) {
                return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
            }
        }

        @SuppressWarnings("ImmutableEnumChecker") // a constructor
        private final @Nullable Supplier<IActivation> nd4j;

        private final @Nullable String onnx;
        private final int oneDnn;

        @SuppressWarnings("ImmutableEnumChecker") // without state
        private final Formula formula;

        private final double alpha;
        private final double beta;

        Function(@Nullable Supplier<IActivation> nd4j, @Nullable String onnx, int oneDnn, Formula formula) {
            this(nd4j, onnx, oneDnn, formula, 0, 0);
        }

        Function(
                @Nullable Supplier<IActivation> nd4j,
                @Nullable String onnx,
                int oneDnn,
                Formula formula,
                double alpha,
                double beta) {
            this.nd4j = nd4j;
            this.onnx = onnx;
            this.oneDnn = oneDnn;
            this.formula = formula;
            this.alpha = alpha;
            this.beta = beta;
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

    /**
     * Reads one of ND4J.
     *
     * @throws IllegalArgumentException if there is nothing like it here
     */
    public static Activation ofNd4j(IActivation function) {
        if (function instanceof ActivationReLU relu) {
            return rectifier(relu);
        }
        if (function instanceof ActivationReLU6) {
            return clip(0, 6);
        }
        if (function instanceof ActivationLReLU leaky) {
            return leaky(leaky.getAlpha());
        }
        if (function instanceof ActivationELU exponential) {
            return new Activation(Function.ELU, exponential.getAlpha(), 0);
        }
        if (function instanceof ActivationThresholdedReLU above) {
            return new Activation(Function.THRESHOLDED_RELU, above.getTheta(), 0);
        }
        return Stream.of(Function.values())
                .filter(row -> row.nd4j != null && row.nd4j.get().getClass() == function.getClass())
                .findFirst()
                .map(Activation::of)
                .orElseThrow(() -> new IllegalArgumentException("the activation " + function + " is not known here"));
    }

    /** Keras' ReLU with its three settings. */
    private static Activation rectifier(ActivationReLU relu) {
        if (orZero(relu.getThreshold()) != 0) {
            throw new IllegalArgumentException("activation relu with threshold " + relu.getThreshold());
        }
        double maximum = relu.getMax() == null ? Double.POSITIVE_INFINITY : relu.getMax();
        return new Activation(Function.RELU, orZero(relu.getNegativeSlope()), maximum);
    }

    private static double orZero(@Nullable Double setting) {
        return setting == null ? 0 : setting;
    }

    /**
     * As ND4J has it, so that it is read as it was.
     *
     * @throws IllegalArgumentException if ND4J has none like it
     */
    public IActivation inNd4j() {
        IActivation written = switch (function) {
            case RELU ->
                equals(of(Function.RELU))
                        ? new ActivationReLU()
                        : Double.isFinite(beta) ? new ActivationReLU(beta, 0.0, alpha) : new ActivationLReLU(alpha);
            case CLIP -> equals(clip(0, 6)) ? new ActivationReLU6() : new ActivationHardTanH();
            case ELU -> new ActivationELU(alpha);
            case THRESHOLDED_RELU -> new ActivationThresholdedReLU(alpha);
            default -> {
                if (function.nd4j == null) {
                    throw new IllegalArgumentException("DL4J has no " + function);
                }
                yield function.nd4j.get();
            }
        };
        if (!ofNd4j(written).equals(this)) {
            throw new IllegalArgumentException(
                    "DL4J has no " + function + " with the settings " + alpha + " and " + beta);
        }
        return written;
    }

    public boolean isIdentity() {
        return function == Function.IDENTITY;
    }

    /**
     * What becomes of one number, as the function is defined.
     *
     * @throws IllegalArgumentException of softmax
     */
    public double apply(double x) {
        return function.formula.of(x, alpha, beta);
    }

    /**
     * The derivative at one number. Where the function has a corner it is that of one of its sides, as PyTorch has it: the
     * left one of ReLU, the flat one of the clipped functions.
     *
     * @throws IllegalArgumentException of softmax
     */
    public double slope(double x) {
        double y = apply(x);
        return switch (function) {
            case IDENTITY -> 1;
            case SOFTMAX -> throw new IllegalArgumentException("softmax is a function of all numbers together");
            case RELU -> x >= beta ? 0 : x > 0 ? 1 : alpha;
            case CLIP -> x > alpha && x < beta ? 1 : 0;
            case THRESHOLDED_RELU -> x > alpha ? 1 : 0;
            case ELU -> x > 0 ? 1 : y + alpha;
            case SELU -> x > 0 ? y / x : y + SELU_SCALE * SELU_ALPHA;
            case SIGMOID -> y * (1 - y);
            case HARD_SIGMOID -> y > 0 && y < 1 ? alpha : 0;
            case TANH -> 1 - y * y;
            case SOFTPLUS -> Function.Formula.sigmoid(x);
            case SOFTSIGN -> 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)));
            case SWISH -> {
                double part = Function.Formula.sigmoid(alpha * x);
                yield part + alpha * y * (1 - part);
            }
            case HARD_SWISH -> {
                double part = alpha * x + beta;
                yield part <= 0 ? 0 : part >= 1 ? 1 : part + alpha * x;
            }
            case MISH -> {
                double part = StrictMath.tanh(Function.Formula.softplus(x));
                yield part + x * (1 - part * part) * Function.Formula.sigmoid(x);
            }
        };
    }

    /** The same function as oneDNN has it, with an algorithm; empty where it has none, and for the identity. */
    public Optional<Activation> inOneDnn() {
        boolean capped = function == Function.RELU && Double.isFinite(beta);
        boolean unusual = function == Function.HARD_SWISH && !equals(of(function));
        if (function.oneDnn == 0 || (capped && alpha != 0) || unusual) {
            return Optional.empty();
        }
        return Optional.of(capped ? clip(0, beta) : this);
    }

    /** Whether no result is below zero. */
    public boolean isNonnegative() {
        return switch (function) {
            case RELU -> alpha == 0;
            case CLIP, THRESHOLDED_RELU -> alpha >= 0;
            case SIGMOID, HARD_SIGMOID, SOFTPLUS, SOFTMAX -> true;
            case IDENTITY, ELU, SELU, TANH, SOFTSIGN, SWISH, HARD_SWISH, MISH -> false;
        };
    }
}
