package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.WeightsException;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Backbones;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.PublishedNetworks;

/** Weights of timm's networks that are there twice, with one set of names and shapes: only those that fit are taken. */
class TimmVariantTest {
    private static final int SIZE = 8;
    private static final String PYTORCH = "{'format':'pt'}";

    @TempDir
    Path folder;

    private static Backbone backbone(ConvolutionMode mode) {
        return Backbone.builder(
                        "beginning",
                        (height, width) -> new NeuralNetConfiguration.Builder()
                                .graphBuilder()
                                .addInputs("images")
                                .setInputTypes(InputType.convolutional(height, width, 3))
                                .addLayer(
                                        "stem_conv",
                                        new ConvolutionLayer.Builder(3, 3)
                                                .stride(2, 2)
                                                .convolutionMode(mode)
                                                .nOut(2)
                                                .activation(Activation.IDENTITY)
                                                .hasBias(false)
                                                .build(),
                                        "images")
                                .setOutputs("stem_conv")
                                .validateOutputLayerConfig(false)
                                .build())
                .inputSize(SIZE, SIZE)
                .preprocessing(ImagePreprocessing.none())
                .torchNames(Map.of("stem_conv", "conv_stem"))
                .build();
    }

    private Path write(String name, String metadata) throws IOException {
        int bytes = 2 * 3 * 3 * 3 * Float.BYTES;
        byte[] json = ("{'__metadata__':" + metadata
                        + ",'conv_stem.weight':{'dtype':'F32','shape':[2,3,3,3],'data_offsets':[0," + bytes + "]}}")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(
                file,
                ByteBuffer.allocate(Long.BYTES + json.length + bytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json)
                        .array());
    }

    private static void load(ConvolutionMode mode, Path file) {
        TransferLearner learner = TransferLearner.of(backbone(mode)).weights(Weights.file(file));
        assertThat(learner.features(ImageDataset.of(IntegerImages.rgb(1, SIZE, SIZE), new int[1]))
                        .sumNumber()
                        .floatValue())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tf_efficientnet_b0.safetensors",
                "my-tf_efficientnet_b0.ns_jft_in1k.safetensors",
                "tf_efficientnet_b0_aa_in1k.safetensors",
                "resnetblur50-study/tf_efficientnet_b0.safetensors",
                "tf_mobilenetv3_small_100.in1k/model.safetensors",
                "models--timm--tf_efficientnet_b0.aa_in1k/snapshots/0123/model.safetensors"
            })
    void theNameOfFileOrFolderTells(String name) throws IOException {
        load(ConvolutionMode.Same, write(name, PYTORCH));
    }

    @ParameterizedTest
    @CsvSource({
        "efficientnet_b0.safetensors, is of efficientnet_b0.safetensors (so says its name)",
        "efficientnet_b0_ra-3dd342df.safetensors, is of efficientnet_b0_ra-3dd342df",
        "models--timm--efficientnet_b0.ra_in1k/snapshots/0123/model.safetensors, so says folder 3 above it",
        "model.safetensors, does not tell whether it is of one of timm's networks whose names begin with tf_",
    })
    void othersAreRefused(String name, String reason) throws IOException {
        Path file = write(name, PYTORCH);
        assertThatThrownBy(() -> load(ConvolutionMode.Same, file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("let the file's name say so (tf_efficientnet_b0.safetensors)");
        load(ConvolutionMode.Truncate, file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnetaa50.a1h_in1k.safetensors",
                "models--timm--resnetblur50.bt_in1k/snapshots/0123/model.safetensors",
                "efficientnet_b0/resnetblur50.safetensors",
                "efficientnet_blur_b0.safetensors",
                "mobilenetv4_conv_aa_large.e230_r448_in12k.safetensors",
                "mobilenetv4_conv_blur_medium.e500_r224_in1k.safetensors"
            })
    void networksThatSmoothAreRefused(String name) throws IOException {
        Path file = write(name, PYTORCH);
        assertThatThrownBy(() -> load(ConvolutionMode.Truncate, file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("which smooths where it subsamples");
    }

    @Test
    void timmsConfigurationTells() throws IOException {
        Path file = write("model.safetensors", PYTORCH);
        Path configuration = folder.resolve("config.json");
        Files.writeString(configuration, "{\"architecture\": \"tf_efficientnet_b0\", \"num_classes\": 1000}");
        load(ConvolutionMode.Same, file);
        Files.writeString(configuration, "{\"architecture\": \"efficientnet_b0\"}");
        assertThatThrownBy(() -> load(ConvolutionMode.Same, file))
                .hasMessageContaining("is of efficientnet_b0 (so says the config.json beside it)");
        Files.writeString(configuration, "{");
        assertThatThrownBy(() -> load(ConvolutionMode.Same, file)).hasMessageContaining("does not tell");
    }

    @Test
    void whatTheFileSaysOfItselfComesFirst() throws IOException {
        load(ConvolutionMode.Same, write("efficientnet_b0.safetensors", "{'architecture':'tf_efficientnet_b0'}"));
        Path plain = write("tf_efficientnet_b0.safetensors", "{'architecture':'efficientnet_b0'}");
        assertThatThrownBy(() -> load(ConvolutionMode.Same, plain)).hasMessageContaining("so says its metadata");
    }

    /** Which keeps the names of layers, so that these are of a network that pads as timm does. */
    @Test
    void whatThisLibraryWroteIsKnown() throws IOException {
        Path file = write("tf_efficientnet_b0.safetensors", "{'library':'Transfer4J','version':'1'}");
        assertThatThrownBy(() -> load(ConvolutionMode.Same, file)).hasMessageContaining("was written by this library");
        load(ConvolutionMode.Truncate, file);
    }

    @Test
    void theOtherVariantIsRefusedLikewise() throws IOException {
        Path file = write("tf_efficientnet_b0.safetensors", PYTORCH);
        assertThatThrownBy(() -> load(ConvolutionMode.Truncate, file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(
                        "is of tf_efficientnet_b0.safetensors (so says its name), and not of one of timm's")
                .hasMessageContaining("let the file's name say so (efficientnet_b0.safetensors)");
    }

    /** With the names and shapes of the published networks. */
    @ParameterizedTest
    @CsvSource({
        "EfficientNet-B0, efficientNetB0, efficientnet_b0.ra_in1k, efficientNetB0Torch",
        "EfficientNet-B0, efficientNetB0Torch, tf_efficientnet_b0.in1k, efficientNetB0",
        "EfficientNet-B0, efficientNetB0Torch, model, efficientNetB0",
        "MobileNetV3-Large, mobileNetV3Large, mobilenetv3_large_100, mobileNetV3LargeTorch",
        "MobileNetV3-Large, mobileNetV3LargeTorch, tf_mobilenetv3_large_100, mobileNetV3Large",
        "MobileNetV3-Large, mobileNetV3LargeTorch, model, mobileNetV3Large"
    })
    void theRightBackboneIsNamed(String network, String backbone, String file, String right) throws IOException {
        Path weights = PublishedNetworks.writeSafetensors(
                folder.resolve(file + ".safetensors"),
                PublishedNetworks.in("torch").get(network + " | timm"));
        TransferLearner learner = TransferLearner.of(Backbones.named(backbone))
                .weights(Weights.file(weights))
                .inputSize(32, 32);
        assertThatThrownBy(() -> learner.features(ImageDataset.of(IntegerImages.rgb(1, 32, 32), new int[1])))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("; see Backbone." + right + "(). If it is of");
    }
}
