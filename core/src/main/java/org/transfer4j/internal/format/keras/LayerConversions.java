package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.nd4j.linalg.activations.IActivation;
import org.transfer4j.internal.json.Json;

/** The layers that can be computed, by Keras' class. */
final class LayerConversions {
    private static final LayerConversion NOTHING = (layer, inputs, graph) -> inputs.get(0);

    private static final Map<String, LayerConversion> BY_TYPE = new TreeMap<>(Map.ofEntries(
            Map.entry("Conv2D", LayerConversions::convolution),
            Map.entry("DepthwiseConv2D", LayerConversions::depthwise),
            Map.entry("SeparableConv2D", LayerConversions::separable),
            Map.entry("BatchNormalization", LayerConversions::batchNormalization),
            Map.entry("Activation", activation(Activations::of)),
            Map.entry("ReLU", activation(Activations::rectifier)),
            Map.entry("LeakyReLU", activation(Activations::leaky)),
            Map.entry("ELU", activation(Activations::exponential)),
            Map.entry("MaxPooling2D", pooling(SubsamplingLayer.PoolingType.MAX)),
            Map.entry("AveragePooling2D", pooling(SubsamplingLayer.PoolingType.AVG)),
            Map.entry("GlobalAveragePooling2D", globalPooling(PoolingType.AVG)),
            Map.entry("GlobalMaxPooling2D", globalPooling(PoolingType.MAX)),
            Map.entry("ZeroPadding2D", LayerConversions::padding),
            Map.entry("Add", elementwise(ElementWiseVertex.Op.Add)),
            Map.entry("Subtract", elementwise(ElementWiseVertex.Op.Subtract)),
            Map.entry("Average", elementwise(ElementWiseVertex.Op.Average)),
            Map.entry("Maximum", elementwise(ElementWiseVertex.Op.Max)),
            Map.entry("Multiply", LayerConversions::multiply),
            Map.entry("Concatenate", LayerConversions::concatenate),
            Map.entry("Reshape", LayerConversions::reshape),
            Map.entry("Dropout", dropout(false)),
            Map.entry("SpatialDropout2D", dropout(true)),
            Map.entry("GaussianNoise", NOTHING),
            Map.entry("GaussianDropout", NOTHING),
            Map.entry("ActivityRegularization", NOTHING),
            Map.entry("RandomFlip", NOTHING),
            Map.entry("RandomRotation", NOTHING),
            Map.entry("RandomTranslation", NOTHING),
            Map.entry("RandomZoom", NOTHING),
            Map.entry("RandomContrast", NOTHING),
            Map.entry("RandomBrightness", NOTHING)));

    /** What is computed of vectors in a top, and of each pixel where it is given images. */
    private static final Set<String> OF_VECTORS = Set.of("Dense", "Softmax");

    private static final String SPREAD = "_spread";

    private LayerConversions() {}

    static Optional<LayerConversion> find(String type) {
        return Optional.ofNullable(BY_TYPE.get(type));
    }

    static boolean isOfVectors(String type) {
        return OF_VECTORS.contains(type);
    }

    static boolean isGlobalPooling(String type) {
        return type.startsWith("Global") && BY_TYPE.containsKey(type);
    }

    /** Whether the layer changes images in training alone. */
    static boolean isNothing(String type) {
        return BY_TYPE.get(type) == NOTHING;
    }

    static List<String> supported() {
        return List.copyOf(BY_TYPE.keySet());
    }

    private static LayerConversion activation(Function<LayerDescription, IActivation> function) {
        return (layer, inputs, graph) -> activation(function, layer, inputs, graph);
    }

    private static LayerConversion pooling(SubsamplingLayer.PoolingType type) {
        return (layer, inputs, graph) -> pooling(type, layer, inputs, graph);
    }

    private static LayerConversion globalPooling(PoolingType type) {
        return (layer, inputs, graph) -> globalPooling(type, layer, inputs, graph);
    }

    private static LayerConversion elementwise(ElementWiseVertex.Op operation) {
        return (layer, inputs, graph) -> elementwise(operation, layer, inputs, graph);
    }

    private static LayerConversion dropout(boolean spatial) {
        return (layer, inputs, graph) -> dropout(spatial, layer, inputs, graph);
    }

    /** Conv2D. */
    private static Value convolution(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        Window window = Window.ofConvolution(layer);
        int filters = layer.whole("filters");
        boolean bias = layer.flag("use_bias", true);
        if (layer.whole("groups", 1) != 1) {
            throw layer.refused(
                    "a Conv2D of groups can't be computed; groups must be 1, but is " + layer.whole("groups"));
        }
        ConvolutionLayer made = new ConvolutionLayer.Builder(window.size(), window.stride(), new int[] {0, 0})
                .dilation(window.dilation())
                .convolutionMode(window.mode())
                .nOut(filters)
                .hasBias(bias)
                .activation(Activations.of(layer))
                .build();
        graph.stores(
                layer,
                bias ? List.of("W", "b") : List.of("W"),
                false,
                layer.product(window.area(), input.channels(), filters) + (bias ? filters : 0));
        return graph.layer(layer, made, input, window.height(input), window.width(input), filters);
    }

