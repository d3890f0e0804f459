package org.transfer4j.evaluation;

/** Names of classes in tables: on one line, and not longer than the column. */
final class ShortNames {
    private ShortNames() {}

    static String cut(String name, int longest) {
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
}
