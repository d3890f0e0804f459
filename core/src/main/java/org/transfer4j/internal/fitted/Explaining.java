package org.transfer4j.internal.fitted;

import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.chart.Heat;
import org.transfer4j.internal.engine.OnnxEngine;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;

/** Where in an image a network finds what speaks for a class; safe from several threads. */
public final class Explaining {
    private static final int MASKS_AT_ONCE = 32;

    private final FittedNetwork network;
    private final Inference inference;

    /** Of a network, which stays the caller's, and its answers. */
    public Explaining(FittedNetwork network, Inference inference) {
        this.network = network;
        this.inference = inference;
    }

    /** How the channels of a feature map are weighted. */
    public enum Method {
        /** By the mean gradient of the class's score. */
        GRAD_CAM("Grad-CAM"),
        /** By the probability of the class where the image is shown through the channel alone. */
        SCORE_CAM("Score-CAM"),
        /** By what attention lets through, whatever the class. */
        ATTENTION_ROLLOUT("Attention rollout");

        private final String title;

        Method(String title) {
            this.title = title;
        }

        @Override
        public String toString() {
            return title;
        }
    }

    /**
     * What is asked.
     *
     * @param layer whose map is weighted, null for the last one that has one
     * @param label of the class, null for the most probable one
     */
    public record Request(
            Method method, @Nullable String layer, @Nullable String label) {}

    /**
     * What was found.
     *
     * @param image as it was given, upright
     * @param heat of the map's size
     * @param probability of the class
     */
    public record Found(
            BufferedImage image,
            Heat heat,
            Method method,
            String layer,
            String label,
            int classIndex,
            double probability) {}

    /** Refuses what the network does not have. */
    public Request checked(Request request) {
        if (request.method() == Method.ATTENTION_ROLLOUT) {
            network.withAttention(attention -> AttentionRollout.patch(
                    attention.tokens(), network.plan().network().inputShape()));
            if (request.layer() != null) {
                throw new IllegalArgumentException(
                        "attention rollout is of all blocks: layer(\"" + request.layer() + "\") has no part in it");
            }
        } else if (request.layer() != null) {
            layer(request);
        }
        if (request.label() != null) {
            requireClass(request.label());
        }
        return request;
    }

    private String layer(Request request) {
        return FeatureMap.layer(network.plan().name(), network.plan().network(), request.layer());
    }

    private int requireClass(String label) {
        int index = network.classNames().indexOf(LabelText.normal(label));
        if (index < 0) {
            throw new IllegalArgumentException(
                    "the classifier knows no class \"" + label + "\"; its classes are " + network.classNames());
        }
        return index;
    }

    /**
     * Explains.
     *
     * @param image read once all else is known to be right; closed here
     * @throws UnsupportedOperationException if the network can't be explained so
     */
    public Found explain(Supplier<? extends DecodedImage> image, Request request) {
        Network whole = network.plan().network();
        boolean rollout = request.method() == Method.ATTENTION_ROLLOUT;
        String layer = rollout ? network.plan().backboneOutput() : layer(request);
        if (request.method() == Method.GRAD_CAM) {
            FeatureMap.requireGradient(whole, layer);
        }
        try (DecodedImage decoded = image.get();
                INDArray input = inference.input(decoded)) {
            float[] probabilities = inference.answer(input).probabilities();
            String wanted = request.label();
            int index = wanted == null ? largest(probabilities) : requireClass(wanted);
            Heat heat = rollout
                    ? network.withAttention(attention -> AttentionRollout.of(attention, input, whole.inputShape()))
                    : network.withFeatureMap(layer, map -> {
                        float[] values = map.of(input);
                        float[] weights = request.method() == Method.GRAD_CAM
                                ? gradients(map, values, index)
                                : scores(map, values, input, index);
                        return heat(map.shape(), values, weights);
                    });
            return new Found(
                    decoded.toPicture(),
                    heat,
                    request.method(),
                    layer,
                    network.classNames().get(index),
                    index,
                    probabilities[index]);
        }
    }

    private static int largest(float[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            largest = values[i] > values[largest] ? i : largest;
        }
        return largest;
    }

