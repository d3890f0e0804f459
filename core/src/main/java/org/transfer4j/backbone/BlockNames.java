package org.transfer4j.backbone;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.transfer4j.backbone.InvertedResiduals.Block;
import org.transfer4j.backbone.InvertedResiduals.Kind;

/** How programs call the layers of {@link InvertedResiduals}: a table a program. */
enum BlockNames {
    /** Of all of these networks. */
    TIMM(
            "conv_stem bn1 conv_head bn2",
            "se.squeeze se add",
            Map.of(
                    Kind.SEPARABLE,
                    "conv_dw bn1 conv_pw bn2 se.conv_reduce se.conv_expand",
                    Kind.INVERTED,
                    "conv_pw bn1 conv_dw bn2 conv_pwl bn3 se.conv_reduce se.conv_expand",
                    Kind.FUSED,
                    "conv_exp bn1 conv_pwl bn2",
                    Kind.PLAIN,
                    "conv bn1",
                    Kind.UNIVERSAL,
                    "dw_start.conv dw_start.bn pw_exp.conv pw_exp.bn dw_mid.conv dw_mid.bn pw_proj.conv pw_proj.bn")) {
        @Override
        String prefix(Block block) {
            return "blocks." + block.stage() + "." + block.place() + ".";
        }
    },

    /** Of EfficientNet. */
    TORCHVISION_EFFICIENTNET(
            "features.0.0 features.0.1 features.8.0 features.8.1",
            "2.avgpool 2 add",
            Map.of(
                    Kind.SEPARABLE,
                    "0.0 0.1 2.0 2.1 1.fc1 1.fc2",
                    Kind.INVERTED,
                    "0.0 0.1 1.0 1.1 3.0 3.1 2.fc1 2.fc2")) {
        @Override
        String prefix(Block block) {
            return "features." + (block.stage() + 1) + "." + block.place() + ".block.";
        }
    },

    /** Of MobileNetV2. */
    TORCHVISION_MOBILENET(
            "features.0.0 features.0.1 features.18.0 features.18.1",
            "",
            Map.of(Kind.SEPARABLE, "0.0 0.1 1 2", Kind.INVERTED, "0.0 0.1 1.0 1.1 2 3")) {
        @Override
        String prefix(Block block) {
            return "features." + (block.number() + 1) + ".conv.";
        }
    },

    /** Of EfficientNet. */
    KERAS_EFFICIENTNET(
            "stem_conv stem_bn top_conv top_bn",
            "se_squeeze se_excite add",
            Map.of(
                    Kind.SEPARABLE,
                    "dwconv bn project_conv project_bn se_reduce se_expand",
                    Kind.INVERTED,
                    "expand_conv expand_bn dwconv bn project_conv project_bn se_reduce se_expand")) {
        @Override
        String prefix(Block block) {
            return KERAS_EFFICIENTNET_V2.prefix(block);
        }
    },

    /** Of EfficientNetV2. */
    KERAS_EFFICIENTNET_V2(
            "stem_conv stem_bn top_conv top_bn",
            "se_squeeze se_excite add",
            Map.of(
                    Kind.INVERTED,
                    "expand_conv expand_bn dwconv2 bn project_conv project_bn se_reduce se_expand",
                    Kind.FUSED,
                    "expand_conv expand_bn project_conv project_bn",
                    Kind.PLAIN,
                    "project_conv project_bn")) {
        @Override
        String prefix(Block block) {
            return "block" + (block.stage() + 1) + (char) ('a' + block.place()) + "_";
        }
    },

    /** Of MobileNetV2. */
    KERAS_MOBILENET_V2(
            "Conv1 bn_Conv1 Conv_1 Conv_1_bn",
            "squeeze scale add",
            Map.of(
                    Kind.SEPARABLE,
                    "depthwise depthwise_BN project project_BN",
                    Kind.INVERTED,
                    "expand expand_BN depthwise depthwise_BN project project_BN")) {
        @Override
        String prefix(Block block) {
            return block.number() == 0 ? "expanded_conv_" : "block_" + block.number() + "_";
        }

        @Override
        String activation(String normalization) {
            return switch (normalization) {
                case "bn_Conv1" -> "Conv1_relu";
                case "Conv_1_bn" -> "out_relu";
                default -> normalization.replaceFirst("BN$", "relu");
            };
        }
    },

    /** Of MobileNetV3. */
    KERAS_MOBILENET_V3(
            "conv conv_bn",
            "squeeze_excite_avg_pool squeeze_excite_mul add",
            Map.of(
                    Kind.SEPARABLE,
                    "depthwise depthwise_bn project project_bn",
                    Kind.INVERTED,
                    "expand expand_bn depthwise depthwise_bn project project_bn squeeze_excite_conv squeeze_excite_conv_1",
                    Kind.PLAIN,
                    "conv_1 conv_1_bn")) {
        @Override
        String prefix(Block block) {
            return block.kind() == Kind.PLAIN
                    ? ""
                    : block.number() == 0 ? "expanded_conv_" : "expanded_conv_" + block.number() + "_";
        }
    };

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final Map<String, String> ends;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final Map<Kind, Map<String, String>> parts;

    /**
     * A table.
     *
     * @param ends of the layers below and above the blocks
     * @param others of what has no parameters in a block
     * @param weighted as {@link Kind} has them, of each kind that the program's networks have; the last may be missing
     */
    BlockNames(String ends, String others, Map<Kind, String> weighted) {
        this.ends = named(List.of("stem", "stem_bn", "top", "top_bn"), ends);
        this.parts = new EnumMap<>(Kind.class);
        weighted.forEach((kind, names) -> {
            Map<String, String> named = named(kind.parts(), names);
            named.putAll(named(List.of("squeeze", "scale", "add"), others));
            parts.put(kind, named);
        });
    }

    private static Map<String, String> named(List<String> parts, String names) {
        Map<String, String> named = new LinkedHashMap<>();
        for (String name : names.split(" ", -1)) {
            named.put(parts.get(named.size()), name);
        }
        return named;
    }

    /** What begins the name of each part of a block. */
    abstract String prefix(Block block);

    /** The name of a layer below or above the blocks. */
    String of(String end) {
        return Objects.requireNonNull(ends.get(end), end);
    }

    /** The name of a part of a block. */
    String of(Block block, String part) {
        Map<String, String> names = Objects.requireNonNull(parts.get(block.kind()));
        return prefix(block) + Objects.requireNonNull(names.get(part), part);
    }

    /** The name of the activation above a batch normalization. */
    String activation(String normalization) {
        return this == TIMM
                ? normalization + ".act"
                : normalization.substring(0, normalization.length() - "bn".length()) + "activation";
    }

    /** What another program calls the layers. */
    Map<String, String> to(BlockNames other, List<Block> blocks) {
        Map<String, String> names = new LinkedHashMap<>();
        ends.forEach((end, own) -> {
            if (other.ends.containsKey(end)) {
                names.put(own, other.of(end));
            }
        });
        for (Block block : blocks) {
            for (String part : block.weightedParts()) {
                names.put(of(block, part), other.of(block, part));
            }
        }
        return names;
    }
}
