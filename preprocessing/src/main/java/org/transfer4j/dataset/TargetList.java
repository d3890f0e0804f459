package org.transfer4j.dataset;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.Set;
import java.util.HashSet;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.transfer4j.dataset.FileCheck.LabelledFile;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.label.LabelText;

/**
 * Files with the numbers of each: those of a folder, or of a CSV file of a path and one number or more a row, under a heading
 * or without.
 */
record TargetList(List<String> names, List<Row> rows) {
    /** Possessive, so that what is no number is told in the time of one look at it. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?(?:\\d++(?:\\.\\d*+)?|\\.\\d++)(?:[eE][+-]?\\d++)?");

    /** An image and its numbers. */
    @SuppressWarnings("ArrayRecordComponent") // read once, into a dataset
    record Row(LabelledFile file, double[] targets) {}

    static TargetList read(Path list) {
        List<CsvList.CsvRecords.Row> records = CsvList.rows(list);
        boolean headed = CsvList.isHeaded(list, records);
        int first = headed ? 1 : 0;
        if (first == records.size()) {
            throw new DatasetException(list, "lists no images: rows of path,number are expected");
        }
        int targets = records.get(0).fields().size() - 1;
        List<String> names = headed ? names(list, records.get(0)) : names(targets);
        List<Row> rows = records.subList(first, records.size()).stream()
                .map(row -> row(list, row, names))
                .toList();
        return new TargetList(names, rows);
    }

    private static List<String> names(Path list, CsvList.CsvRecords.Row heading) {
        try {
            return checked(
                    heading.fields().subList(1, heading.fields().size()));
        } catch (IllegalArgumentException e) {
            throw new DatasetException(list, "line " + heading.line() + ": " + e.getMessage(), e);
        }
    }

    private static Row row(Path list, CsvList.CsvRecords.Row row, List<String> names) {
        String place = "line " + row.line();
        List<String> fields = row.fields();
        if (fields.size() != names.size() + 1 || names.isEmpty()) {
            String text = String.join(",", fields);
            throw new DatasetException(
                    list,
                    place + ": " + (Math.max(1, names.size()) + 1) + " fields, path,"
                            + (names.isEmpty() ? "number" : String.join(",", names))
                            + ", are expected but there are " + fields.size() + ": "
                            + LabelText.shown(text)
                            + "; fields are separated by commas, and numbers have a decimal point");
        }
        double[] targets = new double[names.size()];
        for (int i = 0; i < targets.length; i++) {
            String field = fields.get(i + 1).strip();
            if (!NUMBER.matcher(field).matches()) {
                String rule = names.get(i) + " must be a finite number, but is \"" + LabelText.shown(field) + "\"";
                throw new DatasetException(
                        list,
                        place + ": " + rule
                                + (row.line() == 1
                                        ? "; a heading begins with the title path, file, filename or image"
                                        : ""));
            }
            targets[i] = Double.parseDouble(field);
        }
        try {
            require(targets, names);
        } catch (IllegalArgumentException e) {
            throw new DatasetException(list, place + ": " + e.getMessage(), e);
        }
        return new Row(CsvList.file(list, place, fields.get(0), ""), targets);
    }

    /** Names of targets that have none: "target", or "target 1" and so on. */
    static List<String> names(int targets) {
        return targets == 1
                ? List.of("target")
                : IntStream.rangeClosed(1, targets).mapToObj(i -> "target " + i).toList();
    }

    /**
     * Names as they are kept: stripped, in Unicode's composed form.
     *
     * @throws IllegalArgumentException if there is none, one is empty, could not be decoded, or is there twice
     */
    static List<String> checked(List<String> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("an image has one target or more, but no target is named");
        }
        for (String name : names) {
            LabelText.unusable(name).ifPresent(sign -> {
                throw new IllegalArgumentException(
                        "the name of the target \"" + LabelText.shown(name) + "\" has " + sign);
            });
        }
        List<String> read =
                names.stream().map(name -> LabelText.normal(name.strip())).toList();
        Set<String> seen = new HashSet<>();
        for (String name : read) {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("a target has a name, but one of " + read + " is empty");
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("targets have different names, but these are " + read);
            }
        }
        return read;
    }

    /**
     * Checks the numbers of one image.
     *
     * @throws IllegalArgumentException if there are others than the names say, or one is no finite float
     */
    static void require(double[] targets, List<String> names) {
        if (targets.length != names.size()) {
            throw new IllegalArgumentException("an image has a number for each of " + names + ", but there are "
                    + targets.length + ": " + Arrays.toString(targets));
        }
        for (int i = 0; i < targets.length; i++) {
            if (!Float.isFinite((float) targets[i])) {
                throw new IllegalArgumentException(names.get(i) + " must be a finite number, at most " + Float.MAX_VALUE
                        + ", but is " + targets[i]);
            }
        }
    }
}
