package org.transfer4j.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Names of modules and their numbers, written down from torchvision's and timm's networks. */
class TorchNamesTest {
    private static Map<String, String> names(Backbone backbone) {
        assertThat(backbone.torchNames()).hasSize(1);
        return backbone.torchNames().get(0);
    }

    private static void assertModules(Map<String, String> names, int count) {
        assertThat(names).hasSize(count);
        assertThat(new HashSet<>(names.values())).as("each module once").hasSize(count);
    }

    @Test
    void vgg16() {
        Map<String, String> names = names(Backbone.vgg16());
        assertModules(names, 13);
        assertThat(names)
                .containsEntry("block1_conv1", "features.0")
                .containsEntry("block1_conv2", "features.2")
                .containsEntry("block2_conv1", "features.5")
                .containsEntry("block3_conv1", "features.10")
                .containsEntry("block4_conv1", "features.17")
                .containsEntry("block5_conv1", "features.24")
                .containsEntry("block5_conv3", "features.28");
    }

    @Test
    void vgg19() {
        Map<String, String> names = names(Backbone.vgg19());
        assertModules(names, 16);
        assertThat(names)
                .containsEntry("block3_conv4", "features.16")
                .containsEntry("block4_conv1", "features.19")
                .containsEntry("block5_conv4", "features.34");
    }

    @Test
    void aLowerPartHasTheNamesOfTheWhole() {
        assertThat(Backbone.vgg16().upTo("block1_pool").torchNames())
                .isEqualTo(Backbone.vgg16().torchNames());
    }

    @Test
    void resNet18() {
        Map<String, String> names = names(Backbone.resNet18());
        assertModules(names, 40);
        assertThat(names)
                .containsEntry("conv1_conv", "conv1")
                .containsEntry("conv1_bn", "bn1")
                .containsEntry("conv2_block1_1_conv", "layer1.0.conv1")
                .containsEntry("conv2_block2_2_bn", "layer1.1.bn2")
                .doesNotContainKey("conv2_block1_0_conv")
                .containsEntry("conv3_block1_0_conv", "layer2.0.downsample.0")
                .containsEntry("conv5_block1_0_bn", "layer4.0.downsample.1")
                .containsEntry("conv5_block2_2_conv", "layer4.1.conv2");
    }

    @Test
    void resNet50() {
        Map<String, String> names = names(Backbone.resNet50V15());
        assertModules(names, 106);
        assertThat(names)
                .containsEntry("conv2_block1_0_conv", "layer1.0.downsample.0")
                .containsEntry("conv2_block3_3_bn", "layer1.2.bn3")
                .containsEntry("conv4_block6_2_conv", "layer3.5.conv2")
                .containsEntry("conv5_block3_3_conv", "layer4.2.conv3");
    }

    @Test
    void denseNet121() {
        Map<String, String> names = names(Backbone.denseNet121());
        assertModules(names, 241);
        assertThat(names)
                .containsEntry("conv1_conv", "features.conv0")
                .containsEntry("conv1_bn", "features.norm0")
                .containsEntry("conv2_block1_0_bn", "features.denseblock1.denselayer1.norm1")
                .containsEntry("conv2_block1_1_conv", "features.denseblock1.denselayer1.conv1")
                .containsEntry("conv2_block1_1_bn", "features.denseblock1.denselayer1.norm2")
                .containsEntry("conv5_block16_2_conv", "features.denseblock4.denselayer16.conv2")
                .containsEntry("pool2_bn", "features.transition1.norm")
                .containsEntry("pool4_conv", "features.transition3.conv")
                .containsEntry("bn", "features.norm5");
    }

    @Test
    void efficientNetB0() {
        Map<String, String> names = names(Backbone.efficientNetB0());
        assertModules(names, 130);
        assertThat(names)
                .containsEntry("stem_conv", "conv_stem")
                .containsEntry("block1a_dwconv", "blocks.0.0.conv_dw")
                .containsEntry("block1a_bn", "blocks.0.0.bn1")
                .containsEntry("block1a_project_conv", "blocks.0.0.conv_pw")
                .containsEntry("block1a_project_bn", "blocks.0.0.bn2")
                .containsEntry("block2a_expand_conv", "blocks.1.0.conv_pw")
                .containsEntry("block2b_bn", "blocks.1.1.bn2")
                .containsEntry("block6d_se_expand", "blocks.5.3.se.conv_expand")
                .containsEntry("block7a_project_bn", "blocks.6.0.bn3")
                .containsEntry("top_bn", "bn2");
    }

    @Test
    void vgg16BatchNorm() {
        Map<String, String> names = names(Backbone.vgg16BatchNorm());
        assertModules(names, 26);
        assertThat(names)
                .containsEntry("block1_conv1_bn", "features.1")
                .containsEntry("block2_conv1", "features.7")
                .containsEntry("block5_conv3_bn", "features.41");
    }

    @Test
    void twoLayersOfOneModuleAreRefused() {
        Backbone.Builder builder = Backbone.builder("twice", Backbone.vgg16().topology());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.torchNames(Map.of("a", "features.0", "b", "features.0")))
                .withMessageContaining("two layers of twice are given one module of PyTorch");
    }
}
