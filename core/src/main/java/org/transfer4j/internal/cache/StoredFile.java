package org.transfer4j.internal.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A file of the cache as the folder shows it. */
record StoredFile(Path path, long bytes, Instant lastUsed) {
    /** The one that was not used for longest first; the name decides where the times are equal. */
    static final Comparator<StoredFile> LEAST_RECENTLY_USED =
            Comparator.comparing(StoredFile::lastUsed).thenComparing(StoredFile::path);

    /** The files of a folder that are wanted; none if it is gone, and without those that go meanwhile. */
    static List<StoredFile> in(Path folder, Predicate<Path> wanted) throws IOException {
        List<StoredFile> files = new ArrayList<>();
        for (Path path : children(folder)) {
            if (wanted.test(path)) {
                try {
                    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                    if (attributes.isRegularFile()) {
                        files.add(new StoredFile(
                                path,
                                attributes.size(),
                                attributes.lastModifiedTime().toInstant()));
                    }
                } catch (NoSuchFileException e) {
                    // another process has just deleted or renamed it
                }
            }
        }
        return files;
    }

    /** What a folder contains, nothing if it is not there. */
    static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
