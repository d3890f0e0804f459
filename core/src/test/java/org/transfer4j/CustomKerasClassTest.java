package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.error.WeightsException;

/** Classes of somebody's own that are called as Keras' own are: what they compute is in no file. */
@Timeout(120)
class CustomKerasClassTest {
    /** Of a class that {@code register_keras_serializable()} registered. */
    private static final String REGISTERED = "'module': null, 'registered_name': 'Custom>";

    /** Of a class of the program that wrote the file, which nobody registered. */
    private static final String OF_MAIN = "'module': null, 'registered_name': null";

    private static final String KERAS = "'module': 'keras.layers', 'registered_name': null";

    @TempDir
    Path folder;

    private Backbone network(String configuration) throws IOException {
        Path file = folder.resolve("network.keras");
        try (OutputStream output = Files.newOutputStream(file)) {
            ZipOutputStream zip = new ZipOutputStream(output);
            zip.putNextEntry(new ZipEntry("config.json"));
            zip.write(configuration.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
            zip.finish();
        }
        return Backbone.keras(file);
    }

    private static String functional(String origin, String layers, String output) {
        return "{'class_name': 'Functional', " + origin
                + ", 'name': 'network', 'config': {'name': 'network', 'layers': [" + layers
                + "], 'input_layers': ['image', 0, 0], 'output_layers': ['" + output + "', 0, 0]}";
    }

    private static String input(String origin) {
        return "{'class_name': 'InputLayer', " + origin
                + ", 'config': {'name': 'image', 'batch_shape': [null, 32, 32, 3]}, 'name': 'image'}";
    }

    private static String layer(String type, String origin, String name, String input) {
        return ", {'class_name': '" + type + "', " + origin + ", 'name': '" + name
                + "', 'config': {'name': '" + name + "', 'filters': 4, 'kernel_size': 3}, 'inbound_nodes': ["
                + call(input)
                + "]}";
    }

    private static String call(String input) {
        return "{'args': [{'class_name': '__keras_tensor__', 'config': {'keras_history': ['" + input
                + "', 0, 0]}}], 'kwargs': {}}";
    }

    private static String chain(String type, String origin) {
        return functional(
                        "'module': 'keras.src.models.functional', 'registered_name': 'Functional'",
                        input(KERAS) + layer("Conv2D", KERAS, "body", "image") + layer(type, origin, "last", "body"),
                        "last")
                + "}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'module': null, 'registered_name': 'Custom>Conv2D' | its registered_name is \"Custom>Conv2D\"",
                "'module': 'keras.layers', 'registered_name': 'mine>Conv2D' | its registered_name is \"mine>Conv2D\"",
                "'module': null, 'registered_name': null | its module is null",
                "'module': 'mine', 'registered_name': 'Conv2D' | its module is \"mine\"",
                "'module': 'kerasplus.layers' | its module is \"kerasplus.layers\"",
                "'module': 7 | its module is 7",
            })
    void aLayerCalledAsKerasOwnIsRefused(String origin, String reason) throws IOException {
        Backbone network = network(chain("Conv2D", origin));
        assertThatThrownBy(() -> TransferLearner.of(network))
                .isInstanceOf(WeightsException.class)
                .hasMessageEndingWith("layer last (custom Conv2D): a class of your own can't be computed without its"
                        + " program, and " + reason);
        assertThat(TransferLearner.of(network.upTo("body")).summary()).contains("body (Conv2D)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'module': 'keras.layers', 'registered_name': null",
                "'module': 'keras.src.layers.convolutional.conv2d', 'registered_name': 'Conv2D'",
                "'module': 'keras'",
                "'module': 'tf_keras.layers'",
                "'trainable': true",
            })
    void kerasOwnAreRead(String origin) throws IOException {
        assertThat(TransferLearner.of(network(chain("Conv2D", origin))).summary())
                .contains("last (Conv2D)");
    }

    /** Keras 2 names what is registered by its class alone. */
    @Test
    void aRegisteredNameAsTheClassIsRefused() throws IOException {
        Backbone network = network(chain("Custom>Conv2D", "'trainable': true"));
        assertThatThrownBy(() -> TransferLearner.of(network))
                .isInstanceOf(WeightsException.class)
                .hasMessageEndingWith("layer last (Custom>Conv2D): a class of your own can't be computed without its"
                        + " program, and its class_name is \"Custom>Conv2D\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Flatten", "GlobalAveragePooling2D", "Dropout"})
    void whatIsCalledAsATopIsNone(String type) throws IOException {
        Backbone network = network(chain(type, REGISTERED + type + "'"));
        assertThatThrownBy(() -> TransferLearner.of(network))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("layer last (custom " + type + "): a class of your own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Functional", "Sequential"})
    void aModelIsRefused(String type) throws IOException {
        String configuration = chain("Conv2D", KERAS)
                .replace(
                        "'class_name': 'Functional', 'module': 'keras.src.models.functional', 'registered_name':"
                                + " 'Functional'",
                        "'class_name': '" + type + "', " + REGISTERED + type + "'");
        assertThatThrownBy(() -> network(configuration))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("the model (custom " + type + "): a class of your own can't be computed without"
                        + " its program, and its registered_name is \"Custom>" + type + "\"");
    }

    @Test
    void aModelWithinAModelIsRefused() throws IOException {
        String inner = functional(OF_MAIN, input(KERAS) + layer("Conv2D", KERAS, "inner", "image"), "inner");
        String configuration = functional(
                        KERAS,
                        input(KERAS) + ", " + inner.replace("'name': 'network'", "'name': 'last'")
                                + ", 'inbound_nodes': [" + call("image") + "]}",
                        "last")
                + "}";
        assertThatThrownBy(() -> TransferLearner.of(network(configuration)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("layer last (custom Functional): a class of your own can't be computed without"
                        + " its program, and its module is null");
        String ofKeras = configuration.replace(OF_MAIN, KERAS);
        assertThat(TransferLearner.of(network(ofKeras)).summary()).contains("inner (Conv2D)");
    }

    @Test
    void aLayerOfASequentialModelIsRefused() throws IOException {
        String layers = input(KERAS) + layer("Conv2D", REGISTERED + "Conv2D'", "last", "image");
        String configuration = "{'class_name': 'Sequential', " + KERAS + ", 'config': {'name': 'network', 'layers': ["
                + layers + "]}}";
        assertThatThrownBy(() -> network(configuration))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("layer last (custom Conv2D): a class of your own");
    }

    @Test
    void anInputIsRefused() throws IOException {
        String configuration =
                chain("Conv2D", KERAS).replace("'InputLayer', " + KERAS, "'InputLayer', " + REGISTERED + "InputLayer'");
        assertThatThrownBy(() -> network(configuration))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("layer image (custom InputLayer): a class of your own");
    }
}
