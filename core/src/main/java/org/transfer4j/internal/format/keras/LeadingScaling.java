package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * What a model does to pixels before its first layer: Rescaling, Normalization, {@code x / 127.5 - 1}. It becomes the
 * backbone's preprocessing, for it is never trained: value * factor + offset for each channel.
 */
final class LeadingScaling {
    private static final int CHANNELS = 3;

    /** What Keras divides by at least, where a deviation is 0. */
    private static final double LEAST_DEVIATION = 1e-7;

    private final Supplier<KerasModelFile.Weights> weights;
    private static final double[] CAFFE = {-103.939, -116.779, -123.68};

    /** What a float has of {@link #CAFFE}. */
    private static final double CLOSE = 1e-4;

    private final double[] factors = {1, 1, 1};
    private final double[] offsets = {0, 0, 0};
    private final List<LayerDescription> layers = new ArrayList<>();

    /** Whether what is computed is of blue, green and red. */
    private boolean reversed;

    private LeadingScaling(Supplier<KerasModelFile.Weights> weights) {
        this.weights = weights;
    }

    /**
     * A model without the scaling at its beginning, and the scaling.
     *
     * @param preprocessing empty where the model does nothing to pixels
     */
    record Split(ModelDescription model, Optional<ImagePreprocessing> preprocessing) {}

    /** Takes the scaling off a model. */
    static Split of(ModelDescription model, Supplier<KerasModelFile.Weights> weights) {
        return new LeadingScaling(weights).split(model);
    }

    private Split split(ModelDescription model) {
        Map<String, List<LayerDescription>> users = new HashMap<>();
        for (LayerDescription layer : model.layers().values()) {
            for (String input : layer.inputs()) {
                users.computeIfAbsent(input, name -> new ArrayList<>()).add(layer);
            }
        }
        Map<String, LayerDescription> rest = new LinkedHashMap<>(model.layers());
        String last = model.input();
        List<String> dropouts = new ArrayList<>();
        List<LayerDescription> next = users.getOrDefault(last, List.of());
        List<LayerDescription> reversal = reversal(next, users);
        if (!reversal.isEmpty()) {
            reversed = true;
            layers.addAll(reversal);
            reversal.forEach(layer -> rest.remove(layer.name()));
            last = reversal.get(reversal.size() - 1).name();
            next = users.getOrDefault(last, List.of());
        }
        while (next.size() == 1 && (LayerConversion.isDropout(next.get(0)) || take(next.get(0)))) {
            LayerDescription layer = next.get(0);
            // of pixels before their scaling; others are of the network
            dropouts.add(layer.name());
            if (layers.contains(layer) || (dropouts.size() == 1 && !LayerConversion.isDropout(layer))) {
                last = layer.name();
                dropouts.forEach(rest::remove);
                dropouts.clear();
            }
            next = users.getOrDefault(layer.name(), List.of());
        }
        String scaled = last;
        rest.replaceAll((name, layer) -> layer.withInputs(layer.inputs().stream()
                .map(input -> input.equals(scaled) ? model.input() : input)
                .toList()));
        ModelDescription remaining = model.withLayers(rest);
        return new Split(remaining, layers.isEmpty() ? Optional.empty() : Optional.of(preprocessing(model)));
    }

    /** The layers that turn RGB into BGR, as in Keras' mode "caffe": each channel is taken, and they are stacked again. */
    private static List<LayerDescription> reversal(
            List<LayerDescription> channels, Map<String, List<LayerDescription>> users) {
        Map<String, Integer> taken = new HashMap<>();
        Set<LayerDescription> stacks = new LinkedHashSet<>();
        for (LayerDescription channel : channels) {
            JsonNode slice =
                    channel.constants().size() == 1 ? channel.constants().get(0) : MissingNode.getInstance();
            boolean last = slice.size() == 2
                    && slice.path(0).path("class_name").asText().equals("__ellipsis__")
                    && slice.path(1).isIntegralNumber();
            if (!channel.type().equals("GetItem") || channel.fault() != null || !last) {
                return List.of();
            }
            taken.put(channel.name(), slice.path(1).intValue());
            stacks.addAll(users.getOrDefault(channel.name(), List.of()));
        }
        if (stacks.size() != 1) {
            return List.of();
        }
        LayerDescription stack = stacks.iterator().next();
        JsonNode axis = stack.settings().path("axis");
        boolean reverses = stack.type().equals("Stack")
                && stack.fault() == null
                && stack.constants().isEmpty()
                && axis.isIntegralNumber()
                && (axis.intValue() == -1 || axis.intValue() == CHANNELS)
                && stack.inputs().stream().map(taken::get).toList().equals(List.of(2, 1, 0));
        return reverses ? Stream.concat(channels.stream(), Stream.of(stack)).toList() : List.of();
    }

