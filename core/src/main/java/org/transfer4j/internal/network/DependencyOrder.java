package org.transfer4j.internal.network;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Puts the vertices of a graph that nobody vouches for into an order in which each comes after all that it needs.
 * Without recursion, so that a forged graph can't be too deep for it.
 */
public final class DependencyOrder {
    private DependencyOrder() {}

    /**
     * Orders vertices and all that they need.
     *
     * @param wanted the vertices; they keep their order where nothing stands against it
     * @param inputs from a vertex to those that it needs
     * @throws IllegalArgumentException if a vertex needs itself
     */
    public static Set<String> of(Collection<String> wanted, Function<String, List<String>> inputs) {
        Set<String> ordered = new LinkedHashSet<>();
        for (String vertex : wanted) {
            visit(vertex, inputs, ordered);
        }
        return ordered;
    }

    private record Visit(String vertex, Iterator<String> inputs) {}

    private static void visit(String start, Function<String, List<String>> inputs, Set<String> ordered) {
        if (ordered.contains(start)) {
            return;
        }
        Set<String> open = new HashSet<>();
        Deque<Visit> path = new ArrayDeque<>();
        open.add(start);
        path.push(new Visit(start, inputs.apply(start).iterator()));
        while (!path.isEmpty()) {
            Visit visit = path.peek();
            if (!visit.inputs().hasNext()) {
                ordered.add(visit.vertex());
                open.remove(visit.vertex());
                path.pop();
                continue;
            }
            String input = visit.inputs().next();
            if (open.contains(input)) {
                throw new IllegalArgumentException("a network's layers must not form a circle, but " + input
                        + " needs its own output, by way of " + visit.vertex());
            }
            if (!ordered.contains(input)) {
                open.add(input);
                path.push(new Visit(input, inputs.apply(input).iterator()));
            }
        }
    }
}