    /** DepthwiseConv2D. */
    private static Value depthwise(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        Window window = Window.ofConvolution(layer);
        int multiplier = layer.whole("depth_multiplier", 1);
        boolean bias = layer.flag("use_bias", true);
        int channels = Math.toIntExact(layer.product(input.channels(), multiplier));
        DepthwiseConvolution2D made = new DepthwiseConvolution2D.Builder(window.size())
                .stride(window.stride())
                .padding(0, 0)
                .dilation(window.dilation())
                .convolutionMode(window.mode())
                .depthMultiplier(multiplier)
                .nOut(channels)
                .hasBias(bias)
                .activation(Activations.of(layer))
                .build();
        graph.stores(
                layer,
                bias ? List.of("W", "b") : List.of("W"),
                true,
                layer.product(window.area(), channels) + (bias ? channels : 0));
        return graph.layer(layer, made, input, window.height(input), window.width(input), channels);
    }

    /** SeparableConv2D: a depthwise convolution and one of 1x1 after it, in one layer here as there. */
    private static Value separable(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        Window window = Window.ofConvolution(layer);
        int multiplier = layer.whole("depth_multiplier", 1);
        int filters = layer.whole("filters");
        boolean bias = layer.flag("use_bias", true);
        long between = layer.product(input.channels(), multiplier);
        SeparableConvolution2D made = new SeparableConvolution2D.Builder(window.size(), window.stride())
                .padding(0, 0)
                .dilation(window.dilation())
                .convolutionMode(window.mode())
                .depthMultiplier(multiplier)
                .nOut(filters)
                .hasBias(bias)
                .activation(Activations.of(layer))
                .build();
        graph.stores(
                layer,
                bias ? List.of("W", "pW", "b") : List.of("W", "pW"),
                false,
                layer.product(window.area(), between) + layer.product(between, filters) + (bias ? filters : 0));
        return graph.layer(layer, made, input, window.height(input), window.width(input), filters);
    }

    /**
     * BatchNormalization of the channels. Without center or scale DL4J's layer has the parameter all the same, which begins
     * at 0 or 1, and is trained with the others where the layer is trained.
     */
    private static Value batchNormalization(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        layer.requireChannelAxis();
        if (layer.flag("renorm", false)) {
            throw layer.refused("renorm can't be computed");
        }
        BatchNormalization made = new BatchNormalization.Builder()
                .eps(layer.number("epsilon", 1e-3))
                .decay(layer.number("momentum", 0.99))
                .useLogStd(false)
                .build();
        List<String> arrays = new ArrayList<>();
        if (layer.flag("scale", true)) {
            arrays.add("gamma");
        }
        if (layer.flag("center", true)) {
            arrays.add("beta");
        }
        arrays.add("mean");
        arrays.add("var");
        graph.stores(layer, arrays, false, (long) arrays.size() * input.channels());
        return graph.layer(layer, made, input, input.height(), input.width(), input.channels());
    }

    /** Activation, ReLU, LeakyReLU, ELU. */
    private static Value activation(
            Function<LayerDescription, IActivation> function,
            LayerDescription layer,
            List<Value> inputs,
            GraphWriter graph) {
        Value input = inputs.get(0);
        return graph.layer(
                layer,
                new ActivationLayer(function.apply(layer)),
                input,
                input.height(),
                input.width(),
                input.channels());
    }

    /** MaxPooling2D and AveragePooling2D, whose averages leave the padding out. */
    private static Value pooling(
            SubsamplingLayer.PoolingType type, LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        Window window = Window.ofPooling(layer);
        SubsamplingLayer made = new SubsamplingLayer.Builder(type, window.size(), window.stride())
                .convolutionMode(window.mode())
                .build();
        return graph.layer(layer, made, input, window.height(input), window.width(input), input.channels());
    }

    /** GlobalAveragePooling2D and GlobalMaxPooling2D; what is a vector in Keras stays an image of one pixel here. */
    private static Value globalPooling(
            PoolingType type, LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        layer.requireChannelsLast();
        GlobalPoolingLayer made =
                new GlobalPoolingLayer.Builder(type).collapseDimensions(false).build();
        Value output = graph.layer(layer, made, input, 1, 1, input.channels());
        return layer.flag("keepdims", false) ? output : new Value(output.vertex(), 1, 1, output.channels(), false);
    }

