package org.transfer4j.internal.network;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Random starting weights. Each layer's depend on the seed and the layer's name alone, or its part's, so that where a network is cut
 * does not change what it starts from.
 *
 * <p>Kernels are uniform in [-limit, limit]: limit = sqrt(6 / fan-in) (He et al., 2015) for layers with ReLU,
 * sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio, 2010) for the output layer. Biases are zero; batch normalisation
 * starts as the identity.
 */
public final class InitialWeights {
    /** Of what is below zero, where slopes are learned: He et al., Delving Deep into Rectifiers, 2015. */
    private static final double SLOPE = 0.25;

    private InitialWeights() {}

    /**
     * Fills parameters of a network.
     *
     * @param parameters some of the network's, or all, as {@link ParameterValues} has them
     */
    public static void fill(Network network, Map<String, Map<String, INDArray>> parameters, long seed) {
        Map<String, Network.Node> owners = ParameterValues.owners(network);
        parameters.forEach((owner, values) -> {
            Network.Node node = Network.known(owners, owner);
            if (node.op() instanceof Op.Onnx) {
                throw new IllegalArgumentException(
                        owner + " is an ONNX model, which has its own weights: Weights.pretrained() takes them");
            }
            boolean output = node.layer().equals(network.output());
            SplittableRandom random = RandomStreams.of(seed, owner.hashCode());
            values.forEach((name, value) -> fill(value, name, node.op(), output, random));
        });
    }

    private static void fill(INDArray value, String name, Op op, boolean output, SplittableRandom random) {
        switch (name) {
            // the last is what DL4J may keep instead of the variance: the logarithm of its root to base 10
            case Op.BIAS, Op.BETA, Op.MEAN, "log10stdev" -> value.assign(0);
            case Op.GAMMA, Op.VARIANCE -> value.assign(1);
            default -> {
                if (op instanceof Op.Slopes) {
                    value.assign(SLOPE);
                } else if (op instanceof Op.Dense dense) {
                    // drawn input by input
                    double limit = output ? limit((long) dense.inputs() + dense.outputs()) : limit(dense.inputs());
                    value.assign(uniform(new long[] {dense.inputs(), dense.outputs()}, limit, random)
                            .transpose());
                } else if (op instanceof Op.Convolution convolution && convolution.isDepthwise()) {
                    // drawn place by place
                    Extent kernel = convolution.window().kernel();
                    long[] places = {kernel.height(), kernel.width(), 1, convolution.outputs()};
                    value.assign(uniform(places, limit(NetworkSize.product(kernel.height(), kernel.width())), random)
                            .permute(3, 2, 0, 1));
                } else {
                    value.assign(uniform(value.shape(), limit(fanIn(value.shape())), random));
                }
            }
        }
    }

    /** Of a kernel [out, in, height, width]; of a matrix of a layer that DL4J alone knows, which is [in, out]. */
    private static long fanIn(long[] shape) {
        return shape.length == 2 ? shape[0] : NetworkSize.product(Arrays.copyOfRange(shape, 1, shape.length));
    }

    private static double limit(long fan) {
        return Math.sqrt(6.0 / fan);
    }

    private static INDArray uniform(long[] shape, double limit, SplittableRandom random) {
        float[] values = new float[Math.toIntExact(NetworkSize.product(shape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * limit);
        }
        return Nd4j.createFromArray(values).reshape(shape);
    }
}
