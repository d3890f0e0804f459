package org.transfer4j.onnxruntime;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.NodeProto;

/** Looks at a node's attributes: ONNX Runtime divides by some of them without a look, and the processor ends the process. */
final class AttributeCheck {
    /** What there is at least one of. */
    private static final Set<String> POSITIVE = Set.of(
            "blocksize",
            "dilations",
            "group",
            "kernel_shape",
            "kv_num_heads",
            "num_groups",
            "num_heads",
            "num_outputs",
            "q_num_heads",
            "size",
            "strides");

    /** The same of what 0 leaves out. */
    private static final Set<String> NOT_NEGATIVE = Set.of("block_size");

    private AttributeCheck() {}

    /**
     * Checks a node's attributes.
     *
     * @param title of the node
     * @throws IllegalArgumentException with the rule that one breaks
     */
    static void check(NodeProto node, String title) {
        Set<String> names = new HashSet<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            if (!names.add(attribute.getName())) {
                throw new IllegalArgumentException("the node " + title + " has no two attributes of one name, but two"
                        + " called \"" + attribute.getName() + "\"");
            }
            if (POSITIVE.contains(attribute.getName())) {
                requireAtLeast(1, attribute, title);
            } else if (NOT_NEGATIVE.contains(attribute.getName())) {
                requireAtLeast(0, attribute, title);
            }
        }
        if (node.getOpType().equals("Constant") && node.getAttributeCount() != 1) {
            throw new IllegalArgumentException("the node " + title + " has its number in one attribute, got "
                    + names.stream().sorted().toList());
        }
    }

    private static void requireAtLeast(long least, AttributeProto attribute, String title) {
        List<Long> values = switch (attribute.getType()) {
            case INT -> List.of(attribute.getI());
            case INTS -> attribute.getIntsList();
            default -> List.of(least - 1);
        };
        if (values.stream().anyMatch(value -> value < least)) {
            throw new IllegalArgumentException("the node " + title + " has whole numbers of " + least
                    + " or more for its attribute " + attribute.getName() + ", got "
                    + (attribute.getType() == AttributeProto.AttributeType.INTS
                            ? attribute.getIntsList()
                            : attribute.getI()));
        }
    }
}
