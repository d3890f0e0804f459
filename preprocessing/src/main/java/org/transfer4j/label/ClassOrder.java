package org.transfer4j.label;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The order of classes that were not given one. */
final class ClassOrder {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    private static final Comparator<String> BY_CODE_POINT =
            Comparator.comparing(label -> label.codePoints().toArray(), Arrays::compare);

    private ClassOrder() {}

    static List<String> sorted(Collection<String> labels) {
        Set<String> distinct = new LinkedHashSet<>(labels);
        boolean integers =
                distinct.stream().allMatch(label -> INTEGER.matcher(label).matches());
        return distinct.stream()
                .sorted(integers ? byNumber(distinct) : BY_CODE_POINT)
                .toList();
    }

    private static Comparator<String> byNumber(Set<String> integers) {
        Map<String, BigInteger> numbers =
                integers.stream().collect(Collectors.toMap(Function.identity(), BigInteger::new));
        return Comparator.<String, BigInteger>comparing(numbers::get).thenComparing(BY_CODE_POINT);
    }
}
