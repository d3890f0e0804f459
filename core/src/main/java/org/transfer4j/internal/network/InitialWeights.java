package org.transfer4j.internal.network;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Random starting weights. Each layer's depend on the seed and the layer's name alone, so that where a network is cut
 * does not change what it starts from.
 *
 * <p>Kernels are uniform in [-limit, limit]: limit = sqrt(6 / fan-in) (He et al., 2015) for layers with ReLU,
 * sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio, 2010) for the softmax layer. Biases are zero; batch normalisation
 * starts as the identity.
 */
public final class InitialWeights {
    /** Of what is below zero, where slopes are learned: He et al., Delving Deep into Rectifiers, 2015. */
    private static final double SLOPE = 0.25;

    private InitialWeights() {}

    /** Fills layers of a network; their parameters are given by layer and DL4J's names. */
    public static void fill(Network network, Map<String, Map<String, INDArray>> parameters, long seed) {
        Map<String, List<Network.Node>> layers = network.layers();
        parameters.forEach((layer, values) -> {
            List<Network.Node> nodes = Network.known(layers, layer);
            if (nodes.stream().anyMatch(node -> node.op() instanceof Op.Onnx)) {
                throw new IllegalArgumentException(
                        layer + " is an ONNX model, which has its own weights: Weights.pretrained() takes them");
            }
            if (hasSlopes(nodes)) {
                values.values().forEach(slopes -> slopes.assign(SLOPE));
                return;
            }
            boolean output =
                    layer.equals(network.output()) && nodes.stream().anyMatch(node -> node.op() instanceof Op.Dense);
            fillLayer(layer, output ? InitialWeights::outputLimit : limit(nodes), values, seed);
        });
    }

    private static boolean hasSlopes(List<Network.Node> layer) {
        return layer.stream().anyMatch(node -> node.op() instanceof Op.Slopes);
    }

    private static ToDoubleFunction<long[]> limit(List<Network.Node> layer) {
        List<Op.Convolution> convolutions = layer.stream()
                .map(Network.Node::op)
                .filter(Op.Convolution.class::isInstance)
                .map(Op.Convolution.class::cast)
                .toList();
        if (convolutions.size() != 1 || !convolutions.get(0).isDepthwise()) {
            return InitialWeights::limit;
        }
        // each output sees one input, in whatever shape the weights are kept
        Extent kernel = convolutions.get(0).window().kernel();
        double limit = Math.sqrt(6.0 / ((long) kernel.height() * kernel.width()));
        return shape -> limit;
    }

    private static void fillLayer(
            String layer, ToDoubleFunction<long[]> limit, Map<String, INDArray> parameters, long seed) {
        SplittableRandom random = RandomStreams.of(seed, layer.hashCode());
        parameters.forEach((name, value) -> {
            switch (name) {
                // log10stdev is what DL4J keeps instead of the variance unless it is told otherwise: log10(1) is 0
                case "b", "beta", "mean", "log10stdev" -> value.assign(0);
                case "gamma", "var" -> value.assign(1);
                default -> value.assign(uniform(value.shape(), limit.applyAsDouble(value.shape()), random));
            }
        });
    }

    private static double limit(long[] shape) {
        // dense kernels are [in, out], convolution kernels [out, in, height, width]
        long fanIn = shape.length == 2 ? shape[0] : shape[1] * shape[2] * shape[3];
        return Math.sqrt(6.0 / fanIn);
    }

    private static double outputLimit(long[] shape) {
        return Math.sqrt(6.0 / (shape[0] + shape[1]));
    }

    private static INDArray uniform(long[] shape, double limit, SplittableRandom random) {
        float[] values = new float[Math.toIntExact(product(shape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * limit);
        }
        return Nd4j.createFromArray(values).reshape(shape);
    }

    private static long product(long[] shape) {
        long product = 1;
        for (long size : shape) {
            product *= size;
        }
        return product;
    }
}