    /** ZeroPadding2D. */
    private static Value padding(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        layer.requireChannelsLast();
        int[] borders = layer.borders("padding");
        return graph.layer(
                layer,
                new ZeroPaddingLayer.Builder(borders).build(),
                input,
                input.height() + borders[0] + borders[1],
                input.width() + borders[2] + borders[3],
                input.channels());
    }

    /** Add, Subtract, Average, Maximum: of images of the same shape. */
    private static Value elementwise(
            ElementWiseVertex.Op operation, LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        for (Value input : inputs) {
            if (!input.sameShape(inputs.get(0))) {
                throw layer.refused("its inputs must have one shape, but have "
                        + inputs.stream().map(Value::shape).toList());
            }
        }
        if (inputs.size() < 2 || !layer.constants().isEmpty()) {
            throw layer.refused("it must have two inputs or more and no constants; constants are taken before the first"
                    + " layer alone");
        }
        return graph.vertex(
                layer, new ElementWiseVertex(operation), inputs, inputs.get(0).channels());
    }

    /**
     * Multiply, of images of the same shape or of an image and a number for each of its channels, as squeeze-and-excite has
     * it. DL4J computes such a product, but its vertex refuses the shapes; so each number is spread over the image first.
     */
    private static Value multiply(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        if (inputs.size() != 2 || inputs.get(0).sameShape(inputs.get(1))) {
            return elementwise(ElementWiseVertex.Op.Product, layer, inputs, graph);
        }
        List<Value> spread = new ArrayList<>(inputs);
        for (int i = 0; i < inputs.size(); i++) {
            Value scale = inputs.get(i);
            Value image = inputs.get(1 - i);
            if (scale.pixel() && scale.image() && scale.channels() == image.channels()) {
                Upsampling2D made = new Upsampling2D.Builder(1)
                        .size(new int[] {image.height(), image.width()})
                        .build();
                spread.set(
                        i, graph.helper(layer, SPREAD, made, scale, image.height(), image.width(), image.channels()));
            }
        }
        return elementwise(ElementWiseVertex.Op.Product, layer, spread, graph);
    }

    /** Concatenate, of channels. */
    private static Value concatenate(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        layer.requireChannelAxis();
        Value first = inputs.get(0);
        long channels = 0;
        for (Value input : inputs) {
            channels += input.channels();
            if (!input.image() || input.height() != first.height() || input.width() != first.width()) {
                throw layer.refused("its inputs must be images of one size, but are "
                        + inputs.stream().map(Value::shape).toList());
            }
        }
        if (inputs.size() < 2 || channels > LayerDescription.MOST) {
            throw layer.refused("it must have two inputs or more, of " + LayerDescription.MOST
                    + " channels at most, but has " + inputs.size() + " of " + channels);
        }
        return graph.vertex(layer, new MergeVertex(), inputs, (int) channels);
    }

    /** Reshape of a vector to an image of one pixel, as squeeze-and-excite has it: DL4J's vertex has that shape already. */
    private static Value reshape(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        JsonNode target = layer.settings().path("target_shape");
        boolean pixel = target.size() == 3
                && target.get(0).asInt() == 1
                && target.get(1).asInt() == 1
                && (target.get(2).asInt() == input.channels() || target.get(2).asInt() == -1);
        if (!input.pixel() || !pixel) {
            throw layer.refused("only a vector can be reshaped, to [1, 1, channels], but " + input.shape()
                    + " should become " + Json.shown(target));
        }
        return Value.image(input.vertex(), 1, 1, input.channels());
    }

    /**
     * Dropout and SpatialDropout2D. Dropout of whole images (stochastic depth, by {@code noise_shape}) has no counterpart
     * and is left out.
     */
    private static Value dropout(boolean spatial, LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        Value input = inputs.get(0);
        double rate = layer.number("rate", 0);
        if (rate < 0 || rate >= 1) {
            throw layer.refused("rate must be at least 0 and under 1, but is " + rate);
        }
        if (rate == 0 || layer.settings().hasNonNull("noise_shape")) {
            return input;
        }
        // DL4J counts what is kept
        DropoutLayer made = spatial
                ? new DropoutLayer.Builder(new SpatialDropout(1 - rate)).build()
                : new DropoutLayer.Builder(1 - rate).build();
        return graph.layer(layer, made, input, input.height(), input.width(), input.channels());
    }

    /** Turns a layer of Keras into layers of DL4J that compute the same, or says why not. */
    @FunctionalInterface
    interface LayerConversion {
        /**
         * Adds to the graph what computes the layer.
         *
         * @param inputs the layer's inputs, one or more
         * @return the layer's output; one of the inputs where the layer does nothing to a trained network
         * @throws org.transfer4j.error.WeightsException if the layer's settings have no counterpart
         */
        Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph);
    }
}
