package org.transfer4j.internal.label;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** The order of classes that were not given one. */
public final class ClassOrder {
    /**
     * By Unicode code point. Java compares strings by UTF-16 unit, which puts what lies beyond the basic plane before the
     * last of the plane.
     */
    public static final Comparator<String> BY_CODE_POINT = ClassOrder::compareCodePoints;

    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+");
    private static final Comparator<String> BY_VALUE =
            Comparator.comparing(ClassOrder::integer).thenComparing(BY_CODE_POINT);

    private ClassOrder() {}

    /** The distinct labels: by value where all of them are integers, else by code point. */
    public static List<String> sorted(Collection<String> labels) {
        List<String> distinct = labels.stream().distinct().toList();
        boolean integers =
                distinct.stream().allMatch(label -> INTEGER.matcher(label).matches());
        return distinct.stream().sorted(integers ? BY_VALUE : BY_CODE_POINT).toList();
    }

    private static int compareCodePoints(String a, String b) {
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

    private static Integral integer(String text) {
        int digits = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        while (digits < text.length() && text.charAt(digits) == '0') {
            digits++;
        }
        String magnitude = text.substring(digits);
        return new Integral(magnitude.isEmpty() ? 0 : text.startsWith("-") ? -1 : 1, magnitude);
    }

    /** An integer of any length by its digits: making a number of a million of them takes minutes. */
    private record Integral(int sign, String magnitude) implements Comparable<Integral> {
        @Override
        public int compareTo(Integral other) {
            if (sign != other.sign) {
                return Integer.compare(sign, other.sign);
            }
            int larger = magnitude.length() == other.magnitude.length()
                    ? magnitude.compareTo(other.magnitude)
                    : Integer.compare(magnitude.length(), other.magnitude.length());
            return sign * larger;
        }
    }
}