    /** The mean gradient of each channel. */
    private static float[] gradients(FeatureMap map, float[] values, int classIndex) {
        float[] gradient = map.gradient(values, classIndex);
        float[] means = new float[map.shape().channels()];
        int area = values.length / means.length;
        for (int c = 0; c < means.length; c++) {
            double sum = 0;
            for (int i = c * area; i < (c + 1) * area; i++) {
                sum += gradient[i];
            }
            means[c] = (float) (sum / area);
        }
        return means;
    }

    /** How much more probable than of nothing the class is of what each channel lets through; 0 where it tells no position. */
    private float[] scores(FeatureMap map, float[] values, INDArray input, int classIndex) {
        Shape shape = map.shape();
        float[] weights = new float[shape.channels()];
        int area = values.length / weights.length;
        int height = network.plan().height();
        int width = network.plan().width();
        float[] pixels = input.reshape('c', 1, input.length()).toFloatVector();
        float nothing = probabilities(List.of(new float[height * width]), pixels, classIndex)[0];
        for (int from = 0; from < weights.length; from += MASKS_AT_ONCE) {
            Interruption.check("the explanation");
            int end = Math.min(weights.length, from + MASKS_AT_ONCE);
            List<float[]> masks = IntStream.range(from, end)
                    .mapToObj(c -> mask(shape, values, c * area, height, width))
                    .toList();
            float[] found = probabilities(masks, pixels, classIndex);
            for (int c = from; c < end; c++) {
                weights[c] = found[c - from] - nothing;
            }
        }
        return weights;
    }

    /** A channel from 0 where it is lowest to 1 where it is highest, as large as the network's input. */
    private static float[] mask(Shape shape, float[] values, int from, int height, int width) {
        float[] channel = Arrays.copyOfRange(values, from, from + shape.height() * shape.width());
        float[] mask = new Heat(shape.height(), shape.width(), channel).resized(height, width);
        float lowest = Float.POSITIVE_INFINITY;
        float highest = Float.NEGATIVE_INFINITY;
        for (float value : mask) {
            lowest = Math.min(lowest, value);
            highest = Math.max(highest, value);
        }
        for (int i = 0; i < mask.length; i++) {
            mask[i] = highest > lowest ? (mask[i] - lowest) / (highest - lowest) : 0;
        }
        return mask;
    }

    private float[] probabilities(List<float[]> masks, float[] pixels, int classIndex) {
        long[] shape = {masks.size(), 3, network.plan().height(), network.plan().width()};
        try (INDArray images = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c')) {
            FloatBuffer target = images.data().asNioFloat();
            float[] masked = new float[pixels.length];
            for (float[] mask : masks) {
                for (int i = 0; i < masked.length; i++) {
                    masked[i] = pixels[i] * mask[i % mask.length];
                }
                target.put(masked);
            }
            return network.infer(images, (features, probabilities) -> {
                float[] found = new float[masks.size()];
                for (int i = 0; i < found.length; i++) {
                    found[i] = probabilities.getFloat(i, classIndex);
                }
                return found;
            });
        }
    }

    /** The weighted sum of the channels, what is below 0 left out, by the largest. */
    private static Heat heat(Shape shape, float[] values, float[] weights) {
        int area = values.length / weights.length;
        double[] sums = new double[area];
        for (int i = 0; i < values.length; i++) {
            sums[i % area] += (double) weights[i / area] * values[i];
        }
        double largest = 0;
        for (double sum : sums) {
            largest = Math.max(largest, sum);
        }
        float[] heat = new float[area];
        for (int i = 0; i < area && largest > 0; i++) {
            heat[i] = (float) (Math.max(0, sums[i]) / largest);
        }
        return new Heat(shape.height(), shape.width(), heat);
    }

    /** The names of layers whose maps can be asked for, from the lowest up. */
    public List<String> layers() {
        return FeatureMap.layers(network.plan().network());
    }

    /**
     * How much of each patch comes to what a transformer gives, by attention alone (S. Abnar, W. Zuidema, "Quantifying Attention Flow in
     * Transformers", 2020): the attention of a block is the mean over its heads, and half of what a token gives on is itself, as by the
     * connection around the block; the product over all blocks is what comes through.
     */
    static final class AttentionRollout {
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
}
