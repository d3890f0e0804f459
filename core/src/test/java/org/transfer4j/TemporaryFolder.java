package org.transfer4j;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder that is {@code java.io.tmpdir} for as long as it is open; tests run one at a time. */
final class TemporaryFolder implements AutoCloseable {
    private static final String PROPERTY = "java.io.tmpdir";

    private final String before = System.getProperty(PROPERTY);
    private final Path path;

    TemporaryFolder() {
        try {
            path = Files.createTempDirectory("fit");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.setProperty(PROPERTY, path.toString());
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        System.setProperty(PROPERTY, before);
        try (Stream<Path> entries = Files.walk(path)) {
            List<Path> deepestFirst = entries.sorted(Comparator.reverseOrder()).toList();
            for (Path entry : deepestFirst) {
                Files.delete(entry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
