package org.transfer4j.internal.format.keras;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network.Step;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/** A layer of Keras as ops that compute the same, by Keras' class of layers; or why it can't be computed. */
final class LayerConversion {
    /** An image of one layer with more numbers than these, 1 GiB, is no network for this library. */
    private static final long LARGEST_OUTPUT = 1L << 28;

    /** A kernel that reaches further is none of an image network. */
    private static final long FARTHEST = 1 << 24;

    private static final String HARD_SIGMOID = "hard_sigmoid";

    /** Not among them: gelu, which there is in two formulas, and softmax, which Keras takes over the channels of images. */
    private static final Map<String, Activation> ACTIVATIONS = new LinkedHashMap<>();

    static {
        ACTIVATIONS.put("linear", Activation.IDENTITY);
        ACTIVATIONS.put("relu", Activation.of(Activation.Function.RELU));
        ACTIVATIONS.put("relu6", Activation.clip(0, 6));
        ACTIVATIONS.put("leaky_relu", Activation.leaky(0.2));
        ACTIVATIONS.put("elu", Activation.of(Activation.Function.ELU));
        ACTIVATIONS.put("selu", Activation.of(Activation.Function.SELU));
        ACTIVATIONS.put("sigmoid", Activation.of(Activation.Function.SIGMOID));
        ACTIVATIONS.put("tanh", Activation.of(Activation.Function.TANH));
        ACTIVATIONS.put("softplus", Activation.of(Activation.Function.SOFTPLUS));
        ACTIVATIONS.put("softsign", Activation.of(Activation.Function.SOFTSIGN));
        ACTIVATIONS.put("mish", Activation.of(Activation.Function.MISH));
        ACTIVATIONS.put("silu", Activation.of(Activation.Function.SWISH));
        ACTIVATIONS.put("swish", Activation.of(Activation.Function.SWISH));
        ACTIVATIONS.put("hard_tanh", Activation.of(Activation.Function.CLIP));
        ACTIVATIONS.put("hard_silu", Activation.of(Activation.Function.HARD_SWISH));
        ACTIVATIONS.put("hard_swish", Activation.of(Activation.Function.HARD_SWISH));
        // of Keras 3; Keras 2 has another under this name
        ACTIVATIONS.put(HARD_SIGMOID, new Activation(Activation.Function.HARD_SIGMOID, 1.0 / 6, 0.5));
    }

    /** What changes images in training alone, or never. */
    private static final Set<String> IN_TRAINING = Set.of(
            "Identity",
            "GaussianNoise",
            "AlphaDropout",
            "GaussianDropout",
            "ActivityRegularization",
            "RandomFlip",
            "RandomRotation",
            "RandomTranslation",
            "RandomZoom",
            "RandomContrast",
            "RandomBrightness",
            "RandomErasing",
            "RandomGrayscale",
            "RandomHue",
            "RandomSaturation",
            "RandomPosterization",
            "RandomShear",
            "RandomPerspective",
            "RandomSharpness",
            "RandomGaussianBlur",
            "RandomElasticTransform",
            "RandomColorJitter",
            "RandomColorDegeneration",
            "RandomInvert",
            "RandAugment",
            "MixUp",
            "CutMix",
            "AugMix");

