package org.transfer4j.internal.fitted;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.chart.Heat;
import org.transfer4j.internal.engine.OnnxEngine;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;

/**
 * How much of each patch comes to what a transformer gives, by attention alone (S. Abnar, W. Zuidema, "Quantifying Attention Flow in
 * Transformers", 2020): the attention of a block is the mean over its heads, and half of what a token gives on is itself, as by the
 * connection around the block; the product over all blocks is what comes through.
 */
final class AttentionRollout {
    /** More tokens than a class token and sixteen registers stand before the patches of no network. */
    private static final int MOST_PREFIX = 17;

    private AttentionRollout() {}

    /**
     * Opens the attention of the ONNX model in a network.
     *
     * @param name of the network, for messages
     * @throws UnsupportedOperationException if there is no model in it, or none whose attention can be seen
     */
    static OnnxEngine.Attention open(String name, Network network, Map<String, Map<String, INDArray>> parameters) {
        for (Network.Node node : network.nodes().values()) {
            if (node.op() instanceof Op.Onnx op) {
                OnnxEngine engine = OnnxEngine.find().orElseThrow();
                INDArray model = ParameterValues.of(network, parameters).of(node, Op.MODEL);
                try {
                    return engine.attention(op, model);
                } catch (UnsupportedOperationException e) {
                    throw new UnsupportedOperationException(name + " " + e.getMessage(), e);
                }
            }
        }
        throw new UnsupportedOperationException("attention rollout is of transformers, which are ONNX models here; "
                + name + " has no attention: explain it by Grad-CAM or Score-CAM");
    }

    /**
     * The map of one image, by its largest value.
     *
     * @param input preprocessed, [1, 3, height, width]
     */
    static Heat of(OnnxEngine.Attention attention, INDArray input, Shape image) {
        int tokens = attention.tokens();
        int patch = patch(tokens, image);
        int height = image.height() / patch;
        int width = image.width() / patch;
        int prefix = tokens - height * width;
        double[][] rollout = rollout(attention.of(input), tokens);
        float[] values = new float[height * width];
        double largest = 0;
        for (int i = 0; i < values.length; i++) {
            double value = rollout[0][prefix + i];
            if (prefix == 0) {
                // nobody stands for all: each patch as much as the others
                value = 0;
                for (double[] row : rollout) {
                    value += row[i] / tokens;
                }
            }
            values[i] = (float) value;
            largest = Math.max(largest, value);
        }
        for (int i = 0; i < values.length && largest > 0; i++) {
            values[i] = (float) (values[i] / largest);
        }
        return new Heat(height, width, values);
    }

    /**
     * The side of the patches: the one that leaves the fewest tokens before them.
     *
     * @throws UnsupportedOperationException if there is none
     */
    static int patch(int tokens, Shape image) {
        for (int patch = 1; patch <= Math.min(image.height(), image.width()); patch++) {
            if (image.height() % patch == 0 && image.width() % patch == 0) {
                long left = tokens - (long) (image.height() / patch) * (image.width() / patch);
                if (left >= 0 && left < MOST_PREFIX) {
                    return patch;
                }
            }
        }
        throw new UnsupportedOperationException("its attention is between " + tokens
                + " tokens, which are no patches of an image of " + image.height() + "x" + image.width());
    }

    /** The product of all blocks' attention, the highest first. */
    private static double[][] rollout(List<float[]> blocks, int tokens) {
        double[][] product = new double[tokens][tokens];
        for (int i = 0; i < tokens; i++) {
            product[i][i] = 1;
        }
        for (float[] block : blocks) {
            double[][] mixed = mixed(block, tokens);
            double[][] next = new double[tokens][tokens];
            for (int i = 0; i < tokens; i++) {
                for (int k = 0; k < tokens; k++) {
                    double share = mixed[i][k];
                    for (int j = 0; j < tokens; j++) {
                        next[i][j] += share * product[k][j];
                    }
                }
            }
            product = next;
        }
        return product;
    }

    /** The mean over heads, and the identity, each row with the sum 1. */
    private static double[][] mixed(float[] block, int tokens) {
        int heads = block.length / (tokens * tokens);
        double[][] mixed = new double[tokens][tokens];
        for (int i = 0; i < tokens; i++) {
            double sum = 0;
            for (int j = 0; j < tokens; j++) {
                double mean = 0;
                for (int head = 0; head < heads; head++) {
                    mean += block[(head * tokens + i) * tokens + j];
                }
                mixed[i][j] = mean / heads + (i == j ? 1 : 0);
                sum += mixed[i][j];
            }
            for (int j = 0; j < tokens; j++) {
                mixed[i][j] /= sum;
            }
        }
        return mixed;
    }
}
