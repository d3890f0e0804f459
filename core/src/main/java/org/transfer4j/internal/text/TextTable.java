package org.transfer4j.internal.text;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.stream.Stream;

/** A table of plain text, line by line, the same in every locale; no line ends in blanks. */
public final class TextTable {
    private static final int LONGEST_NAME = 40;

    private final StringBuilder text = new StringBuilder();
    private final String columns;

    /** A table with columns such as {@code "%-20s  %9s"}, one conversion a cell, or some of them by number, such as {@code "%2$9s"}. */
    public TextTable(String columns) {
        this.columns = columns;
    }

    /** Adds a line of cells. */
    public TextTable row(Object... cells) {
        return line(String.format(Locale.ROOT, columns, cells).stripTrailing());
    }

    /** Adds a line as it stands; "" is an empty one. */
    public TextTable line(String line) {
        text.append(line).append('\n');
        return this;
    }

    /**
     * A number as C and Python round it: the exact binary value to the nearest, halves to even. Java's own formatter rounds
     * halves up. What is not finite is "-".
     */
    public static String decimals(double value, int digits) {
        return Double.isFinite(value)
                ? new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString()
                : "-";
    }

    /** How wide a column is that has these names in it, each cut as {@link #cut(String)} does. */
    public static int width(Stream<String> names) {
        return names.mapToInt(name -> cut(name).length()).max().orElse(1);
    }

    /** A name that begins a line: on one line itself, and of 40 letters at most. */
    public static String cut(String name) {
        return cut(name, LONGEST_NAME);
    }

    /** A name for a cell: on one line, and not longer than the column. */
    public static String cut(String name, int longest) {
        String line = name.replaceAll("\\p{Cntrl}", " ");
        if (line.length() <= longest) {
            return line;
        }
        int end = longest - 2;
        if (Character.isHighSurrogate(line.charAt(end - 1))) {
            end--;
        }
        return line.substring(0, end) + "..";
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
