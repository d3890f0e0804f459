package org.transfer4j.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.transfer4j.internal.network.SizedNetwork;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.GoldenFiles;

class FamiliesTest {
    /** What Keras has as layers and this library has not: padding, shapes, preprocessing, stochastic depth, the input. */
    private static final Pattern NO_LAYERS =
            Pattern.compile("input_layer.*|.*_pad|zero_padding2d.*|rescaling.*|normalization.*|.*_se_reshape|.*_drop");

    private static long parameters(Backbone backbone) {
        return backbone.topology().configure(64, 64).getVertices().values().stream()
                .mapToLong(vertex -> vertex.numParams(true))
                .sum();
    }

    static Stream<Arguments> parameterCounts() {
        return Stream.of(
                // of model.summary() in Keras, without top; EfficientNet's less 7 of its preprocessing
                Arguments.of(Backbone.vgg16(), 14_714_688),
                Arguments.of(Backbone.vgg19(), 20_024_384),
                Arguments.of(Backbone.resNet50(), 23_587_712),
                Arguments.of(Backbone.mobileNetV2(), 2_257_984),
                Arguments.of(Backbone.efficientNetB0(), 4_049_571 - 7),
                Arguments.of(Backbone.denseNet121(), 7_037_504),
                // torchvision's 25,557,032 and 11,689,512 less the top, and the running means and variances
                Arguments.of(Backbone.resNet50V15(), 25_557_032 - 2_049_000 + 53_120),
                Arguments.of(Backbone.resNet18(), 11_689_512 - 513_000 + 9_600));
    }

    @ParameterizedTest
    @MethodSource("parameterCounts")
    void theyHaveTheNumberOfParametersOfTheirModels(Backbone backbone, long expected) {
        assertThat(parameters(backbone)).isEqualTo(expected);
    }

    static Stream<Arguments> ofKeras() {
        return Stream.of(
                Arguments.of("vgg19", Backbone.vgg19()),
                Arguments.of("resNet50", Backbone.resNet50()),
                Arguments.of("mobileNetV2", Backbone.mobileNetV2()),
                Arguments.of("efficientNetB0", Backbone.efficientNetB0()),
                Arguments.of("denseNet121", Backbone.denseNet121()));
    }

    @ParameterizedTest
    @MethodSource("ofKeras")
    void layersAreCalledAsInKeras(String name, Backbone backbone) {
        Set<String> expected = StreamSupport.stream(
                        GoldenFiles.json("backbones/" + name + "/layers.json").spliterator(), false)
                .map(JsonNode::asText)
                .filter(layer -> !NO_LAYERS.matcher(layer).matches())
                .collect(Collectors.toSet());
        assertThat(((SizedNetwork) backbone.topology())
                        .network(224, 224)
                        .layers()
                        .keySet())
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    static Stream<Arguments> features() {
        return Stream.of(
                Arguments.of(Backbone.vgg19(), 512, 7, 6),
                Arguments.of(Backbone.resNet50(), 2048, 7, 7),
                Arguments.of(Backbone.resNet50V15(), 2048, 7, 7),
                Arguments.of(Backbone.resNet18(), 512, 7, 7),
                Arguments.of(Backbone.mobileNetV2(), 1280, 7, 7),
                Arguments.of(Backbone.efficientNetB0(), 1280, 7, 7),
                Arguments.of(Backbone.denseNet121(), 1024, 7, 6));
    }

    @ParameterizedTest
    @MethodSource("features")
    void featuresAreAThirtySecondOfTheImage(Backbone backbone, long channels, long height, long width) {
        ComputationGraphConfiguration graph = backbone.topology().configure(224, 201);
        InputType output = graph.getLayerActivationTypes(InputType.convolutional(224, 201, 3))
                .get(graph.getNetworkOutputs().get(0));
        assertThat(output).isEqualTo(InputType.convolutional(height, width, channels));
    }

    @Test
    void theyAreDescribedAsInTheJavadoc() {
        assertThat(Backbone.vgg19().preprocessing()).isEqualTo(ImagePreprocessing.caffe());
        assertThat(Backbone.resNet50().preprocessing()).isEqualTo(ImagePreprocessing.caffe());
        assertThat(Backbone.resNet50V15().preprocessing()).isEqualTo(ImagePreprocessing.torch());
        assertThat(Backbone.resNet18().preprocessing()).isEqualTo(ImagePreprocessing.torch());
        assertThat(Backbone.mobileNetV2().preprocessing()).isEqualTo(ImagePreprocessing.tf());
        assertThat(Backbone.efficientNetB0().preprocessing()).isEqualTo(ImagePreprocessing.torch());
        assertThat(Backbone.denseNet121().preprocessing()).isEqualTo(ImagePreprocessing.torch());
        assertThat(Backbone.resNet50V15().pretrainedWeights()).isEmpty();
        assertThat(Backbone.resNet18().pretrainedWeights()).isEmpty();
        ofKeras().map(arguments -> (Backbone) arguments.get()[1]).forEach(backbone -> {
            assertThat(backbone.inputHeight()).isEqualTo(224);
            assertThat(backbone.inputWidth()).isEqualTo(224);
            assertThat(backbone.minimumSize()).isEqualTo(32);
            PretrainedWeights weights = backbone.pretrainedWeights().orElseThrow();
            assertThat(weights.name()).startsWith("weights/" + backbone.name() + "/");
            assertThat(weights.source().getPath())
                    .endsWith(weights.name().substring(weights.name().lastIndexOf('/')));
            assertThat(weights.checksum().confirmed()).isFalse();
            // four bytes a parameter and what HDF5 adds
            assertThat(weights.size()).isBetween(4 * parameters(backbone), 4 * parameters(backbone) * 11 / 10);
        });
    }

    @Test
    void blocksEndWhereTheFamilySaysSo() {
        assertThat(Backbone.vgg19().cutPoints())
                .containsExactly("block1_pool", "block2_pool", "block3_pool", "block4_pool", "block5_pool");
        assertThat(Backbone.resNet18().cutPoints())
                .containsExactly(
                        "conv1_relu",
                        "pool1_pool",
                        "conv2_block1_out",
                        "conv2_block2_out",
                        "conv3_block1_out",
                        "conv3_block2_out",
                        "conv4_block1_out",
                        "conv4_block2_out",
                        "conv5_block1_out",
                        "conv5_block2_out");
        assertThat(Backbone.mobileNetV2().cutPoints())
                .startsWith("Conv1_relu", "expanded_conv_project_BN", "block_1_project_BN", "block_2_add")
                .endsWith("block_16_project_BN", "out_relu")
                .hasSize(19);
        assertThat(Backbone.efficientNetB0().cutPoints())
                .startsWith("stem_activation", "block1a_project_bn", "block2a_project_bn", "block2b_add")
                .endsWith("block7a_project_bn", "top_activation")
                .hasSize(18);
        assertThat(Backbone.denseNet121().cutPoints())
                .containsExactly(
                        "conv1_relu",
                        "pool1",
                        "conv2_block6_concat",
                        "pool2_pool",
                        "conv3_block12_concat",
                        "pool3_pool",
                        "conv4_block24_concat",
                        "pool4_pool",
                        "conv5_block16_concat",
                        "relu");
    }
}
