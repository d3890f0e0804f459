package org.transfer4j.onnxruntime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import onnx.Onnx.TensorProto.DataType;
import org.transfer4j.onnxruntime.NodeCall.UnforeseenException;

/** Shapes of what sums, means and products over axes give. */
final class Reductions {
    private Reductions() {}

    /**
     * The shape that is left.
     *
     * @param axes empty for all, unless the node says otherwise
     */
    static List<Long> reduced(NodeCall call, Optional<List<Long>> axes, long keptByDefault) {
        List<Long> shape = call.shape(0);
        boolean named = axes.isPresent() && !axes.get().isEmpty();
        if (!named && call.integer("noop_with_empty_axes", 0) != 0) {
            return shape;
        }
        Set<Integer> gone = named
                ? axes.get().stream()
                        .map(axis -> NodeCall.axis(axis, shape.size()))
                        .collect(Collectors.toSet())
                : IntStream.range(0, shape.size()).boxed().collect(Collectors.toSet());
        boolean kept = call.integer("keepdims", keptByDefault) != 0;
        List<Long> left = new ArrayList<>();
        for (int i = 0; i < shape.size(); i++) {
            if (!gone.contains(i)) {
                left.add(shape.get(i));
            } else if (kept) {
                left.add(1L);
            }
        }
        return left;
    }

    /**
     * Einstein's summation: each letter is a size. The last is no output, but what lies between two steps, of which there
     * are more than one where there are more than two terms.
     */
    static List<Foreseen> einsum(NodeCall call, DataType type) {
        String equation = call.text("equation", "").replace(" ", "");
        String[] sides = equation.split("->", -1);
        String[] terms = sides[0].split(",", -1);
        if (equation.contains(".") || sides.length > 2 || terms.length != call.inputs()) {
            throw new UnforeseenException("has the equation " + equation);
        }
        Map<Character, Long> sizes = new HashMap<>();
        for (int i = 0; i < terms.length; i++) {
            List<Long> shape = call.shape(i);
            if (terms[i].length() != shape.size()) {
                throw new IllegalArgumentException("has the equation " + equation + " for an input " + shape);
            }
            for (int j = 0; j < shape.size(); j++) {
                sizes.merge(terms[i].charAt(j), shape.get(j), Math::max);
            }
        }
        String result = sides.length == 2
                ? sides[1]
                : sides[0].chars()
                        .filter(letter -> Character.isLetter(letter)
                                && sides[0].chars()
                                                .filter(other -> other == letter)
                                                .count()
                                        == 1)
                        .sorted()
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining());
        List<Long> shape = result.chars()
                .mapToObj(letter -> sizes.getOrDefault((char) letter, 1L))
                .toList();
        long between = terms.length <= 2
                ? call.all().stream().mapToLong(Foreseen::most).reduce(0, Math::addExact)
                : Foreseen.elements(List.copyOf(sizes.values()));
        return List.of(Foreseen.of(type, shape), Foreseen.upTo(type, between));
    }
}
