package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Op;

/**
 * A layer as the file describes it. A setting that is missing has Keras' default; one of another type or out of range is
 * an error that names the layer.
 *
 * @param file where it stands, for errors
 * @param version the first number of the version of Keras that wrote it; empty where that is not known
 * @param type Keras' class, such as "Conv2D"
 * @param name its name, unique in the network
 * @param settings its {@code config}
 * @param inputs the layers whose outputs it takes
 * @param constants what it is called with besides, where it is an operation such as {@code x / 127.5}
 * @param constantFirst whether the first constant comes before the inputs, as in {@code 1 - x}
 * @param fault why it can't be computed, whatever its class; null where nothing is known against it
 */
record LayerDescription(
        Path file,
        OptionalInt version,
        String type,
        String name,
        JsonNode settings,
        List<String> inputs,
        List<JsonNode> constants,
        boolean constantFirst,
        @Nullable String fault) {
    /** Far more than any layer has; what it makes of the whole network is checked apart. */
    static final int MOST = 1 << 20;

    /** DL4J counts a layer's weights with an int in places. */
    private static final long MOST_WEIGHTS = Integer.MAX_VALUE;

    /** The channels of what is read. */
    private static final int RGB = 3;

    /** As what Keras writes arrays. */
    private static final Set<String> ARRAYS = Set.of("__numpy__", "__tensor__");

    private static final Pattern TENSORFLOW = Pattern.compile("^(math|__operators__)\\.");

    LayerDescription {
        inputs = List.copyOf(inputs);
        constants = List.copyOf(constants);
    }

    LayerDescription withInputs(List<String> others) {
        return new LayerDescription(file, version, type, name, settings, others, constants, constantFirst, fault);
    }

    /** A layer that this one has for a setting, as {@code activation=LeakyReLU(0.1)}; what is wrong with it is said of this one. */
    LayerDescription within(JsonNode setting) {
        return new LayerDescription(
                file,
                version,
                setting.path("class_name").asText(),
                name,
                setting.path("config"),
                inputs,
                List.of(),
                false,
                null);
    }

    /**
     * What arithmetic does to each value: it is multiplied, then something is added.
     *
     * @param factors one for all channels, or one for each
     * @param summands as many
     */
    record Linear(List<Double> factors, List<Double> summands) {
        private static Linear of(List<Double> constants, DoubleUnaryOperator factor, DoubleUnaryOperator summand) {
            return new Linear(mapped(constants, factor), mapped(constants, summand));
        }

        private static List<Double> mapped(List<Double> constants, DoubleUnaryOperator function) {
            return constants.stream()
                    .mapToDouble(Double::doubleValue)
                    .map(function)
                    .boxed()
                    .toList();
        }

        /** Whether it is one and the same for all channels. */
        boolean isOfAll() {
            return factors.size() == 1;
        }
    }

    /** The layer as arithmetic with a number, or with one for each channel; empty where it is anything else. */
    Optional<Linear> arithmetic() {
        if (inputs.size() != 1) {
            return Optional.empty();
        }
        if (type.equals("Negative") && constants.isEmpty()) {
            return Optional.of(Linear.of(List.of(0.0), constant -> -1, constant -> 0));
        }
        if (type.equals("Rescaling") && constants.isEmpty()) {
            return rescaling();
        }
        Optional<List<Double>> operand = constants.size() == 1 ? numbers(operand(constants.get(0))) : Optional.empty();
        if (operand.isEmpty()) {
            return Optional.empty();
        }
        List<Double> numbers = operand.get();
        boolean function = type.equals("TFOpLambda");
        return switch (function ? TENSORFLOW.matcher(text("function", "")).replaceFirst("") : type) {
            case "TrueDivide", "Divide", "truediv" ->
                constantFirst
                        ? Optional.empty()
                        : Optional.of(Linear.of(numbers, constant -> 1 / constant, constant -> 0));
            case "Multiply", "multiply" -> Optional.of(Linear.of(numbers, constant -> constant, constant -> 0));
            case "Subtract", "subtract" ->
                Optional.of(Linear.of(
                        numbers, constant -> constantFirst ? -1 : 1, constant -> constantFirst ? constant : -constant));
            case "Add", "add" -> Optional.of(Linear.of(numbers, constant -> 1, constant -> constant));
            default -> Optional.empty();
        };
    }

    private Optional<Linear> rescaling() {
        List<Double> scale = perChannel("scale", 1);
        List<Double> offset = perChannel("offset", 0);
        int channels = Math.max(scale.size(), offset.size());
        return Optional.of(new Linear(spread(scale, channels), spread(offset, channels)));
    }

    private static List<Double> spread(List<Double> numbers, int channels) {
        return numbers.size() == channels ? numbers : Collections.nCopies(channels, numbers.get(0));
    }

    /** A setting that is one number for all channels, or one for each. */
    List<Double> perChannel(String property, double missing) {
        JsonNode value = settings.path(property);
        if (value.isMissingNode() || value.isNull()) {
            return List.of(missing);
        }
        return numbers(value.isArray() ? value : operand(value))
                .filter(numbers -> numbers.size() == 1 || numbers.size() == RGB)
                .orElseThrow(
                        () -> refused("expected one number or three, one for each channel, got " + Json.shown(value)));
    }

    /** A number, or the values of an array or tensor as Keras writes them; missing where it is neither. */
    private static JsonNode operand(JsonNode value) {
        boolean array = ARRAYS.contains(value.path("class_name").asText());
        JsonNode inside = array ? value.path("config").path("value") : value;
        return array || value.isNumber() ? inside : MissingNode.getInstance();
    }

    /** One number, or those of the last dimension, in lists within lists as NumPy would write [1, 1, 1, 3]. */
    private static Optional<List<Double>> numbers(JsonNode value) {
        JsonNode numbers = value;
        while (numbers.isArray() && numbers.size() == 1) {
            numbers = numbers.get(0);
        }
        List<Double> each = new ArrayList<>();
        for (JsonNode number : numbers.isArray() ? numbers : List.of(numbers)) {
            if (!number.isNumber()) {
                return Optional.empty();
            }
            each.add(number.doubleValue());
        }
        return each.isEmpty() ? Optional.empty() : Optional.of(each);
    }

    WeightsException refused(String reason) {
        return new WeightsException(file, "layer " + name + " (" + type + "): " + reason);
    }

    private WeightsException refused(String property, String expected) {
        return refused(property + " must be " + expected + ", but is " + Json.shown(settings.path(property)));
    }

    private <T> T setting(
            String property, T missing, Predicate<JsonNode> fits, Function<JsonNode, T> read, String expected) {
        if (!settings.hasNonNull(property)) {
            return missing;
        }
        JsonNode value = settings.path(property);
        if (!fits.test(value)) {
            throw refused(property, expected);
        }
        return read.apply(value);
    }

    int whole(String property, int missing) {
        return settings.hasNonNull(property) ? whole(property) : missing;
    }

    private int whole(String property, JsonNode value, int smallest) {
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < smallest
                || value.intValue() > MOST) {
            throw refused(property, "a whole number from " + smallest + " to " + MOST);
        }
        return value.intValue();
    }

    /** A setting that every such layer has. */
    int whole(String property) {
        return whole(property, settings.path(property), 1);
    }

    double number(String property, double missing) {
        return setting(
                property,
                missing,
                value -> value.isNumber() && Double.isFinite(value.doubleValue()),
                JsonNode::doubleValue,
                "a number");
    }

    boolean flag(String property, boolean missing) {
        return setting(property, missing, JsonNode::isBoolean, JsonNode::booleanValue, "true or false");
    }

    String text(String property, String missing) {
        return setting(property, missing, JsonNode::isTextual, JsonNode::textValue, "a text");
    }

    /** Height and width, which Keras also takes as one number for both. */
    Extent extent(String property, Extent missing) {
        return settings.hasNonNull(property) ? extent(property, settings.path(property), 1) : missing;
    }

    private Extent extent(String property, JsonNode value, int smallest) {
        if (value.isArray()) {
            return pair(property, value, smallest);
        }
        int both = whole(property, value, smallest);
        return new Extent(both, both);
    }

    private Extent pair(String property, JsonNode value, int smallest) {
        if (!value.isArray() || value.size() != 2) {
            throw refused(property, "two whole numbers");
        }
        return new Extent(whole(property, value.get(0), smallest), whole(property, value.get(1), smallest));
    }

    /** Rows above and below and columns to the left and to the right, in Keras' forms: four numbers, two, or one for all. */
    Op.Padding padding() {
        String property = "padding";
        JsonNode value = settings.path(property);
        if (value.size() != 2 || !value.path(0).isArray()) {
            Extent around = extent(property, value, 0);
            return new Op.Padding(around, around);
        }
        Extent rows = pair(property, value.get(0), 0);
        Extent columns = pair(property, value.get(1), 0);
        return new Op.Padding(new Extent(rows.height(), columns.height()), new Extent(rows.width(), columns.width()));
    }

    /** Whether Keras, in training, does more for its parameters or its output than the loss asks for. */
    boolean isRegularized() {
        for (Iterator<String> names = settings.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if ((name.endsWith("_regularizer") || name.endsWith("_constraint")) && settings.hasNonNull(name)) {
                return true;
            }
        }
        return false;
    }

    /** Refuses what Keras calls channels first: here it is Keras' files that are turned, not the other way round. */
    void requireChannelsLast() {
        String format = text("data_format", "channels_last");
        if (!format.equals("channels_last")) {
            throw refused("data_format", "\"channels_last\"");
        }
    }

    /** Refuses an axis other than that of the channels. */
    void requireChannelAxis() {
        JsonNode value = settings.path("axis");
        JsonNode axis = value.isArray() && value.size() == 1 ? value.get(0) : value;
        boolean last = axis.isIntegralNumber() && (axis.intValue() == -1 || axis.intValue() == 3);
        if (settings.hasNonNull("axis") && !last) {
            throw refused("axis", "that of the channels, -1 or 3");
        }
    }

    /** A number of weights. */
    long product(long... factors) {
        long product = NetworkSize.product(factors);
        if (product > MOST_WEIGHTS) {
            throw refused("it has more than " + MOST_WEIGHTS + " weights");
        }
        return product;
    }
}
