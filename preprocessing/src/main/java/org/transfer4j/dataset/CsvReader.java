package org.transfer4j.dataset;

import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.transfer4j.error.DatasetException;

/** Reads records as RFC 4180 defines them, with any line ending; blank lines are left out. */
final class CsvReader {
    private static final int END = -1;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final Path file;
    private final PushbackReader reader;
    private int line = 1;

    private CsvReader(Path file, Reader reader) {
        this.file = file;
        this.reader = new PushbackReader(reader);
    }

    static List<CsvRow> read(Path file, Reader reader) throws IOException {
        return new CsvReader(file, reader).rows();
    }

    private List<CsvRow> rows() throws IOException {
        List<CsvRow> rows = new ArrayList<>();
        int first = reader.read();
        if (first != END && first != BYTE_ORDER_MARK) {
            reader.unread(first);
        }
        while (peek() != END) {
            CsvRow row = row();
            if (row.fields().size() > 1 || !row.fields().get(0).isBlank()) {
                rows.add(row);
            }
        }
        return rows;
    }

    private CsvRow row() throws IOException {
        int start = line;
        List<String> fields = new ArrayList<>();
        int separator;
        do {
            fields.add(peek() == '"' ? quoted() : plain());
            separator = reader.read();
        } while (separator == ',');
        if (separator == '\r' && peek() == '\n') {
            reader.read();
        }
        line++;
        return new CsvRow(start, List.copyOf(fields));
    }

    private String plain() throws IOException {
        StringBuilder field = new StringBuilder();
        while (!endsField(peek())) {
            int character = reader.read();
            if (character == '"') {
                throw new DatasetException(
                        file, "line " + line + ": a quote inside a field that does not begin with one");
            }
            field.append((char) character);
        }
        return field.toString();
    }

    private String quoted() throws IOException {
        int start = line;
        reader.read();
        StringBuilder field = new StringBuilder();
        while (true) {
            int character = reader.read();
            if (character == END) {
                throw new DatasetException(file, "line " + start + ": a quoted field that is never closed");
            }
            if (character == '"' && peek() != '"') {
                break;
            }
            if (character == '"') {
                reader.read();
            }
            if (character == '\n' || (character == '\r' && peek() != '\n')) {
                line++;
            }
            field.append((char) character);
        }
        if (!endsField(peek())) {
            throw new DatasetException(file, "line " + line + ": text between a closing quote and the next comma");
        }
        return field.toString();
    }

    private int peek() throws IOException {
        int character = reader.read();
        if (character != END) {
            reader.unread(character);
        }
        return character;
    }

    private static boolean endsField(int character) {
        return character == ',' || character == '\n' || character == '\r' || character == END;
    }
}
