package org.transfer4j.examples;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.transfer4j.dataset.ImageDataset;
import org.tukaani.xz.XZInputStream;

/**
 * Tiny ImageNet (Stanford's CS231n, 2015): 64x64 JPEG images of 200 classes of ImageNet, 500 a class to learn from and
 * 10,000 to validate with. The archive is checked and unpacked into class folders, once.
 */
final class TinyImageNet {
    private static final Pattern TRAINING = Pattern.compile("(?:[^/]+/)?train/(n\\d{8})/images/([\\w-]+\\.JPEG)");
    private static final Pattern VALIDATION = Pattern.compile("(?:[^/]+/)?val/images/([\\w-]+\\.JPEG)");
    private static final Pattern ANNOTATIONS = Pattern.compile("(?:[^/]+/)?val/val_annotations\\.txt");
    /** What the archive has beside: names of all classes, boxes, test images without labels. */
    private static final Pattern OTHERS = Pattern.compile(
            "(?:[^/]+/)?(?:words\\.txt|wnids\\.txt|train/n\\d{8}/\\w+\\.txt|test/images/[\\w-]+\\.JPEG)");

    private static final String LEARN = "train";
    private static final String VALIDATE = "val";
    private static final int LARGEST_ENTRY = 4 << 20;
    /** An image of 2 kB takes a block of 4 kB on most disks. */
    private static final long BYTES_AN_IMAGE = 6_000;

    private final Counts counts;

    TinyImageNet(Counts counts) {
        this.counts = counts;
    }

    /**
     * How many there are.
     *
     * @param training images of each class
     * @param validation images of all classes together
     */
    record Counts(int classes, int training, int validation) {
        static final Counts PUBLISHED = new Counts(200, 500, 10_000);

        private long images() {
            return (long) classes * training + validation;
        }

        private String text() {
            return String.format(
                    "%,d classes of %,d training images and %,d validation images", classes, training, validation);
        }
    }

    /** Images to learn from and to validate with, of the same classes. */
    record Images(ImageDataset training, ImageDataset validation) {}

