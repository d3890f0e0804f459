package org.transfer4j.internal.onnx;

import static java.util.Map.entry;

import java.util.Map;
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

/** Activation functions that compute the same in ONNX. */
final class Activations {
    private static final Map<Class<? extends IActivation>, Conversion> BY_KIND = Map.ofEntries(
            entry(ActivationIdentity.class, (site, value, function) -> value),
            entry(ActivationReLU.class, (site, value, function) -> rectifier(site, value, (ActivationReLU) function)),
            entry(ActivationReLU6.class, (site, value, function) -> clip(site, value, 0.0, 6.0)),
            entry(
                    ActivationLReLU.class,
                    (site, value, function) -> leaky(site, value, ((ActivationLReLU) function).getAlpha())),
            entry(
                    ActivationThresholdedReLU.class,
                    (site, value, function) -> site.node("ThresholdedRelu")
                            .inputs(value)
                            .attribute("alpha", ((ActivationThresholdedReLU) function).getTheta())
                            .output(value.shape())),
            entry(
                    ActivationELU.class,
                    (site, value, function) -> site.node("Elu")
                            .inputs(value)
                            .attribute("alpha", ((ActivationELU) function).getAlpha())
                            .output(value.shape())),
            entry(ActivationSELU.class, plain("Selu")),
            entry(ActivationSigmoid.class, plain("Sigmoid")),
            // its defaults, 0.2 and 0.5, are DL4J's constants
            entry(ActivationHardSigmoid.class, plain("HardSigmoid")),
            entry(ActivationTanH.class, plain("Tanh")),
            entry(ActivationHardTanH.class, (site, value, function) -> clip(site, value, -1.0, 1.0)),
            entry(ActivationSoftPlus.class, plain("Softplus")),
            entry(ActivationSoftSign.class, plain("Softsign")),
            entry(
                    ActivationSwish.class,
                    (site, value, function) -> product(site, value, apply(site, "Sigmoid", value))),
            entry(
                    ActivationMish.class,
                    (site, value, function) ->
                            product(site, value, apply(site, "Tanh", apply(site, "Softplus", value)))),
            entry(
                    ActivationSoftmax.class,
                    (site, value, function) -> site.node("Softmax")
                            .inputs(value)
                            .attribute("axis", -1)
                            .output(value.shape())));

    /** Writes one function. */
    private interface Conversion {
        Value convert(LayerSite site, Value value, IActivation function);
    }

    private Activations() {}

    static Value append(LayerSite site, Value value, IActivation function) {
        Conversion conversion = BY_KIND.get(function.getClass());
        if (conversion == null) {
            throw site.unsupported("has the activation " + function + ", which is not known here");
        }
        return conversion.convert(site, value, function);
    }

    private static Conversion plain(String operator) {
        return (site, value, function) -> apply(site, operator, value);
    }

    private static Value apply(LayerSite site, String operator, Value value) {
        return site.node(operator).inputs(value).output(value.shape());
    }

    private static Value product(LayerSite site, Value left, Value right) {
        return site.node("Mul").inputs(left, right).output(left.shape());
    }

    private static Value leaky(LayerSite site, Value value, double slope) {
        return site.node("LeakyRelu").inputs(value).attribute("alpha", slope).output(value.shape());
    }

    private static Value clip(LayerSite site, Value value, double lowest, double highest) {
        return site.node("Clip")
                .inputs(value)
                .constants(
                        site.graph().scalar(site.name(), "lowest", lowest),
                        site.graph().scalar(site.name(), "highest", highest))
                .output(value.shape());
    }

    /** Keras' ReLU with its three settings, of which ONNX has no threshold. */
    private static Value rectifier(LayerSite site, Value value, ActivationReLU function) {
        if (!isZero(function.getThreshold())) {
            throw site.unsupported("has a rectifier with threshold " + function.getThreshold());
        }
        Value rectified = isZero(function.getNegativeSlope())
                ? apply(site, "Relu", value)
                : leaky(site, value, function.getNegativeSlope());
        return function.getMax() == null
                ? rectified
                : site.node("Min")
                        .inputs(rectified)
                        .constants(site.graph().scalar(site.name(), "highest", function.getMax()))
                        .output(value.shape());
    }

    private static boolean isZero(Double setting) {
        return setting == null || setting == 0.0;
    }
}
