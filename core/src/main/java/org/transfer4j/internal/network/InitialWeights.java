package org.transfer4j.internal.network;

import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
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
    private InitialWeights() {}

    /** Fills layers of a graph; their parameters are given by layer and DL4J's names. */
    public static void fill(
            ComputationGraphConfiguration graph, Map<String, Map<String, INDArray>> parameters, long seed) {
        Set<String> depthwise = Vertices.depthwiseConvolutions(graph);
        parameters.forEach((layer, values) -> {
            if (isOutput(graph, layer)) {
                fillLayer(layer, InitialWeights::softmaxLimit, values, seed);
            } else if (depthwise.contains(layer)) {
                fillLayer(layer, InitialWeights::depthwiseLimit, values, seed);
            } else {
                fillLayer(layer, InitialWeights::limit, values, seed);
            }
        });
    }

    private static boolean isOutput(ComputationGraphConfiguration graph, String layer) {
        return graph.getVertices().get(layer) instanceof LayerVertex vertex
                && vertex.getLayerConf().getLayer() instanceof OutputLayer;
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

    private static double depthwiseLimit(long[] shape) {
        // [height, width, in, multiplier], and each output sees one input
        return Math.sqrt(6.0 / (shape[0] * shape[1]));
    }

    private static double softmaxLimit(long[] shape) {
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
