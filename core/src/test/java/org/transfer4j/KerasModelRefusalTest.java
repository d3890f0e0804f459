package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.WeightsException;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.LogCapture;

/** What is no model, no backbone, or forged: a {@link WeightsException} that says why, before any weight is read. */
@Timeout(120)
class KerasModelRefusalTest {
    private static final String INPUT =
            "{'class_name': 'InputLayer', 'config': {'name': 'image', 'batch_shape': [null, 32, 32, 3]}, 'name': 'image'}";

    @TempDir
    Path folder;

    private Path archive(String configuration) throws IOException {
        Path file = folder.resolve("forged.keras");
        try (OutputStream output = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(output)) {
            zip.putNextEntry(new ZipEntry("config.json"));
            zip.write(configuration.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    private static String functional(String layers, String output) {
        return "{'class_name': 'Functional', 'config': {'name': 'forged', 'layers': [" + layers
                + "], 'input_layers': ['image', 0, 0], 'output_layers': " + output + "}}";
    }

    private static String layer(String type, String name, String settings, String... inputs) {
        String tensors = Stream.of(inputs)
                .map(input ->
                        "{'class_name': '__keras_tensor__', 'config': {'keras_history': ['" + input + "', 0, 0]}}")
                .collect(Collectors.joining(", "));
        return ", {'class_name': '" + type + "', 'name': '" + name + "', 'config': {" + settings
                + "}, 'inbound_nodes': [{'args': [[" + tensors + "]], 'kwargs': {}}]}";
    }

    private static final String TENSOR =
            "{'class_name': '__keras_tensor__', 'config': {'keras_history': ['image', 0, 0]}}";

    private static String arithmetic(String type, String name, String first, String second) {
        return ", {'class_name': '" + type + "', 'name': '" + name + "', 'config': {}, 'inbound_nodes': [{'args': ["
                + first + ", " + second + "], 'kwargs': {}}]}";
    }

    /** A model within, called in a way. */
    private static String called(String node) {
        return ", {'class_name': 'Functional', 'name': 'inner', 'config': {'name': 'inner', 'layers': ["
                + INPUT.replace("image", "x") + layer("ReLU", "y", "", "x")
                + "], 'input_layers': {'x': ['x', 0, 0]}, 'output_layers': {'y': ['y', 0, 0]}}, 'inbound_nodes': ["
                + node
                + "]}";
    }

    private static String sequence(String layer) {
        return functional(INPUT + layer, "['last', 0, 0]");
    }

    static Stream<Arguments> forged() {
        String convolution = "'filters': 4, 'kernel_size': [3, 3]";
        return Stream.of(
                arguments("", "is not valid JSON|is of the class not there"),
                arguments("{", "is not valid JSON"),
                arguments("[1, 2]", "is of the class not there"),
                arguments("{'class_name': 'MyModel', 'config': {}}", "is of the class \"MyModel\""),
                arguments("{'class_name': 'Functional', 'config': {}}", "it has no output"),
                arguments("{'class_name': 'Sequential', 'config': {'layers': []}}", "has no layers"),
                arguments("{'class_name': 'Sequential', 'config': []}", "has no layers"),
                arguments("{'class_name': 'Sequential', 'config': 7}", "has no layers"),
                arguments(functional(INPUT, "['nowhere', 0, 0]"), "it names a layer nowhere and has none"),
                arguments(functional(INPUT, "['image', 0, 0]"), "no layer of it gives images"),
                arguments(functional(INPUT, "['image', 0, 1]"), "an output is [layer, use, 0]"),
                arguments(functional(INPUT, "[[['image']]]"), "an input is [layer, use, output]"),
                arguments(functional(INPUT + ", 5", "['image', 0, 0]"), "a layer has a name"),
                arguments(functional(INPUT + ", " + INPUT, "['image', 0, 0]"), "two layers called image"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "last") + layer("Add", "last", "", "a", "image")),
                        "must not form a circle"),
                arguments(sequence(layer("Conv2D", "last", convolution, "last")), "must not form a circle"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "missing") + layer("ReLU", "last", "", "a")),
                        "it names a layer missing and has none"),
                arguments(sequence(layer("Conv2D", "last", convolution)), "last (Conv2D) has no input"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution, "image")
                                .replace("'kwargs': {}}]", "'kwargs': {}}, {}]")),
                        "layer last (Conv2D): each layer of a backbone with weights is used once, but it is used 2 times"),
                arguments(
                        sequence(layer("ReLU", "a", "", "image").replace("'kwargs': {}}]", "'kwargs': {}}, {}]")
                                + layer("ReLU", "last", "", "a").replace("'a', 0, 0", "'a', 1, 0")),
                        "layer a:2 (ReLU): a backbone's layers take their inputs by position"),
                arguments(
                        sequence(layer("ReLU", "a", "", "image").replace("'kwargs': {}}]", "'kwargs': {}}, {}]")
                                + layer("ReLU", "last", "", "a").replace("'a', 0, 0", "'a', 2, 0")),
                        "it names a layer a:3 and has none"),
                arguments(
                        sequence(layer("MultiHeadAttention", "last", "", "image")),
                        "layer last (MultiHeadAttention): this class of layer can't be computed. Those that can are [Activation,"),
                arguments(
                        sequence(layer("Conv2D", "last", "'kernel_size': [3, 3]", "image")),
                        "layer last (Conv2D): filters must be a whole number from 1 to 1048576, but is not there"),
                arguments(
                        sequence(layer("Conv2D", "last", "'filters': 2000000000, 'kernel_size': [3, 3]", "image")),
                        "filters must be a whole number from 1"),
                arguments(
                        sequence(layer("Conv2D", "last", "'filters': 1048576, 'kernel_size': [9999, 9999]", "image")),
                        "layer last (Conv2D): a layer has 2147483647 weights at most, got"),
                arguments(
                        sequence(layer(
                                "Conv2D", "last", "'filters': 1000000, 'kernel_size': [3, 3], 'strides': 32", "image")),
                        "nothing is left|can't be in a file of"),
                arguments(
                        sequence(layer(
                                "Conv2D",
                                "last",
                                "'filters': 1000000, 'kernel_size': [3, 3], 'padding': 'same'",
                                "image")),
                        "its output for one image, [32, 32, 1000000], has more than"),
                arguments(
                        sequence(layer("Conv2D", "last", "'filters': 4, 'kernel_size': [3, 3, 3]", "image")),
                        "kernel_size must be two whole numbers"),
                arguments(
                        sequence(layer("Conv2D", "last", "'filters': 4, 'kernel_size': 0", "image")),
                        "kernel_size must be a whole number from 1"),
                arguments(
                        sequence(layer("Conv2D", "last", "'filters': 'many', 'kernel_size': 3", "image")),
                        "filters must be a whole number"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution + ", 'groups': 2", "image")),
                        "groups must divide the 3 channels that it takes and the 4 that it gives, but is 2"),
                arguments(
                        sequence(layer(
                                "Conv2D",
                                "last",
                                "'filters': 4, 'kernel_size': 1048576, 'dilation_rate': 1048576, 'padding': 'same'",
                                "image")),
                        "its kernel must reach over 16777216 pixels at most, but reaches over 1099510579201"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution + ", 'padding': 'causal'", "image")),
                        "padding must be \"valid\" or \"same\""),
                arguments(
                        sequence(layer("Conv2D", "last", convolution + ", 'activation': 'gelu'", "image")),
                        "activation must be one of [linear, relu,"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution + ", 'activation': {'class_name': 'X'}", "image")),
                        "or a layer of the classes [ELU, LeakyReLU, ReLU], but is {\"class_name\":\"X\"}"),
                arguments(
                        sequence(layer(
                                "Conv2D",
                                "last",
                                convolution
                                        + ", 'activation': {'module': 'builtins', 'class_name': 'function', 'config': 'relu'}",
                                "image")),
                        "layer last (Conv2D): its activation is a function of your own, which can't be computed"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution + ", 'activation': {'value': ['4wEA']}", "image")),
                        "its activation is a function of your own"),
                arguments(
                        sequence(layer(
                                "Conv2D",
                                "last",
                                convolution + ", 'activation': {'class_name': 'ReLU', 'registered_name': 'my>ReLU'}",
                                "image")),
                        "its activation is a function of your own"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution + ", 'use_bias': 'no'", "image")),
                        "use_bias must be true or false"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution + ", 'data_format': 'channels_first'", "image")),
                        "data_format must be \"channels_last\""),
                arguments(
                        sequence(layer("Conv2D", "last", "'filters': 4, 'kernel_size': 33", "image")),
                        "nothing is left of an input of 32x32"),
                arguments(sequence(layer("MaxPooling2D", "last", "'pool_size': 64", "image")), "nothing is left"),
                arguments(
                        sequence(layer("ZeroPadding2D", "last", "'padding': 1000000", "image")),
                        "has more than 268435456"),
                arguments(
                        sequence(layer("ZeroPadding2D", "last", "'padding': [[0, -1], [0, 0]]", "image")),
                        "padding must be a whole number from 0"),
                arguments(
                        sequence(layer("BatchNormalization", "last", "", "image")
                                .replace("'kwargs': {}", "'kwargs': {'training': true}")),
                        "layer last (BatchNormalization): a backbone computes as in prediction, but it is called with"
                                + " training=True"),
                arguments(
                        sequence(layer("BatchNormalization", "last", "'axis': 1", "image")),
                        "axis must be that of the channels"),
                arguments(
                        sequence(layer("BatchNormalization", "last", "'epsilon': 'small'", "image")),
                        "epsilon must be a number"),
                arguments(
                        sequence(layer("Activation", "last", "'activation': 'hard_sigmoid'", "image")),
                        "hard_sigmoid is x / 6 + 0.5 from Keras 3 on and 0.2 x + 0.5 before, and the file does not say"),
                arguments(
                        sequence(arithmetic("Maximum", "last", TENSOR, "1.0")),
                        "layer last (Maximum): the number that it takes must be 0, as ReLU has it, but is 1.0"),
                arguments(
                        sequence(arithmetic(
                                "TrueDivide",
                                "last",
                                "{'class_name': '__numpy__', 'config': {'value': [1.0]}}",
                                TENSOR)),
                        "layer last (TrueDivide): a backbone's layers take constants after their input, but it takes one"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "image")
                                + arithmetic(
                                        "Multiply",
                                        "last",
                                        TENSOR.replace("image", "a"),
                                        "{'class_name': '__numpy__', 'config': {'value': [1.0, 2.0, 3.0, 4.0]}}")),
                        "layer last (Multiply): images are computed with one number for all channels, but it has 4"),
                arguments(
                        sequence(arithmetic(
                                "Multiply",
                                "last",
                                TENSOR,
                                "{'class_name': '__numpy__', 'config': {'value': [1.0, 2.0]}}")),
                        "layer last (Multiply): pixels are computed with one number or three"),
                arguments(
                        sequence(layer("Clip", "last", "'x_min': 2, 'x_max': 1", "image")),
                        "x_min and x_max must be numbers, x_min not above x_max"),
                arguments(
                        sequence(arithmetic("TrueDivide", "a", "255.0", TENSOR)
                                + layer("Conv2D", "last", convolution, "a")),
                        "layer a (TrueDivide): a backbone's layers take constants after their input, but it takes one"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "image")
                                + arithmetic("TrueDivide", "last", TENSOR.replace("image", "a"), "0.0")),
                        "layer last (TrueDivide): its number must be finite and no divisor of zero, but is 0.0"),
                arguments(
                        sequence(layer("ReLU", "last", "'max_value': 5, 'threshold': 1", "image")),
                        "a ReLU with a threshold has neither max_value nor negative_slope here"),
                arguments(
                        sequence(layer("ReLU", "last", "'max_value': 0", "image")),
                        "max_value must be above 0, but is 0.0"),
                arguments(sequence(layer("Dropout", "last", "'rate': 1", "image")), "rate must be at least 0"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "image") + layer("Add", "last", "", "a", "image")),
                        "its inputs must have one shape, but have [[30, 30, 4], [32, 32, 3]]"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "image")
                                + layer("Concatenate", "last", "'axis': -1", "a", "image")),
                        "its inputs must be images of one size"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "image")
                                + layer("Concatenate", "last", "'axis': 1", "a", "a")),
                        "axis must be that of the channels"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "image")
                                + layer("Conv2D", "b", convolution, "image")
                                + layer("Flatten", "c", "", "a")
                                + layer("Flatten", "d", "", "b")
                                + layer("Concatenate", "last", "", "c", "d")),
                        "several branches meet, at last of [c, d]"),
                arguments(
                        functional(
                                INPUT
                                        + layer("Conv2D", "a", convolution, "image")
                                        + layer("Conv2D", "b", convolution, "image"),
                                "[['a', 0, 0], ['b', 0, 0]]"),
                        "a backbone has one output, but it has [a, b]"),
                arguments(
                        functional(
                                INPUT + ", " + INPUT.replace("image", "other")
                                        + layer("Add", "last", "", "image", "other"),
                                "['last', 0, 0]"),
                        "a backbone has one input, but it has two, image and other"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution, "image")).replace("32, 32, 3]", "32, 32, 1]"),
                        "a backbone takes RGB images, [null, height, width, 3], but the input image is of the shape"
                                + " [null,32,32,1]"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution, "image")).replace("32, 32, 3]", "32, 3]"),
                        "a backbone takes RGB images"),
                arguments(
                        sequence(layer("Conv2D", "last", convolution, "image")).replace("32, 32", "32, 1000000"),
                        "images of 1 to 32768 pixels can be taken"),
                arguments(
                        sequence(layer("Rescaling", "a", "'scale': 0.5", "image")
                                + layer("Rescaling", "b", "'scale': [2, -2, 2], 'offset': 1", "a")
                                + layer("Conv2D", "last", convolution, "b")),
                        "the scaling before the first layer can't be computed: channels must be multiplied by finite"
                                + " numbers above 0 and something finite added, but by a (Rescaling), b (Rescaling) they"
                                + " are multiplied by [1.0, -1.0, 1.0], and [1.0, 1.0, 1.0] is added"),
                arguments(
                        sequence(layer("Rescaling", "a", "'scale': [1, 2]", "image")
                                + layer("Conv2D", "last", convolution, "a")),
                        "expected one number or three"),
                arguments(
                        sequence(layer(
                                        "Rescaling",
                                        "a",
                                        "'scale': {'class_name': '__numpy__', 'config': {'dtype': 'float32'}}",
                                        "image")
                                + layer("Conv2D", "last", convolution, "a")),
                        "layer a (Rescaling): expected one number or three"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "image")
                                + called("{'args': [{'x': " + TENSOR.replace("image", "a") + "}], 'kwargs': {}}")
                                + layer("ReLU", "last", "", "inner")),
                        "layer inner (Functional): a backbone's layers take their inputs by position, but it takes one by"
                                + " name, as an argument or in a dictionary"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "image")
                                + called("{'x': ['a', 0, 0, {}]}")
                                + layer("ReLU", "last", "", "inner")),
                        "layer inner (Functional): a backbone's layers take their inputs by position"),
                arguments(
                        sequence(layer("Conv2D", "a", convolution, "image")
                                + layer("Rescaling", "last", "'scale': [1, 2, 3]", "a")),
                        "layer last (Rescaling): images are computed with one number for all channels, but it has 3"));
    }

    private static String gelu(String name, String input) {
        return layer("Activation", name, "'activation': 'gelu'", input);
    }

    /** Networks with several layers that can't be computed, and the first of them. */
    static Stream<Arguments> unsupported() {
        String convolution = "'filters': 4, 'kernel_size': 3, 'padding': 'same'";
        String stem = layer("Conv2D", "stem", convolution, "image");
        String pool = layer("GlobalAveragePooling2D", "pool", "", "last_images")
                + layer("Dense", "last", "'units': 2", "pool");
        return Stream.of(
                // below a branch, as in MobileNetV3 and ConvNeXt
                arguments(
                        stem
                                + gelu("first", "stem")
                                + layer("LayerNormalization", "later", "", "first")
                                + layer("Add", "last_images", "", "stem", "later")
                                + pool,
                        "layer first (Activation): activation must be one of"),
                arguments(
                        stem
                                + layer("LayerNormalization", "first", "", "stem")
                                + gelu("later", "first")
                                + layer("Add", "sum", "", "stem", "later")
                                + layer("Conv2D", "last_images", convolution, "sum")
                                + pool,
                        "layer first (LayerNormalization): this class of layer can't be computed"),
                // in a branch of two, of which the other is well
                arguments(
                        stem
                                + layer("Conv2D", "well", convolution, "stem")
                                + gelu("first", "stem")
                                + layer("Concatenate", "last_images", "", "well", "first")
                                + gelu("later", "last_images")
                                + layer("Flatten", "flat", "", "later")
                                + layer("Dense", "last", "", "flat"),
                        "layer first (Activation)"),
                // above it several branches meet
                arguments(
                        stem
                                + gelu("first", "stem")
                                + layer("GlobalAveragePooling2D", "mean", "", "first")
                                + layer("GlobalMaxPooling2D", "most", "", "first")
                                + layer("Concatenate", "last", "", "mean", "most"),
                        "layer first (Activation)"),
                // what is of each pixel
                arguments(
                        stem
                                + layer("Dense", "first", "'units': 3", "stem")
                                + layer("GlobalAveragePooling2D", "last", "", "first"),
                        "layer first (Dense): this class of layer can't be computed on images"),
                arguments(stem + layer("Dense", "last", "'units': 3", "stem"), "layer last (Dense)"),
                arguments(
                        stem + layer("Softmax", "first", "", "stem") + layer("Flatten", "last", "", "first"),
                        "layer first (Softmax): this class of layer can't be computed on images"),
                arguments(
                        stem + layer("Activation", "last", "'activation': 'softmax'", "stem"),
                        "layer last (Activation)"),
                // images, vectors, images again
                arguments(
                        stem
                                + layer("GlobalAveragePooling2D", "squeeze", "", "stem")
                                + layer("Dense", "first", "'units': 4", "squeeze")
                                + layer("Reshape", "excite", "'target_shape': [1, 1, 4]", "first")
                                + layer("Add", "last_images", "", "stem", "excite")
                                + pool,
                        "layer first (Dense): a backbone's layers take images, but squeeze gives none"),
                arguments(
                        stem
                                + layer("GlobalAveragePooling2D", "squeeze", "", "stem")
                                + layer("Dense", "dense", "'units': 4", "squeeze")
                                + layer("Reshape", "first", "'target_shape': [2, 2, 1]", "dense")
                                + layer("Multiply", "last_images", "", "stem", "first")
                                + pool,
                        "layer first (Reshape): what global pooling gives can be reshaped, to [1, 1, channels], and nothing"
                                + " else, but [4] should become [2,2,1]"),
                arguments(
                        stem
                                + layer("Flatten", "first", "", "stem")
                                + layer("Dense", "dense", "'units': 12", "first")
                                + layer("Reshape", "later", "'target_shape': [2, 2, 3]", "dense")
                                + layer("Conv2D", "last", convolution, "later"),
                        "layer first (Flatten): this class of layer can't be computed"),
                // sequences are no top
                arguments(
                        stem
                                + layer("Reshape", "first", "'target_shape': [-1, 4]", "stem")
                                + layer("LSTM", "later", "", "first")
                                + layer("Dense", "last", "", "later"),
                        "layer first (Reshape)"),
                arguments(stem + layer("Permute", "last", "'dims': [2, 1, 3]", "stem"), "layer last (Permute)"),
                arguments(
                        stem + layer("TimeDistributed", "first", "", "stem") + layer("LSTM", "last", "", "first"),
                        "layer first (TimeDistributed)"),
                // what is not seen from the class
                arguments(
                        stem
                                + gelu("first", "stem")
                                + layer("Conv2D", "shared", convolution, "first")
                                        .replace("'kwargs': {}}]", "'kwargs': {}}, {'args': [], 'kwargs': {}}]")
                                + layer("ReLU", "last", "", "shared"),
                        "layer first (Activation)"),
                arguments(
                        stem
                                + layer("LayerNormalization", "first", "", "stem")
                                + layer("Attention", "later", "", "first")
                                        .replace(
                                                "'kwargs': {}",
                                                "'kwargs': {'value': {'class_name': '__keras_tensor__', 'config':"
                                                        + " {'keras_history': ['stem', 0, 0]}}}")
                                + layer("ReLU", "last", "", "later"),
                        "layer first (LayerNormalization)"),
                arguments(
                        stem
                                + layer("Custom>Split", "first", "", "stem")
                                + layer("ReLU", "last", "", "first").replace("'first', 0, 0", "'first', 0, 1"),
                        "layer first (Custom>Split)"));
    }

    @ParameterizedTest
    @MethodSource("unsupported")
    void namesTheFirstLayerThatCanNotBeComputed(String layers, String reason) throws IOException {
        Path file = archive(sequence(layers));
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(file)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(reason);
    }

    /** As MobileNet's: its convolution of one pixel is of the top. */
    @Test
    void convolutionsAboveAGlobalPoolingAreOfTheTop() throws IOException {
        Path file = archive(sequence(layer("Conv2D", "body", "'filters': 4, 'kernel_size': 3", "image")
                + layer("GlobalAveragePooling2D", "pool", "'keepdims': true", "body")
                + layer("Dropout", "drop", "'rate': 0.1", "pool")
                + layer("Conv2D", "logits", "'filters': 10, 'kernel_size': 1", "drop")
                + layer("Reshape", "flat", "'target_shape': [10]", "logits")
                + layer("Activation", "last", "'activation': 'softmax'", "flat")));
        TransferLearner learner = TransferLearner.of(Backbone.keras(file));
        assertThat(learner.summary()).contains("body (Conv2D)").doesNotContain("logits");
        assertThat(learner.settings().network().head().toString()).startsWith("GlobalAveragePooling");
    }

    @Test
    void whatCanNotBeComputedIsNoFaultAboveTheCut() throws IOException {
        String convolution = "'filters': 4, 'kernel_size': 3, 'padding': 'same'";
        Path file = archive(sequence(layer("Conv2D", "stem", convolution, "image")
                + layer("Conv2D", "shared", convolution, "stem")
                        .replace("'kwargs': {}}]", "'kwargs': {}}, {'args': [], 'kwargs': {}}]")
                + layer("Dense", "last", "'units': 3", "shared")));
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(file)))
                .hasMessageContaining("layer shared (Conv2D): each layer of a backbone with weights is used once");
        assertThat(TransferLearner.of(Backbone.keras(file).upTo("stem")).summary())
                .contains("stem (Conv2D)");
    }

    /** Of a training; of the top nobody cares. */
    @Test
    void regularizersAndConstraintsAreWarnedOf() throws IOException {
        String convolution = "'filters': 4, 'kernel_size': 3, ";
        String regularizer = "{'class_name': 'L2', 'config': {'l2': 0.01}}";
        Path file = archive(sequence(layer("Conv2D", "free", convolution + "'kernel_regularizer': null", "image")
                + layer("Conv2D", "decayed", convolution + "'kernel_regularizer': " + regularizer, "free")
                + layer("BatchNormalization", "bound", "'beta_constraint': {'class_name': 'NonNeg'}", "decayed")
                + layer("Conv2D", "quiet", convolution + "'activity_regularizer': " + regularizer, "bound")
                + layer("Flatten", "flat", "", "quiet")
                + layer("Dense", "last", "'units': 3, 'kernel_regularizer': " + regularizer, "flat")));
        assertThat(LogCapture.warningsOf(() -> Backbone.keras(file)))
                .containsExactly(file + " has regularizers or constraints of the layers [decayed, bound, quiet], which"
                        + " a training does not heed; Optimizer.weightDecay is one for all");
        assertThat(LogCapture.warningsOf(() -> Backbone.keras(GoldenFiles.path("keras_models/plain.keras"))))
                .isEmpty();
    }

    @Test
    void aModelCalledWithADictionaryIsNoFaultAboveTheCut() throws IOException {
        Path file = archive(sequence(layer("Conv2D", "stem", "'filters': 3, 'kernel_size': 3", "image")
                + called("{'args': [{'x': " + TENSOR.replace("image", "stem") + "}], 'kwargs': {}}")
                + layer("ReLU", "last", "", "inner")));
        assertThat(TransferLearner.of(Backbone.keras(file).upTo("stem")).summary())
                .contains("stem (Conv2D)");
    }

    private static String channel(String name, int number) {
        return arithmetic("GetItem", name, TENSOR, "[{'class_name': '__ellipsis__', 'config': {}}, " + number + "]");
    }

    @Test
    void redAndBlueChangePlacesAsKerasDoesItAlone() throws IOException {
        String body = layer("Conv2D", "last", "'filters': 4, 'kernel_size': 3", "stack");
        String reversed = channel("b", 2)
                + channel("g", 1)
                + channel("r", 0)
                + layer("Stack", "stack", "'axis': -1", "b", "g", "r");
        Path file = archive(sequence(reversed + body));
        assertThatThrownBy(() -> Backbone.keras(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(
                        "RGB can be turned into BGR at a model's beginning only as Keras' mode \"caffe\"");
        Path green = archive(sequence(reversed.replace("'b', 0, 0", "'g', 0, 0") + body));
        assertThatThrownBy(() -> Backbone.keras(green))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("this class of layer can't be computed");
    }

    /** As of a network that was built twice in a program. */
    @Test
    void weightsUnderOtherNamesAreToldFromOtherWeights() throws IOException {
        Path file = archive(sequence(layer("Conv2D", "last", "'filters': 4, 'kernel_size': 3", "image")));
        TransferLearner learner = TransferLearner.of(Backbone.keras(file))
                .weights(Weights.file(GoldenFiles.path("keras_models/bgr.keras")));
        ImageDataset images = ImageDataset.of(IntegerImages.rgb(2, 32, 32), new int[2]);
        assertThatThrownBy(() -> learner.features(images))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(
                        "the network's: last; only the names differ: give the layers the same names in Keras");
    }

    /** The file has none. */
    @Test
    void aModelWithoutWeightsIsRead() throws IOException {
        Path file = archive(sequence(layer("MaxPooling2D", "last", "", "image")));
        try (ImageClassifier classifier = TransferLearner.of(Backbone.keras(file))
                .epochs(1)
                .fit(SampleDatasets.digits().limit(20))) {
            assertThat(classifier.classNames()).hasSize(10);
        }
    }

    @ParameterizedTest
    @MethodSource("forged")
    void saysWhatIsWrong(String configuration, String reason) throws IOException {
        Path file = archive(configuration);
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(file)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("forged.keras")
                .satisfies(e -> assertThat(Stream.of(reason.split("\\|", -1)))
                        .as(e.getMessage())
                        .anySatisfy(part -> assertThat(e).hasMessageContaining(part)));
    }

    @Test
    void anUnknownLayerAboveTheFeaturesIsNoFault() throws IOException {
        Path file = archive(sequence(layer("Conv2D", "body", "'filters': 4, 'kernel_size': [3, 3]", "image")
                + layer("Attention", "last", "", "body")));
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(file))).isInstanceOf(WeightsException.class);
        assertThat(TransferLearner.of(Backbone.keras(file).upTo("body")).summary())
                .contains("body (Conv2D)");
    }

    @Test
    void anUnknownCutIsRefusedWithTheNames() {
        Backbone backbone = Backbone.keras(GoldenFiles.path("keras_models/nested.keras"));
        assertThatThrownBy(() -> TransferLearner.of(backbone.upTo("nowhere")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("nested has no layer named \"nowhere\"; its layers are"
                        + " [stem_conv, stem_bn, inner_conv, inner_pool, pool, predictions]");
        assertThatThrownBy(() -> TransferLearner.of(backbone.upTo("inner")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "nested has no layer named \"inner\", but a model of that name, and models used as layers"
                                + " are taken apart into their layers; its layers are [stem_conv,");
        assertThatThrownBy(() -> TransferLearner.of(backbone.upTo("pool")))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("features are images, but pool gives [8]");
    }

    @Test
    void deepNestingEndsInAnError() throws IOException {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        assertRefused(archive(deep));
        assertRefused(archive(sequence(layer("Conv2D", "last", "'filters': " + deep, "image"))));
        String model = sequence(layer("Conv2D", "last", "'filters': 4, 'kernel_size': 3", "image"));
        for (int i = 0; i < 30; i++) {
            model = "{'class_name': 'Sequential', 'config': {'name': 'm', 'layers': [" + model + "]}}";
        }
        assertRefused(archive(model));
    }

    @Test
    void longChainsEndInAnErrorOrInANetwork() throws IOException {
        String settings = "'filters': 3, 'kernel_size': 1";
        String backwards = IntStream.iterate(3000, i -> i >= 0, i -> i - 1)
                .mapToObj(
                        i -> layer("Conv2D", i == 3000 ? "last" : "c" + i, settings, i == 0 ? "image" : "c" + (i - 1)))
                .collect(Collectors.joining());
        TransferLearner learner = TransferLearner.of(Backbone.keras(archive(sequence(backwards))));
        assertThat(learner.settings().network().height()).isEqualTo(32);
        String tooMany = IntStream.range(0, 11_000)
                .mapToObj(i -> layer("Conv2D", "c" + i, settings, "image"))
                .collect(Collectors.joining());
        assertRefused(archive(sequence(tooMany)));
    }

    private static void assertRefused(Path file) {
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(file))).isInstanceOf(WeightsException.class);
    }

    @Test
    void aLargeNetworkInASmallFileIsRefused() throws IOException {
        Path file = archive(sequence(layer("Conv2D", "a", "'filters': 100000, 'kernel_size': 3, 'strides': 32", "image")
                + layer("Conv2D", "last", "'filters': 10000, 'kernel_size': 1", "a")));
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(file)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("a network of 1,002,810,000 parameters can't be in a file of");
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("text.h5"), "Just a few words.");
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(text)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("it is a text file");
        Path zip = folder.resolve("other.zip");
        try (ZipOutputStream output = new ZipOutputStream(Files.newOutputStream(zip))) {
            output.putNextEntry(new ZipEntry("readme.txt"));
        }
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(zip)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("no .keras model: it has no entry called config.json");
        Path cut = Files.write(folder.resolve("cut.keras"), new byte[] {'P', 'K', 3, 4, 0, 0});
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(cut)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("is damaged");
        assertThatThrownBy(() -> TransferLearner.of(Backbone.keras(folder.resolve("nowhere.keras"))))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("there is no such file");
        assertThatThrownBy(
                        () -> TransferLearner.of(Backbone.keras(GoldenFiles.path("weights/official_layout_notop.h5"))))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("holds no model: it has no attribute model_config");
    }

    /** As Keras writes a setting that is an array of NumPy, or a tensor. */
    @ParameterizedTest
    @ValueSource(strings = {"__numpy__", "__tensor__"})
    void aScaleOfEachChannelMayBeAnArray(String type) throws IOException {
        String scale =
                "'scale': {'class_name': '" + type + "', 'config': {'value': [0.25, 0.5, 2], 'dtype': 'float32'}}";
        Backbone backbone = Backbone.keras(archive(sequence(layer("Rescaling", "scale", scale, "image")
                + layer("Conv2D", "last", "'filters': 4, 'kernel_size': 3", "scale"))));
        assertThat(backbone.preprocessing().apply(0, 8)).isEqualTo(2);
        assertThat(backbone.preprocessing().apply(1, 8)).isEqualTo(4);
        assertThat(backbone.preprocessing().apply(2, 8)).isEqualTo(16);
    }

    /** Its features can be computed. */
    @Test
    void aLayerCalledAsTheOutputIsWarnedOfWhenTheBackboneIsMade() throws IOException {
        Path file = archive(sequence(layer("Conv2D", "body", "'filters': 4, 'kernel_size': 3", "image")
                + layer("Conv2D", "predictions", "'filters': 2, 'kernel_size': 1", "body")
                + layer("GlobalAveragePooling2D", "last", "", "predictions")));
        assertThat(LogCapture.warningsOf(() -> Backbone.keras(file)))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("forged has a layer named predictions", "no head can be put on it", "upTo(layer)"));
        Backbone backbone = Backbone.keras(file);
        assertThat(LogCapture.warningsOf(() -> backbone.upTo("body"))).isEmpty();
    }

    /** What is wrong with a file is said where the backbone is made; where upTo may still help, the rest is known. */
    @Test
    void theFileIsReadWhenTheBackboneIsMade() throws IOException {
        assertThatThrownBy(() -> Backbone.keras(folder.resolve("nowhere.keras")))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("there is no such file");
        Path attention = archive(sequence(layer("MultiHeadAttention", "last", "", "image")));
        assertThatThrownBy(() -> Backbone.keras(attention))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("layer last (MultiHeadAttention): this class of layer can't be computed");
        Backbone open = Backbone.keras(archive(sequence(layer("Rescaling", "scale", "'scale': 0.5", "image")
                + layer("Conv2D", "body", "'filters': 4, 'kernel_size': [3, 3]", "scale")
                + layer("Attention", "last", "", "body"))));
        assertThat(open.inputHeight()).isEqualTo(32);
        assertThat(open.preprocessing().apply(0, 10)).isEqualTo(5);
        for (ThrowableAssert.ThrowingCallable question :
                List.<ThrowableAssert.ThrowingCallable>of(open::minimumSize, open::topology, open::defaultHead)) {
            assertThatThrownBy(question)
                    .isInstanceOf(WeightsException.class)
                    .hasMessageContaining("layer last (Attention): this class of layer can't be computed");
        }
        Backbone ended = open.upTo("body");
        assertThat(ended.minimumSize()).isEqualTo(3);
        assertThat(ended.lastLayer()).isEqualTo(Optional.of("body"));
        assertThat(ended).hasToString("forged up to body");
        assertThatThrownBy(() -> ended.upTo("last")).isInstanceOf(WeightsException.class);
    }
}
