package org.transfer4j.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.transfer4j.error.DatasetException;

/** Finds the images of a folder that has one sub-folder for each class. */
final class FolderReader {
    private FolderReader() {}

    static List<LabelledFile> read(Path root) {
        if (!Files.isDirectory(root)) {
            throw new DatasetException(root, Files.exists(root) ? "is not a folder" : "does not exist");
        }
        List<Path> classFolders =
                visibleEntries(root).stream().filter(Files::isDirectory).toList();
        if (classFolders.isEmpty()) {
            throw new DatasetException(
                    root, "has no class folders: a sub-folder with images is expected for each class");
        }
        List<LabelledFile> files = new ArrayList<>();
        for (Path folder : classFolders) {
            files.addAll(imagesOf(folder));
        }
        return files;
    }

    private static List<LabelledFile> imagesOf(Path folder) {
        List<Path> entries = visibleEntries(folder);
        for (Path entry : entries) {
            if (Files.isDirectory(entry)) {
                // such as train/<class>/...: taking "train" for a class would be wrong without a word
                throw new DatasetException(
                        folder,
                        "is taken for a class and contains a folder, " + entry.getFileName()
                                + ": images must lie directly in root/class/");
            }
        }
        if (entries.isEmpty()) {
            throw new DatasetException(folder, "is a class without images");
        }
        String label = folder.getFileName().toString();
        return entries.stream().map(file -> new LabelledFile(file, label, "")).toList();
    }

    private static List<Path> visibleEntries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(FolderReader::isVisible)
                    .sorted((a, b) -> ClassTable.compareCodePoints(nameOf(a), nameOf(b)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isVisible(Path entry) {
        try {
            return !nameOf(entry).startsWith(".") && !Files.isHidden(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String nameOf(Path entry) {
        return entry.getFileName().toString();
    }
}
