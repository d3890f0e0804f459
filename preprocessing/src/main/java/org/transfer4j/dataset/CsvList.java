package org.transfer4j.dataset;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.label.LabelText;

/** A CSV file of two columns: the path of an image and its label. */
final class CsvList {
    private static final Set<String> PATH_TITLES =
            Set.of("path", "file", "filename", "file_name", "file name", "filepath", "image", "image_path");
    private static final Set<String> LABEL_TITLES = Set.of("label", "labels", "class", "category", "target");

    private CsvList() {}

    static List<LabelledFile> read(Path file) {
        List<CsvRecords.Row> rows = rows(file);
        int first = !rows.isEmpty() && isHeader(rows.get(0)) ? 1 : 0;
        if (first == rows.size()) {
            throw new DatasetException(file, "lists no images: rows of path,label are expected");
        }
        return rows.subList(first, rows.size()).stream()
                .map(row -> entry(file, row))
                .toList();
    }

    private static List<CsvRecords.Row> rows(Path file) {
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

    private static boolean isHeader(CsvRecords.Row row) {
        List<String> titles = row.fields().stream()
                .map(field -> field.strip().toLowerCase(Locale.ROOT))
                .toList();
        return titles.size() == 2 && PATH_TITLES.contains(titles.get(0)) && LABEL_TITLES.contains(titles.get(1));
    }

    private static LabelledFile entry(Path file, CsvRecords.Row row) {
        String place = "line " + row.line();
        if (row.fields().size() != 2) {
            String text = String.join(",", row.fields());
            boolean otherwise = row.fields().size() == 1 && (text.contains(";") || text.contains("\t"));
            throw new DatasetException(
                    file,
                    place + ": two fields, path,label, are expected but there are "
                            + row.fields().size() + ": " + CsvRecords.shown(text)
                            + (otherwise ? "; fields are separated by commas" : ""));
        }
        String path = row.fields().get(0).strip();
        String label = row.fields().get(1).strip();
        if (path.isEmpty() || label.isEmpty()) {
            throw new DatasetException(file, place + ": the " + (path.isEmpty() ? "path" : "label") + " is empty");
        }
        for (String field : List.of(path, label)) {
            LabelText.undecoded(field).ifPresent(sign -> {
                throw new DatasetException(file, place + ": \"" + field + "\" has " + sign);
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
}