    private static final Set<String> WEIGHTED =
            Set.of("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "BatchNormalization");

    private static final Set<String> DROPOUTS = Set.of("Dropout", "SpatialDropout2D");

    /** Layers without weights that another layer may have as its activation. */
    private static final Map<String, Function<LayerDescription, Activation>> AS_ACTIVATION = new TreeMap<>(Map.of(
            "ReLU", LayerConversion::rectifier,
            "LeakyReLU", LayerConversion::leaky,
            "ELU", LayerConversion::exponential));

    /** What Keras 3 calls the functions of {@code keras.ops}, and of {@code keras.activations} where they are called. */
    private static final Map<String, String> FUNCTIONS = Map.ofEntries(
            entry("Relu", "relu"),
            entry("Relu6", "relu6"),
            entry("Sigmoid", "sigmoid"),
            entry("Silu", "silu"),
            entry("Tanh", "tanh"),
            entry("Selu", "selu"),
            entry("HardSigmoid", HARD_SIGMOID),
            entry("HardSilu", "hard_silu"),
            entry("HardTanh", "hard_tanh"),
            entry("Softplus", "softplus"),
            entry("Softsign", "softsign"));

    private static final Map<String, Consumer<LayerConversion>> BY_TYPE = new TreeMap<>(Map.ofEntries(
            entry("Conv2D", LayerConversion::convolution),
            entry("DepthwiseConv2D", LayerConversion::depthwise),
            entry("SeparableConv2D", LayerConversion::separable),
            entry("BatchNormalization", LayerConversion::normalization),
            entry("Activation", activation(LayerConversion::named)),
            entry("LeakyRelu", activation(layer -> Activation.leaky(layer.number("negative_slope", 0.2)))),
            entry("Elu", activation(LayerConversion::exponential)),
            entry("Clip", activation(LayerConversion::clipped)),
            entry("MaxPooling2D", conversion -> conversion.pooling(Op.Pooling.Kind.MAXIMUM)),
            // Keras' averages leave the padding out
            entry("AveragePooling2D", conversion -> conversion.pooling(Op.Pooling.Kind.MEAN_WITHOUT_PADDING)),
            entry("GlobalAveragePooling2D", conversion -> conversion.globalPooling(false)),
            entry("GlobalMaxPooling2D", conversion -> conversion.globalPooling(true)),
            entry("ZeroPadding2D", LayerConversion::padding),
            entry("Add", conversion -> conversion.elementwise(Op.Binary.Kind.SUM)),
            entry("Subtract", conversion -> conversion.elementwise(Op.Binary.Kind.DIFFERENCE)),
            entry("Maximum", LayerConversion::maximum),
            entry("Average", LayerConversion::average),
            entry("Multiply", LayerConversion::multiply),
            entry("Concatenate", LayerConversion::concatenation),
            entry("Reshape", LayerConversion::reshape),
            entry("Dropout", conversion -> conversion.dropout(false)),
            entry("SpatialDropout2D", conversion -> conversion.dropout(true))));

    static {
        IN_TRAINING.forEach(type -> BY_TYPE.put(type, LayerConversion::leave));
        AS_ACTIVATION.forEach((type, function) -> BY_TYPE.put(type, activation(function)));
        FUNCTIONS.forEach((type, name) -> BY_TYPE.put(type, activation(layer -> function(name))));
    }

    /** What gives a number of a number, or a vector of a vector, and the same of an image of one pixel. */
    private static final Set<String> OF_GATES = Set.of(
            "Dense", "Reshape", "BatchNormalization", "Activation", "LeakyRelu", "Elu", "Clip", "Dropout", "Identity");

    /** What is computed of vectors in a top, and of each pixel where it is given images. */
    private static final Set<String> OF_VECTORS = Set.of("Dense", "Softmax");

    private final LayerDescription layer;
    private final List<Value> inputs;
    private final Extent images;
    /** Of parameters, those that are in the file, in Keras' order. */
    private final List<Step<List<String>>> steps = new ArrayList<>();

    private Shape shape;
    private boolean image;

    /**
     * What a layer gives for one image.
     *
     * @param node the node that computes it
     * @param image whether Keras has it as [height, width, channels]; else it is a vector of the channels, which the node
     *     still computes as an image of one pixel
     */
    record Value(String node, Shape shape, boolean image) {
        boolean sameShape(Value other) {
            return shape.equals(other.shape) && image == other.image;
        }

        /** As Keras writes it. */
        String text() {
            return image ? keras(shape) : "[" + shape.channels() + "]";
        }
    }

    private static Consumer<LayerConversion> activation(Function<LayerDescription, Activation> function) {
        return conversion -> conversion.add(new Op.Activate(function.apply(conversion.layer)));
    }

    private LayerConversion(LayerDescription layer, List<Value> inputs, Extent images) {
        this.layer = layer;
        this.inputs = inputs;
        this.images = images;
        this.shape = inputs.get(0).shape();
        this.image = inputs.get(0).image();
    }

    /**
     * Converts a layer.
     *
     * @param inputs what it is given, one value or more
     * @param images the size of the network's input
     * @param gate whether images are multiplied by what the layer makes of a vector or a pixel
     * @throws WeightsException if its class or its settings have no counterpart
     */
    static LayerConversion of(LayerDescription layer, List<Value> inputs, Extent images, boolean gate) {
        LayerConversion conversion = new LayerConversion(layer, inputs, images);
        Optional<LayerDescription.Linear> arithmetic = layer.arithmetic();
        if (arithmetic.isPresent()) {
            conversion.arithmetic(arithmetic.get());
            return conversion;
        }
        boolean dense = gate && layer.type().equals("Dense") && conversion.shape.isPixel();
        Consumer<LayerConversion> rule = dense ? LayerConversion::dense : BY_TYPE.get(layer.type());
        if (rule == null) {
            throw layer.refused("this class of layer can't be computed"
                    + (OF_VECTORS.contains(layer.type()) ? " on images" : "") + ". Those that can are "
                    + BY_TYPE.keySet()
                    + ", arithmetic with a number, Rescaling, and Normalization before the first of them;"
                    + " upTo(layer) ends the backbone below");
        }
        try {
            rule.accept(conversion);
        } catch (IllegalArgumentException e) {
            // an op or a window that can't be; refusals of ours are none of these
            throw layer.refused(String.valueOf(e.getMessage()));
        }
        return conversion;
    }

    static boolean isGlobalPooling(String type) {
        return type.startsWith("Global") && BY_TYPE.containsKey(type);
    }

    /** Whether a layer of that class can be between what is pooled and the factors of channels that are made of it. */
    static boolean isOfGates(String type) {
        return OF_GATES.contains(type) || AS_ACTIVATION.containsKey(type) || FUNCTIONS.containsKey(type);
    }

    /** Whether the layer changes images in training alone, or never. */
    static boolean isNothing(LayerDescription layer) {
        return IN_TRAINING.contains(layer.type())
                || (layer.type().equals("Activation")
                        && layer.settings().path("activation").asText("linear").equals("linear"));
    }

    /** Whether a layer of that class can be computed and has no weights, so that it may be used more than once. */
    static boolean isWithoutWeights(String type) {
        return BY_TYPE.containsKey(type) && !WEIGHTED.contains(type);
    }

    static boolean isDropout(LayerDescription layer) {
        return layer.fault() == null && DROPOUTS.contains(layer.type());
    }

    /** The ops in their order; none where the layer does nothing to a trained network. */
    List<Step<List<String>>> steps() {
        return steps;
    }

    /** What the layer gives; the last of its nodes has its name. */
    Value value() {
        return new Value(steps.isEmpty() ? inputs.get(0).node() : layer.name(), shape, image);
    }

    private static String keras(Shape image) {
        return "[" + image.height() + ", " + image.width() + ", " + image.channels() + "]";
    }

    /** Adds an op of what the one before gives, or of the layer's first input. */
    private void add(Op op, String... stored) {
        for (String parameter : stored) {
            layer.product(op.parameter(parameter).toArray());
        }
        add(op, List.of(steps.isEmpty() ? 0 : Step.PREVIOUS), List.of(shape), List.of(stored));
    }

    private void add(Op op, List<Integer> from, List<Shape> shapes, List<String> stored) {
        Shape result;
        try {
            result = op.shape(shapes);
        } catch (IllegalArgumentException e) {
            throw layer.refused(
                    "nothing is left of an input of " + images.height() + "x" + images.width() + ": " + e.getMessage());
        }
        if ((long) result.height() * result.width() > LARGEST_OUTPUT / result.channels()) {
            throw layer.refused(
                    "its output for one image, " + keras(result) + ", has more than " + LARGEST_OUTPUT + " numbers");
        }
        steps.add(new Step<>(layer.type(), op, from, stored));
        shape = result;
    }

    /** The window of a convolution or pooling; Keras' "same" is TensorFlow's. */
    private Window window(Extent size, Extent stride, Extent dilation) {
        layer.requireChannelsLast();
        requireReach(size.height(), dilation.height());
        requireReach(size.width(), dilation.width());
        String padding = layer.text("padding", "valid");
        return switch (padding) {
            case "same" -> Window.same(size, stride, dilation, shape.size());
            case "valid" -> Window.explicit(size, stride, dilation, new Extent(0, 0));
            default -> throw layer.refused("padding must be \"valid\" or \"same\", but is \"" + padding + "\"");
        };
    }

    private void requireReach(int size, int dilation) {
        if ((size - 1L) * dilation >= FARTHEST) {
            throw layer.refused("its kernel must reach over " + FARTHEST + " pixels at most, but reaches over "
                    + ((size - 1L) * dilation + 1));
        }
    }

    private Window kernel() {
        return window(
                layer.extent("kernel_size", Extent.ONE),
                layer.extent("strides", Extent.ONE),
                layer.extent("dilation_rate", Extent.ONE));
    }

    /** Its input is its output. */
    private void leave() {}

    private void convolution() {
        Window window = kernel();
        int filters = layer.whole("filters");
        int groups = layer.whole("groups", 1);
        if (shape.channels() % groups != 0 || filters % groups != 0) {
            throw layer.refused("groups must divide the " + shape.channels() + " channels that it takes and the "
                    + filters + " that it gives, but is " + groups);
        }
        weighted(filters, groups, window, layer.flag("use_bias", true));
        activate(named(layer));
    }

    private void depthwise() {
        weighted(multiplied(), shape.channels(), kernel(), layer.flag("use_bias", true));
        activate(named(layer));
    }

    /** A depthwise convolution and one of single pixels after it, which alone has the bias. */
    private void separable() {
        weighted(multiplied(), shape.channels(), kernel(), false);
        weighted(layer.whole("filters"), 1, Window.PIXEL, layer.flag("use_bias", true));
        activate(named(layer));
    }

    /** Of a pixel, whose channels are what Keras has as a vector. */
    private void dense() {
        weighted(layer.whole("units"), 1, Window.PIXEL, layer.flag("use_bias", true));
        activate(named(layer));
    }

    private int multiplied() {
        return Math.toIntExact(layer.product(shape.channels(), layer.whole("depth_multiplier", 1)));
    }

    private void weighted(int outputs, int groups, Window window, boolean biased) {
        String[] stored = biased ? new String[] {Op.WEIGHTS, Op.BIAS} : new String[] {Op.WEIGHTS};
        add(new Op.Convolution(shape.channels(), outputs, groups, window, biased), stored);
    }

    /** Batch normalization of the channels; without scale or center, the parameter is fixed, and no array of the file. */
    private void normalization() {
        layer.requireChannelAxis();
        if (layer.flag("renorm", false)) {
            throw layer.refused("renorm can't be computed");
        }
        List<String> fixed = new ArrayList<>();
        if (!layer.flag("scale", true)) {
            fixed.add(Op.GAMMA);
        }
        if (!layer.flag("center", true)) {
            fixed.add(Op.BETA);
        }
        add(
                new Op.Normalization(
                        shape.channels(),
                        layer.number("epsilon", 1e-3),
                        layer.number("momentum", 0.99),
                        fixed.isEmpty() ? null : fixed),
                Stream.of(Op.GAMMA, Op.BETA, Op.MEAN, Op.VARIANCE)
                        .filter(parameter -> !fixed.contains(parameter))
                        .toArray(String[]::new));
    }

    private void activate(Activation activation) {
        if (!activation.isIdentity()) {
            add(new Op.Activate(activation));
        }
    }

    /** The function that a layer names, the identity where it names none. */
    private static Activation named(LayerDescription layer) {
        JsonNode setting = layer.settings().path("activation");
        if (setting.isObject()) {
            return ofLayer(layer, setting);
        }
        String name = layer.text("activation", "linear");
        Activation activation = ACTIVATIONS.get(name);
        if (activation == null) {
            throw layer.refused("activation must be one of " + ACTIVATIONS.keySet() + ", but is \"" + name + "\"");
        }
        if (name.equals(HARD_SIGMOID) && layer.version().isEmpty()) {
            throw layer.refused(
                    "hard_sigmoid is x / 6 + 0.5 from Keras 3 on and 0.2 x + 0.5 before, and the file does not"
                            + " say which version wrote it");
        }
        if (name.equals(HARD_SIGMOID) && layer.version().getAsInt() < 3) {
            return Activation.of(Activation.Function.HARD_SIGMOID);
        }
        return activation;
    }

    /** A layer, such as {@code activation=LeakyReLU(0.1)}, or a function of somebody's own. */
    private static Activation ofLayer(LayerDescription layer, JsonNode setting) {
        Function<LayerDescription, Activation> rule =
                AS_ACTIVATION.get(setting.path("class_name").asText());
        boolean own = ModelDescription.CustomClass.fault(setting) != null
                || !setting.has("class_name")
                || setting.path("class_name").asText().startsWith("__");
        if (own) {
            throw layer.refused(
                    "its activation is a function of your own, which can't be computed without its program: "
                            + Json.shown(setting));
        }
        if (rule == null) {
            throw layer.refused("activation must be one of " + ACTIVATIONS.keySet() + ", or a layer of the classes "
                    + AS_ACTIVATION.keySet() + ", but is " + Json.shown(setting));
        }
        return rule.apply(layer.within(setting));
    }

    private static Activation function(String name) {
        return Objects.requireNonNull(ACTIVATIONS.get(name));
    }

    /** {@code keras.ops.clip}. */
    private static Activation clipped(LayerDescription layer) {
        double lowest = layer.number("x_min", Double.NaN);
        double highest = layer.number("x_max", Double.NaN);
        if (!(lowest <= highest)) {
            throw layer.refused("x_min and x_max must be numbers, x_min not above x_max");
        }
        return Activation.clip(lowest, highest);
    }

    /** The layer ReLU: with a slope below zero, or a maximum, or both; or with a threshold. */
    private static Activation rectifier(LayerDescription layer) {
        double slope = layer.number("negative_slope", 0);
        double most = layer.number("max_value", Double.POSITIVE_INFINITY);
        double threshold = layer.number("threshold", 0);
        if (threshold != 0) {
            if (slope != 0 || Double.isFinite(most)) {
                throw layer.refused("a ReLU with a threshold has neither max_value nor negative_slope here");
            }
            return new Activation(Activation.Function.THRESHOLDED_RELU, threshold, 0);
        }
        if (most <= 0) {
            throw layer.refused("max_value must be above 0, but is " + most);
        }
        return most == 6 && slope == 0 ? Activation.clip(0, 6) : new Activation(Activation.Function.RELU, slope, most);
    }

    /** The layer LeakyReLU; Keras 2 calls the slope alpha. */
    private static Activation leaky(LayerDescription layer) {
        return Activation.leaky(layer.number("negative_slope", layer.number("alpha", 0.3)));
    }

    /** The layer ELU. */
    private static Activation exponential(LayerDescription layer) {
        return new Activation(Activation.Function.ELU, layer.number("alpha", 1), 0);
    }

    private void pooling(Op.Pooling.Kind kind) {
        Extent size = layer.extent("pool_size", new Extent(2, 2));
        add(new Op.Pooling(kind, window(size, layer.extent("strides", size), Extent.ONE)));
    }

    /** What is a vector in Keras stays an image of one pixel here. */
    private void globalPooling(boolean maximum) {
        layer.requireChannelsLast();
        add(new Op.GlobalPooling(maximum));
        image = layer.flag("keepdims", false);
    }

    private void padding() {
        layer.requireChannelsLast();
        add(layer.padding());
    }

    /** Of images of the same shape. */
    private void elementwise(Op.Binary.Kind kind) {
        if (!inputs.stream().allMatch(inputs.get(0)::sameShape)) {
            throw layer.refused("its inputs must have one shape, but have "
                    + inputs.stream().map(Value::text).toList());
        }
        chained(kind);
    }

    private void chained(Op.Binary.Kind kind) {
        if (inputs.size() < 2 || !layer.constants().isEmpty()) {
            throw layer.refused("it must have two inputs or more, or one and a number");
        }
        for (int i = 1; i < inputs.size(); i++) {
            add(
                    new Op.Binary(kind),
                    List.of(i == 1 ? 0 : Step.PREVIOUS, i),
                    List.of(shape, inputs.get(i).shape()),
                    List.of());
        }
    }

    private void arithmetic(LayerDescription.Linear linear) {
        if (!linear.isOfAll()) {
            throw layer.refused("images are computed with one number for all channels, but it has "
                    + linear.factors().size() + ", which can only be before the first other layer, for RGB");
        }
        double factor = linear.factors().get(0);
        double summand = linear.summands().get(0);
        if (!Double.isFinite((float) factor) || !Double.isFinite((float) summand)) {
            throw layer.refused("its number must be finite and no divisor of zero, but is "
                    + (layer.constants().isEmpty()
                            ? factor + " and " + summand
                            : layer.constants().get(0)));
        }
        if (factor != 1 || summand == 0) {
            add(new Op.Scale(factor));
        }
        if (summand != 0) {
            add(new Op.Shift(summand));
        }
    }

    /** Of images, or of an image and 0, which is a ReLU. */
    private void maximum() {
        List<JsonNode> constants = layer.constants();
        if (inputs.size() == 1 && constants.size() == 1 && constants.get(0).isNumber()) {
            if (constants.get(0).doubleValue() != 0) {
                throw layer.refused("the number that it takes must be 0, as ReLU has it, but is " + constants.get(0));
            }
            add(new Op.Activate(function("relu")));
        } else {
            elementwise(Op.Binary.Kind.MAXIMUM);
        }
    }

    private void average() {
        elementwise(Op.Binary.Kind.SUM);
        add(new Op.Scale(1.0 / inputs.size()));
    }

    /** Of images of the same shape, or of an image and a number for each of its channels, as squeeze-and-excite has it. */
    private void multiply() {
        if (inputs.size() == 2 && (spreads(inputs.get(0), inputs.get(1)) || spreads(inputs.get(1), inputs.get(0)))) {
            chained(Op.Binary.Kind.PRODUCT);
        } else {
            elementwise(Op.Binary.Kind.PRODUCT);
        }
    }

    private static boolean spreads(Value numbers, Value over) {
        return numbers.image()
                && numbers.shape().isPixel()
                && numbers.shape().channels() == over.shape().channels();
    }

    /** Of channels. */
    private void concatenation() {
        layer.requireChannelAxis();
        if (!layer.constants().isEmpty()) {
            throw layer.refused("its inputs must be what layers give, but one is an array");
        }
        long channels = 0;
        for (Value input : inputs) {
            channels += input.shape().channels();
            if (!input.image() || !input.shape().size().equals(shape.size())) {
                throw layer.refused("its inputs must be images of one size, but are "
                        + inputs.stream().map(Value::text).toList());
            }
        }
        if (inputs.size() < 2 || channels > LayerDescription.MOST) {
            throw layer.refused("it must have two inputs or more, of " + LayerDescription.MOST
                    + " channels at most, but has " + inputs.size() + " of " + channels);
        }
        add(
                new Op.Concatenation(),
                IntStream.range(0, inputs.size()).boxed().toList(),
                inputs.stream().map(Value::shape).toList(),
                List.of());
    }

    /** Of a vector to an image of one pixel, as squeeze-and-excite has it: it has that shape already. */
    private void reshape() {
        JsonNode target = layer.settings().path("target_shape");
        boolean pixel = target.size() == 3
                && target.get(0).asInt() == 1
                && target.get(1).asInt() == 1
                && (target.get(2).asInt() == shape.channels() || target.get(2).asInt() == -1);
        if (!shape.isPixel() || !pixel) {
            throw layer.refused("what global pooling gives can be reshaped, to [1, 1, channels], and nothing else, but "
                    + inputs.get(0).text() + " should become " + Json.shown(target));
        }
        image = true;
    }

    /** Dropout of whole images (stochastic depth, by {@code noise_shape}) has no counterpart and is left out. */
    private void dropout(boolean spatial) {
        double rate = layer.number("rate", 0);
        if (rate < 0 || rate >= 1) {
            throw layer.refused("rate must be at least 0 and under 1, but is " + rate);
        }
        if (rate > 0 && !layer.settings().hasNonNull("noise_shape")) {
            add(new Op.Dropout(rate, spatial));
        }
    }
}
