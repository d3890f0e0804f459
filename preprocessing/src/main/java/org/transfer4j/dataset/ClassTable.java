package org.transfer4j.dataset;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The classes of a dataset in their order: numbers by value where all labels are whole numbers, else by code point. */
final class ClassTable {
    private static final Pattern WHOLE_NUMBER = Pattern.compile("[+-]?[0-9]{1,1000}");
    private static final Comparator<String> BY_CODE_POINT = ClassTable::compareCodePoints;
    private static final Comparator<String> BY_VALUE =
            Comparator.<String, BigInteger>comparing(BigInteger::new).thenComparing(BY_CODE_POINT);

    private final List<String> names;
    private final Map<String, Integer> indices = new HashMap<>();

    private ClassTable(List<String> names) {
        this.names = List.copyOf(names);
        for (int i = 0; i < names.size(); i++) {
            indices.put(names.get(i), i);
        }
    }

    static ClassTable of(List<String> labels) {
        List<String> distinct = labels.stream().distinct().toList();
        boolean numbers =
                distinct.stream().allMatch(label -> WHOLE_NUMBER.matcher(label).matches());
        return new ClassTable(
                distinct.stream().sorted(numbers ? BY_VALUE : BY_CODE_POINT).toList());
    }

    List<String> names() {
        return names;
    }

    int[] indicesOf(List<String> labels) {
        return labels.stream().mapToInt(indices::get).toArray();
    }

    /** Strings compare by UTF-16 unit, which puts what lies beyond the basic plane before the last of the plane. */
    static int compareCodePoints(String a, String b) {
        int at = 0;
        while (at < a.length() && at < b.length()) {
            int left = a.codePointAt(at);
            int right = b.codePointAt(at);
            if (left != right) {
                return Integer.compare(left, right);
            }
            at += Character.charCount(left);
        }
        return Integer.compare(a.length(), b.length());
    }
}
