package org.transfer4j.internal.dl4j;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Activation.Function;

/** Activations in ND4J and here: the table of {@link Function}, and the settings that some have. */
final class Activations {
    private Activations() {}

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if there is nothing like it here
     */
    static Activation read(IActivation function) {
        if (function instanceof ActivationReLU relu) {
            return rectifier(relu);
        }
        if (function instanceof ActivationReLU6) {
            return Activation.clip(0, 6);
        }
        if (function instanceof ActivationLReLU leaky) {
            return Activation.leaky(leaky.getAlpha());
        }
        if (function instanceof ActivationELU exponential) {
            return new Activation(Function.ELU, exponential.getAlpha(), 0);
        }
        if (function instanceof ActivationThresholdedReLU above) {
            return new Activation(Function.THRESHOLDED_RELU, above.getTheta(), 0);
        }
        return Function.of(function.getClass())
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
     * Writes one, so that it is read as it was.
     *
     * @throws IllegalArgumentException if ND4J has none like it
     */
    static IActivation write(Activation activation) {
        IActivation written = written(activation);
        if (!read(written).equals(activation)) {
            throw new IllegalArgumentException("DL4J has no " + activation.function() + " with the settings "
                    + activation.alpha() + " and " + activation.beta());
        }
        return written;
    }

    private static IActivation written(Activation activation) {
        if (activation.equals(Activation.clip(0, 6))) {
            return new ActivationReLU6();
        }
        if (activation.equals(Activation.of(Function.RELU))) {
            return new ActivationReLU();
        }
        return switch (activation.function()) {
            case RELU ->
                Double.isFinite(activation.beta())
                        ? new ActivationReLU(activation.beta(), 0.0, activation.alpha())
                        : new ActivationLReLU(activation.alpha());
            case ELU -> new ActivationELU(activation.alpha());
            case THRESHOLDED_RELU -> new ActivationThresholdedReLU(activation.alpha());
            default -> activation.function().inNd4j();
        };
    }
}
