package org.transfer4j.internal.onnx;

import java.util.Arrays;
import java.util.List;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * What is done to pixels before the first layer, as nodes. All modes pick a channel and scale it, so that they are one
 * {@code value * scale + shift} for each channel; what changes nothing is left out.
 */
final class PreprocessingNodes {
    private static final String LAYER = "preprocessing";
    private static final int CHANNELS = 3;
    private static final float WHITE = 255;

    private PreprocessingNodes() {}

    static Value append(OnnxGraph graph, ImagePreprocessing preprocessing, Value images) {
        float[] scales = new float[CHANNELS];
        float[] shifts = new float[CHANNELS];
        long[] sources = new long[CHANNELS];
        for (int channel = 0; channel < CHANNELS; channel++) {
            sources[channel] = preprocessing.sourceChannel(channel);
            double black = preprocessing.apply(channel, 0);
            scales[channel] = (float) ((preprocessing.apply(channel, WHITE) - black) / WHITE);
            shifts[channel] = (float) black;
        }
        Value value = images;
        if (!Arrays.equals(sources, new long[] {0, 1, 2})) {
            value = graph.node(LAYER, "Gather")
                    .inputs(value)
                    .constants(graph.integers(LAYER, "channels", sources))
                    .attribute("axis", 1)
                    .output(value.shape());
        }
        value = unlessAll(1, graph, "Mul", "scale", scales, value);
        return unlessAll(0, graph, "Add", "shift", shifts, value);
    }

    private static Value unlessAll(
            float neutral, OnnxGraph graph, String operator, String what, float[] factors, Value value) {
        boolean changesNothing = true;
        for (float factor : factors) {
            changesNothing &= factor == neutral;
        }
        return changesNothing
                ? value
                : graph.node(LAYER, operator)
                        .inputs(value)
                        .constants(graph.floats(LAYER, what, List.of(1L, (long) CHANNELS, 1L, 1L), factors))
                        .output(value.shape());
    }
}
