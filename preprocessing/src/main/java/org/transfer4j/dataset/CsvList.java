package org.transfer4j.dataset;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.dataset.FileCheck.FileName;
import org.transfer4j.dataset.FileCheck.LabelledFile;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.label.LabelText;

/**
 * A CSV file of images: of two columns, the path of each and its label, or of a path and numbers ({@link TargetList}).
 */
final class CsvList {
    private static final Set<String> PATH_TITLES =
            Set.of("path", "file", "filename", "file_name", "file name", "filepath", "image", "image_path");

    private CsvList() {}

    /**
     * Reads one.
     *
     * @param ofEmptyLabels what to do about an empty label, for the message; "" if nothing
     */
    static List<LabelledFile> read(Path file, String ofEmptyLabels) {
        List<CsvRecords.Row> rows = rows(file);
        int first = isHeaded(file, rows) ? 1 : 0;
        if (first == rows.size()) {
            throw new DatasetException(file, "lists no images: rows of path,label are expected");
        }
        return rows.subList(first, rows.size()).stream()
                .map(row -> entry(file, row, ofEmptyLabels))
                .toList();
    }

    static List<CsvRecords.Row> rows(Path file) {
        if (Files.isDirectory(file)) {
            throw new DatasetException(file, "is a folder, but a CSV file is needed");
        }
        try {
            return Interruption.deferred(() -> {
                try (BufferedReader reader = Files.newBufferedReader(file)) {
                    return CsvRecords.read(file, reader);
                }
            });
        } catch (NoSuchFileException e) {
            throw new DatasetException(file, "does not exist", e);
        } catch (CharacterCodingException e) {
            throw new DatasetException(file, "is not UTF-8 text", e);
        } catch (IOException e) {
            throw FileFailure.of("can't read the CSV file " + file, e);
        }
    }

    /** Whether the first row is a heading: it begins with the title of a column of paths, and no image has that name. */
    static boolean isHeaded(Path file, List<CsvRecords.Row> rows) {
        if (rows.isEmpty()) {
            return false;
        }
        String title = rows.get(0).fields().get(0).strip();
        return PATH_TITLES.contains(title.toLowerCase(Locale.ROOT)) && !Files.isRegularFile(file.resolveSibling(title));
    }

    private static LabelledFile entry(Path file, CsvRecords.Row row, String ofEmptyLabels) {
        String place = "line " + row.line();
        if (row.fields().size() != 2) {
            String text = String.join(",", row.fields());
            boolean otherwise = row.fields().size() == 1 && (text.contains(";") || text.contains("\t"));
            throw new DatasetException(
                    file,
                    place + ": two fields, path,label, are expected but there are "
                            + row.fields().size() + ": " + LabelText.shown(text)
                            + (otherwise ? "; fields are separated by commas" : ""));
        }
        String label = row.fields().get(1).strip();
        if (label.isEmpty() && !row.fields().get(0).isBlank()) {
            throw new DatasetException(file, place + ": the label is empty" + ofEmptyLabels);
        }
        return file(file, place, row.fields().get(0), label);
    }

    /** The file that a row names, and its label. */
    static LabelledFile file(Path file, String place, String named, String label) {
        String path = named.strip();
        if (path.isEmpty()) {
            throw new DatasetException(file, place + ": the path is empty");
        }
        for (String field : List.of(path, label)) {
            LabelText.unusable(field).ifPresent(sign -> {
                throw new DatasetException(file, place + ": \"" + LabelText.shown(field) + "\" has " + sign);
            });
        }
        try {
            return new LabelledFile(file.resolveSibling(path), label, place + " of " + file.getFileName());
        } catch (InvalidPathException e) {
            throw new DatasetException(
                    file,
                    place + ": \"" + path + "\" is not a path"
                            + (path.chars().allMatch(c -> c < 0x80) ? "" : " here; " + FileName.advice()),
                    e);
        }
    }

    /**
     * The records of a CSV file as RFC 4180 defines them, with any line ending; blank lines are left out. FastCSV reads them;
     * a quote that it would take for a letter, or close itself at the end of the file, is an error here.
     */
    static final class CsvRecords extends AbstractBaseCsvCallbackHandler<CsvRecords.Row> {
        private static final char BYTE_ORDER_MARK = '\uFEFF';
        private static final char QUOTE = '"';
        private static final int LONGEST_FIELD = 1 << 20;

        private final Path file;
        private List<String> fields = new ArrayList<>();
        private long line = 1;

        /** The fields of one record, and the line on which it begins, counted from 1. */
        record Row(long line, List<String> fields) {}

        private CsvRecords(Path file) {
            this.file = file;
        }

        static List<Row> read(Path file, BufferedReader text) throws IOException {
            text.mark(1);
            if (text.read() != BYTE_ORDER_MARK) {
                text.reset();
            }
            CsvRecords records = new CsvRecords(file);
            QuoteCount counted = new QuoteCount(text);
            List<Row> rows = records.read(counted);
            if (counted.quotes % 2 != 0) {
                throw records.fault("a quoted field that is never closed");
            }
            return rows;
        }

