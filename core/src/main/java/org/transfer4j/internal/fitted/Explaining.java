package org.transfer4j.internal.fitted;

import java.awt.image.BufferedImage;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.chart.Heat;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.network.Network;
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
}