    /**
     * Reads the folder; makes it from the archive where it does not exist. A folder is there as a whole or not at all.
     *
     * @throws IllegalArgumentException if the archive is not there, is cut off, or is not Tiny ImageNet
     * @throws UncheckedIOException if the disk is full, or files can't be read or written
     */
    Images read(Path folder, Path archive) {
        try {
            if (!Files.isDirectory(folder)) {
                unpack(archive, folder);
            }
            requireCounts(folder, folder.toString());
            return new Images(
                    ImageDataset.folder(folder.resolve(LEARN)), ImageDataset.folder(folder.resolve(VALIDATE)));
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " can't be made or read: " + e, e);
        }
    }

    private void unpack(Path archive, Path folder) throws IOException {
        if (!Files.isRegularFile(archive)) {
            throw new IllegalArgumentException("there is neither the folder " + folder + " nor the archive " + archive
                    + ": give --archive, Tiny ImageNet as tar.xz, or --data, where it was unpacked before");
        }
        Path part = folder.toAbsolutePath().resolveSibling(folder.getFileName() + ".part");
        delete(part);
        try {
            long free = Files.getFileStore(Files.createDirectories(part)).getUsableSpace();
            long needed = counts.images() * BYTES_AN_IMAGE;
            if (free < needed) {
                throw new IllegalArgumentException(String.format(
                        "unpacking %s takes about %,d MB, there are %,d MB free at %s",
                        archive, needed >> 20, free >> 20, folder.toAbsolutePath()));
            }
            copy(archive, part);
            requireCounts(part, archive.toString());
            Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (EOFException e) {
            throw new IllegalArgumentException(archive + " ends early: it is not complete, fetch or copy it again", e);
        } finally {
            delete(part);
        }
    }

    private static void copy(Path archive, Path folder) throws IOException {
        Path waiting = Files.createDirectories(folder.resolve("waiting"));
        Files.createDirectories(folder.resolve(VALIDATE));
        Map<String, String> classes = new HashMap<>();
        try (InputStream packed = new BufferedInputStream(Files.newInputStream(archive));
                TarArchiveInputStream tar = new TarArchiveInputStream(decompressed(packed, archive))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isDirectory()) {
                    continue;
                }
                String name = entry.getName();
                Matcher training = TRAINING.matcher(name);
                Matcher validation = VALIDATION.matcher(name);
                boolean annotations = ANNOTATIONS.matcher(name).matches();
                byte kind = entry.getLinkFlag();
                boolean file = kind == TarConstants.LF_NORMAL || kind == TarConstants.LF_OLDNORM;
                if (!file || entry.getSize() > LARGEST_ENTRY) {
                    throw new IllegalArgumentException(archive + " has " + name + ", which is no file of at most "
                            + LARGEST_ENTRY + " bytes: it is not Tiny ImageNet");
                }
                // the names that are written come from the patterns alone: none leads out of the folder
                if (training.matches()) {
                    Path target = folder.resolve(LEARN).resolve(training.group(1));
                    Files.createDirectories(target);
                    Files.copy(tar, target.resolve(training.group(2)));
                } else if (validation.matches()) {
                    Files.copy(tar, waiting.resolve(validation.group(1)));
                } else if (annotations) {
                    new String(tar.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .map(line -> line.split("\t"))
                            .filter(fields -> fields.length > 1)
                            .forEach(fields -> classes.put(fields[0], fields[1]));
                } else if (!OTHERS.matcher(name).matches()) {
                    throw new IllegalArgumentException(
                            archive + " has an entry named \"" + name + "\": it is not Tiny ImageNet");
                }
            }
        }
        sort(waiting, classes, folder, archive);
    }

    private static InputStream decompressed(InputStream file, Path archive) throws IOException {
        try {
            return new XZInputStream(file);
        } catch (EOFException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalArgumentException(archive + " is no xz file: " + e.getMessage(), e);
        }
    }

    /** Puts the validation images, which lie in one folder, into class folders. */
    private static void sort(Path waiting, Map<String, String> classes, Path folder, Path archive) throws IOException {
        try (Stream<Path> images = Files.list(waiting)) {
            for (Path image : images.toList()) {
                String label = classes.get(image.getFileName().toString());
                if (label == null || !Files.isDirectory(folder.resolve(LEARN).resolve(label))) {
                    throw new IllegalArgumentException(archive + " gives "
                            + (label == null ? "no class" : "a class without training images, " + label + ",") + " to "
                            + image.getFileName() + ": it is not Tiny ImageNet");
                }
                Path target = Files.createDirectories(folder.resolve(VALIDATE).resolve(label));
                Files.move(image, target.resolve(image.getFileName()));
            }
        }
        Files.delete(waiting);
    }

    private void requireCounts(Path folder, String source) throws IOException {
        Map<String, Integer> training = filesByClass(folder.resolve(LEARN));
        int validation = filesByClass(folder.resolve(VALIDATE)).values().stream()
                .mapToInt(n -> n)
                .sum();
        boolean even = training.values().stream().allMatch(n -> n == counts.training());
        if (training.size() != counts.classes() || !even || validation != counts.validation()) {
            throw new IllegalArgumentException(String.format(
                    "Tiny ImageNet has %s, but %s has %,d classes of %s training images and %,d validation images",
                    counts.text(),
                    source,
                    training.size(),
                    training.isEmpty()
                            ? "no"
                            : training.values().stream()
                                            .min(Comparator.naturalOrder())
                                            .get() + " to "
                                    + training.values().stream()
                                            .max(Comparator.naturalOrder())
                                            .get(),
                    validation));
        }
    }

    private static Map<String, Integer> filesByClass(Path folder) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        if (Files.isDirectory(folder)) {
            for (Path label : list(folder)) {
                counts.put(label.getFileName().toString(), list(label).size());
            }
        }
        return counts;
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