        private List<Row> read(Reader text) throws IOException {
            CsvReader.CsvReaderBuilder format = CsvReader.builder()
                    .allowExtraFields(true)
                    .allowMissingFields(true)
                    .maxBufferSize(LONGEST_FIELD);
            List<Row> rows = new ArrayList<>();
            try (CsvReader<Row> reader = format.build(this, text)) {
                for (Row row : reader) {
                    if (row.fields().size() > 1 || !row.fields().get(0).isBlank()) {
                        rows.add(row);
                    }
                }
                return rows;
            } catch (UncheckedIOException e) {
                throw e.getCause();
            } catch (CsvParseException e) {
                throw e.getCause() instanceof DatasetException fault ? fault : unreadable(e);
            }
        }

        private DatasetException unreadable(CsvParseException e) {
            String reason = String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            if (reason.startsWith("Unexpected character after closing quote")) {
                return fault("text between a closing quote and the next comma");
            }
            return fault(
                    reason.contains("maximum buffer size")
                            ? "a field of more than " + LONGEST_FIELD
                                    + " characters; is there a quote that is never closed?"
                            : reason);
        }

        @Override
        protected void handleBegin(long startingLine) {
            line = startingLine;
            fields = new ArrayList<>();
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            String field = new String(buffer, offset, length);
            if (!quoted && field.indexOf(QUOTE) >= 0) {
                throw fault("a quote inside a field that does not begin with one: " + LabelText.shown(field));
            }
            fields.add(field);
        }

        @Override
        protected Row buildRecord() {
            return new Row(line, List.copyOf(fields));
        }

        private DatasetException fault(String reason) {
            return new DatasetException(file, "line " + line + ": " + reason);
        }

        /** Of an odd number of quotes the last is never closed, since none may stand in a plain field. */
        private static final class QuoteCount extends FilterReader {
            private long quotes;

            QuoteCount(Reader in) {
                super(in);
            }

            @Override
            public int read(char[] buffer, int offset, int length) throws IOException {
                int count = super.read(buffer, offset, length);
                for (int i = offset; i < offset + count; i++) {
                    quotes += buffer[i] == QUOTE ? 1 : 0;
                }
                return count;
            }
        }
    }

    /**
     * Files with the numbers of each: those of a folder, or of a CSV file of a path and one number or more a row, under a heading
     * or without.
     */
    record TargetList(List<String> names, List<TargetRow> rows) {
        /** Possessive, so that what is no number is told in the time of one look at it. */
        private static final Pattern NUMBER =
                Pattern.compile("[+-]?(?:\\d++(?:\\.\\d*+)?|\\.\\d++)(?:[eE][+-]?\\d++)?");

        /** An image and its numbers. */
        @SuppressWarnings("ArrayRecordComponent") // read once, into a dataset
        record TargetRow(LabelledFile file, double[] targets) {}

        static TargetList read(Path list) {
            List<CsvRecords.Row> records = CsvList.rows(list);
            boolean headed = CsvList.isHeaded(list, records);
            int first = headed ? 1 : 0;
            if (first == records.size()) {
                throw new DatasetException(list, "lists no images: rows of path,number are expected");
            }
            int targets = records.get(0).fields().size() - 1;
            List<String> names = headed ? names(list, records.get(0)) : names(targets);
            List<TargetRow> rows = records.subList(first, records.size()).stream()
                    .map(row -> row(list, row, names))
                    .toList();
            return new TargetList(names, rows);
        }

        private static List<String> names(Path list, CsvRecords.Row heading) {
            try {
                return checked(heading.fields().subList(1, heading.fields().size()));
            } catch (IllegalArgumentException e) {
                throw new DatasetException(list, "line " + heading.line() + ": " + e.getMessage(), e);
            }
        }

        private static TargetRow row(Path list, CsvRecords.Row row, List<String> names) {
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
            return new TargetRow(CsvList.file(list, place, fields.get(0), ""), targets);
        }

        /** Names of targets that have none: "target", or "target 1" and so on. */
        static List<String> names(int targets) {
            return targets == 1
                    ? List.of("target")
                    : IntStream.rangeClosed(1, targets)
                            .mapToObj(i -> "target " + i)
                            .toList();
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
                if (name == null) {
                    throw new IllegalArgumentException("a target has a name, but one of " + names + " is null");
                }
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
        static void require(double @Nullable [] targets, List<String> names) {
            if (targets == null) {
                throw new IllegalArgumentException("an image has a number for each of " + names + ", but got null");
            }
            if (targets.length != names.size()) {
                throw new IllegalArgumentException("an image has a number for each of " + names + ", but there are "
                        + targets.length + ": " + Arrays.toString(targets));
            }
            for (int i = 0; i < targets.length; i++) {
                if (!Float.isFinite((float) targets[i])) {
                    throw new IllegalArgumentException(names.get(i) + " must be a finite number, at most "
                            + Float.MAX_VALUE + ", but is " + targets[i]);
                }
            }
        }
    }
}
