package org.transfer4j.internal.gradient;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The part of a network on images, from its input to what the dense layers read.
 *
 * @param nodes in topological order; the last gives what the dense layers read
 * @param multiplicationsOfAnImage in a forward pass
 */
public record Body(List<Node> nodes, long multiplicationsOfAnImage) {
    /** The graph's own input among the inputs of a node. */
    static final int INPUT = -1;

    /**
     * An operation and where its inputs come from.
     *
     * @param inputs indices of nodes, or {@link #INPUT}
     */
    public record Node(Operation operation, List<Integer> inputs) {}

    /** For each node, whether something that learns lies below it. */
    List<Boolean> learnsBelow() {
        Set<Integer> learning = new HashSet<>();
        List<Boolean> below = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            boolean any = nodes.get(i).inputs().stream().anyMatch(learning::contains);
            below.add(any);
            if (any || nodes.get(i).operation().learns()) {
                learning.add(i);
            }
        }
        return below;
    }

    /** How many numbers its convolutions multiply in a forward pass over so many images. */
    long multiplications(long images) {
        return images * multiplicationsOfAnImage;
    }

    /** Frees what the operations own. */
    void close() {
        nodes.forEach(node -> node.operation().close());
    }
}
