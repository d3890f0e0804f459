package org.transfer4j.internal.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.transfer4j.backbone.Backbone;

/** Where the backbones of the library can be cut. */
class BackboneCutsTest {
    /** Each with its last stage, at which fine-tuning begins. */
    static Stream<Arguments> lastStages() {
        return Stream.of(
                Arguments.of(Backbone.vgg19(), "block5_conv1", "block4_pool"),
                Arguments.of(Backbone.resNet50(), "conv5_block1_1_conv", "conv4_block6_out"),
                Arguments.of(Backbone.resNet50V15(), "conv5_block1_0_conv", "conv4_block6_out"),
                Arguments.of(Backbone.resNet18(), "conv5_block1_1_conv", "conv4_block2_out"),
                Arguments.of(Backbone.mobileNetV2(), "block_16_expand", "block_15_add"),
                Arguments.of(Backbone.efficientNetB0(), "block7a_expand_conv", "block6d_add"),
                Arguments.of(Backbone.denseNet121(), "conv5_block1_0_bn", "pool4_pool"));
    }

    @ParameterizedTest
    @MethodSource("lastStages")
    void fineTuningBeginsAboveTheEndOfABlock(Backbone backbone, String first, String below) {
        assertThat(SizedBackbone.of(backbone, 64, 64).freezeBelow(first)).isEqualTo(Freeze.upTo(below));
    }

    @Test
    void aCutInsideABlockIsRefusedWithTheEndsOfTheBlocks() {
        for (String inside : List.of("conv3_block2_1_conv", "conv3_block2_add", "conv3_block1_0_bn")) {
            Freeze freeze = Freeze.upTo(inside);
            if (inside.endsWith("add")) {
                SizedBackbone.of(Backbone.resNet50(), 64, 64).lastFrozen(freeze);
            } else {
                assertThatIllegalArgumentException()
                        .isThrownBy(() ->
                                SizedBackbone.of(Backbone.resNet50(), 64, 64).lastFrozen(freeze))
                        .withMessageContaining(inside + " of resnet50 has a connection around it")
                        .withMessageContaining("its blocks end at [conv1_relu, pool1_pool, conv2_block1_out, ")
                        .withMessageEndingWith("conv5_block3_out]");
            }
        }
    }

    @Test
    void anUnknownLayerIsRefusedWithTheEndsOfTheBlocksThatAreLeft() {
        Backbone early = Backbone.denseNet121().upTo("pool2_pool");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SizedBackbone.of(early, 64, 64).lastFrozen(Freeze.upTo("relu")))
                .withMessageContaining("densenet121 has no layer named \"relu\"")
                .withMessageEndingWith("; its blocks end at [conv1_relu, pool1, conv2_block6_concat, pool2_pool]");
    }

    @Test
    void cutPointsThatAreNotThereAreRefused() {
        Backbone wrong = Backbone.builder("wrong", Backbone.vgg19().topology())
                .cutPoints(List.of("block1_pool", "block9_pool"))
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SizedBackbone.of(wrong, 64, 64))
                .withMessageContaining("wrong has no layer named \"block9_pool\"");
    }
}