    /** Adds a layer to the scaling if it is one. */
    private boolean take(LayerDescription layer) {
        if (layer.fault() != null) {
            return false;
        }
        if (layer.type().equals("Normalization")) {
            normalize(layer);
            return true;
        }
        Optional<LayerDescription.Linear> arithmetic = layer.arithmetic();
        if (arithmetic.isEmpty()) {
            return LayerConversion.isNothing(layer);
        }
        LayerDescription.Linear linear = arithmetic.get();
        if (linear.isOfAll() && linear.factors().get(0) <= 0) {
            // of a picture's negative the network makes its own
            return false;
        }
        apply(layer, each(layer, linear.factors()), each(layer, linear.summands()));
        return true;
    }

    private void normalize(LayerDescription layer) {
        if (layer.flag("invert", false)) {
            throw layer.refused("invert can't be computed");
        }
        layer.requireChannelAxis();
        double[] mean;
        double[] variance;
        if (layer.settings().hasNonNull("mean")) {
            mean = each(layer, layer.perChannel("mean", 0));
            variance = each(layer, layer.perChannel("variance", 1));
        } else {
            mean = doubles(weights.get().vector(layer.name(), 0, CHANNELS));
            variance = doubles(weights.get().vector(layer.name(), 1, CHANNELS));
        }
        for (int channel = 0; channel < CHANNELS; channel++) {
            double deviation = Math.max(Math.sqrt(variance[channel]), LEAST_DEVIATION);
            factors[channel] /= deviation;
            offsets[channel] = (offsets[channel] - mean[channel]) / deviation;
        }
        layers.add(layer);
    }

    private void apply(LayerDescription layer, double[] scale, double[] offset) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            factors[channel] *= scale[channel];
            offsets[channel] = offsets[channel] * scale[channel] + offset[channel];
        }
        layers.add(layer);
    }

    private static double[] same(double value) {
        return new double[] {value, value, value};
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return doubles;
    }

    private static double[] each(LayerDescription layer, List<Double> numbers) {
        if (numbers.size() != 1 && numbers.size() != CHANNELS) {
            throw layer.refused(
                    "pixels are computed with one number or three, one for each channel, but with " + numbers.size());
        }
        double[] each = new double[CHANNELS];
        Arrays.setAll(each, channel -> numbers.get(numbers.size() == 1 ? 0 : channel));
        return each;
    }

    private ImagePreprocessing preprocessing(ModelDescription model) {
        if (reversed) {
            boolean caffe = Arrays.equals(factors, same(1));
            for (int channel = 0; channel < CHANNELS; channel++) {
                caffe &= Math.abs(offsets[channel] - CAFFE[channel]) < CLOSE;
            }
            if (!caffe) {
                throw new WeightsException(
                        model.file(),
                        "RGB can be turned into BGR at a model's beginning only as Keras' mode \"caffe\" does it, with 103.939,"
                                + " 116.779 and 123.68 subtracted, but it is multiplied by " + Arrays.toString(factors)
                                + ", and " + Arrays.toString(offsets) + " is added");
            }
            return ImagePreprocessing.caffe();
        }
        if (Arrays.equals(factors, same(1)) && Arrays.equals(offsets, same(0))) {
            return ImagePreprocessing.none();
        }
        float[] mean = new float[CHANNELS];
        float[] deviation = new float[CHANNELS];
        for (int channel = 0; channel < CHANNELS; channel++) {
            // value * factor + offset = (value / 255 - mean) / deviation
            deviation[channel] = (float) (1 / (255 * factors[channel]));
            mean[channel] = (float) (-offsets[channel] / (255 * factors[channel]));
        }
        try {
            return ImagePreprocessing.standardized(mean, deviation);
        } catch (IllegalArgumentException e) {
            List<String> names = layers.stream()
                    .map(layer -> layer.name() + " (" + layer.type() + ")")
                    .toList();
            throw new WeightsException(
                    model.file(),
                    "the scaling before the first layer can't be computed: channels must be multiplied by finite numbers"
                            + " above 0 and something finite added, but by " + WeightsFile.listed(", ", names)
                            + " they are multiplied by " + Arrays.toString(factors) + ", and "
                            + Arrays.toString(offsets) + " is added",
                    e);
        }
    }
}
