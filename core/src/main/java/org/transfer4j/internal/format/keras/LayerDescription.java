package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
        @Nullable String fault) {
    /** Far more than any layer has; what it makes of the whole network is checked apart. */
    static final int MOST = 1 << 20;

    /** DL4J counts a layer's weights with an int in places. */
    private static final long MOST_WEIGHTS = Integer.MAX_VALUE;

    private static final Pattern TENSORFLOW = Pattern.compile("^(math|__operators__)\\.");

    LayerDescription {
        inputs = List.copyOf(inputs);
        constants = List.copyOf(constants);
    }

    LayerDescription withInputs(List<String> others) {
        return new LayerDescription(file, version, type, name, settings, others, constants, fault);
    }

    /** What arithmetic with one number does to each value: it is multiplied, then something is added. */
    record Linear(double factor, double summand) {}

    /** The layer as such arithmetic; empty where it is anything else. */
    Optional<Linear> arithmetic() {
        if (inputs.size() != 1 || constants.size() != 1 || !constants.get(0).isNumber()) {
            return Optional.empty();
        }
        double constant = constants.get(0).doubleValue();
        boolean function = type.equals("TFOpLambda");
        return switch (function ? TENSORFLOW.matcher(text("function", "")).replaceFirst("") : type) {
            case "TrueDivide", "Divide", "truediv" -> Optional.of(new Linear(1 / constant, 0));
            case "Multiply", "multiply" -> Optional.of(new Linear(constant, 0));
            case "Subtract", "subtract" -> Optional.of(new Linear(1, -constant));
            case "Add", "add" -> Optional.of(new Linear(1, constant));
            default -> Optional.empty();
        };
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
