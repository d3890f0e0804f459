package org.transfer4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What must not outlive a fit: files in a temporary folder, threads that read images. */
public final class Leftovers {
    private Leftovers() {}

    /**
     * The library's files in a folder.
     *
     * @param folder the temporary folder
     * @return their names
     */
    public static List<String> files(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.startsWith("transfer4j"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The library's threads that decode images.
     *
     * @return the names of those that are alive
     */
    public static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("transfer4j-images"))
                .toList();
    }
}
