package org.transfer4j.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.transfer4j.internal.network.Network;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.GoldenFiles;

class FamiliesTest {
    /** What Keras has as layers and this library has not: padding, shapes, preprocessing, stochastic depth, the input. */
    private static final Pattern NO_LAYERS =
            Pattern.compile("input_layer.*|.*_pad|zero_padding2d.*|rescaling.*|normalization.*|.*_se_reshape|.*_drop");

    private static long parameters(Backbone backbone) {
        return network(backbone, 64, 64).parameterCount();
    }

    private static Network network(Backbone backbone, int height, int width) {
        return ((Network.Sized) backbone.topology()).network(height, width);
    }

    static Stream<Arguments> ofKeras() {
        return Stream.of(
                Arguments.of("vgg19", Backbone.vgg19()),
                Arguments.of("resNet50", Backbone.resNet50()),
                Arguments.of("mobileNetV2", Backbone.mobileNetV2()),
                Arguments.of("efficientNetB0", Backbone.efficientNetB0()),
                Arguments.of("efficientNetV2B0", Backbone.efficientNetV2B0()),
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
        assertThat(((Network.Sized) backbone.topology())
                        .network(224, 224)
                        .layers()
                        .keySet())
                .containsExactlyInAnyOrderElementsOf(expected);
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
            // four bytes a parameter and what HDF5 adds, where the size is known
            if (weights.size() >= 0) {
                assertThat(weights.size()).isBetween(4 * parameters(backbone), 4 * parameters(backbone) * 11 / 10);
            }
        });
    }

    /** Which of all there are DL4J can't say is known: it refuses them by the layer's name. */
    @Test
    void whatDl4jCanNotSayIsRefusedByName() {
        assertThatThrownBy(() -> Backbone.resNeXt50().topology().configure(64, 64))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("layer 'conv2_block1_2_conv' (Conv2D): DL4J can't compute");
        assertThatThrownBy(() -> Backbone.mobileNetV3Large().topology().configure(64, 64))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("layer 'conv_activation' (Activation): DL4J can't compute");
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
        assertThat(Backbone.efficientNetB0Torch().cutPoints())
                .startsWith("bn1.act", "blocks.0.0.bn2", "blocks.1.0.bn3", "blocks.1.1.add")
                .endsWith("blocks.6.0.bn3", "bn2.act")
                .hasSize(18);
        assertThat(Backbone.efficientNetV2B0().cutPoints())
                .startsWith("stem_activation", "block1a_project_activation", "block2a_project_bn", "block2b_add")
                .endsWith("block6h_add", "top_activation")
                .hasSize(23);
        assertThat(Backbone.mobileNetV3Large().cutPoints())
                .startsWith("conv_activation", "expanded_conv_add", "expanded_conv_1_project_bn", "expanded_conv_2_add")
                .endsWith("expanded_conv_14_add", "conv_1_activation")
                .hasSize(17);
        assertThat(Backbone.hgNetV2B4().cutPoints())
                .containsExactly(
                        "stem.stem4.act",
                        "stages.0.blocks.0.aggregation.1.act",
                        "stages.1.blocks.0.aggregation.1.act",
                        "stages.2.blocks.0.aggregation.1.act",
                        "stages.2.blocks.1.add",
                        "stages.2.blocks.2.add",
                        "stages.3.blocks.0.aggregation.1.act");
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
