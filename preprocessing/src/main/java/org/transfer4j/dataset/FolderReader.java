package org.transfer4j.dataset;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.transfer4j.dataset.FileCheck.FileName;
import org.transfer4j.dataset.FileCheck.LabelledFile;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.label.ClassOrder;
import org.transfer4j.internal.label.LabelText;

/** Finds the images of a folder that has one sub-folder for each class. */
final class FolderReader {
    /** The same order on a system that keeps names decomposed. */
    private static final Comparator<Path> BY_NAME = Comparator.<Path, String>comparing(
                    entry -> LabelText.normal(nameOf(entry)), ClassOrder.BY_CODE_POINT)
            .thenComparing(FolderReader::nameOf, ClassOrder.BY_CODE_POINT);

    private FolderReader() {}

    static List<LabelledFile> read(Path root) {
        requireFolder(root);
        List<Path> classFolders =
                visibleEntries(root).stream().filter(Files::isDirectory).toList();
        if (classFolders.isEmpty()) {
            throw new DatasetException(
                    root, "has no class folders: a sub-folder with images is expected for each class");
        }
        requireLabels(root, classFolders);
        return classFolders.stream()
                .flatMap(folder -> imagesOf(folder).stream())
                .toList();
    }

    private static void requireFolder(Path root) {
        if (!Files.isDirectory(root)) {
            throw new DatasetException(root, Files.exists(root) ? "is not a folder" : "does not exist");
        }
    }

    /** Names that can't be decoded would make one class of many. */
    private static void requireLabels(Path root, List<Path> classFolders) {
        Map<String, Path> folders = new HashMap<>();
        for (Path folder : classFolders) {
            FileName.problem(folder).ifPresent(problem -> {
                throw new DatasetException(root, "has a class folder that " + problem);
            });
            Path other = folders.put(LabelText.normal(nameOf(folder)), folder);
            if (other != null) {
                throw new DatasetException(
                        root,
                        "has two folders for the class '" + LabelText.normal(nameOf(folder))
                                + "', whose names differ in Unicode form alone: "
                                + other.toUri().getRawPath() + " and "
                                + folder.toUri().getRawPath());
            }
        }
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
        return entries.stream()
                .map(file -> new LabelledFile(file, nameOf(folder), ""))
                .toList();
    }

    /**
     * The files of a folder and of the folders in it, in any order.
     *
     * @throws DatasetException if it is no folder, or a link leads to a folder in which it lies
     */
    static List<Path> visibleFiles(Path root) {
        requireFolder(root);
        List<Path> files = new ArrayList<>();
        FileVisitor<Path> collecting = new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                Interruption.check("the listing of " + root);
                return folder.equals(root) || isVisible(folder)
                        ? FileVisitResult.CONTINUE
                        : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (isVisible(file)) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path entry, IOException failure) {
                // folders are opened before anybody is asked whether they are of interest
                if (!entry.equals(root) && !isVisible(entry)) {
                    return FileVisitResult.CONTINUE;
                }
                if (failure instanceof FileSystemLoopException) {
                    throw new DatasetException(entry, "is a link to a folder in which it lies", failure);
                }
                throw FileFailure.of("can't list the folder " + entry, failure);
            }
        };
        try {
            Files.walkFileTree(root, Set.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, collecting);
        } catch (IOException e) {
            throw FileFailure.of("can't list the folder " + root, e);
        }
        return files;
    }

    private static List<Path> visibleEntries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(FolderReader::isVisible).sorted(BY_NAME).toList();
        } catch (IOException e) {
            throw FileFailure.of("can't list the folder " + folder, e);
        }
    }

    private static boolean isVisible(Path entry) {
        try {
            return !nameOf(entry).startsWith(".") && !Files.isHidden(entry);
        } catch (IOException e) {
            throw FileFailure.of("can't look at " + entry, e);
        }
    }

    private static String nameOf(Path entry) {
        return entry.getFileName().toString();
    }
}
