package org.transfer4j.dataset;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageHeader;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.natives.FirstUse;

/** Finds the files that can't be used, before work begins. */
final class FileCheck {
    private static final Logger LOG = LoggerFactory.getLogger(FileCheck.class);
    private static final int MOST_LISTED = 10;

    /** What is left, and what was left out. */
    record Result(List<LabelledFile> usable, List<SkippedImage> skipped) {}

    private FileCheck() {}

    /**
     * Checks all files on all processors. The label of each is one class.
     *
     * @param container the folder or list that the errors are about
     */
    static Result check(Path container, List<LabelledFile> files, BrokenImages broken) {
        return check(container, files, broken, List::of);
    }

    /**
     * The same where a label may be several.
     *
     * @param classes gives the classes of a label, of which each must have an image that can be used
     */
    static Result check(
            Path container,
            List<LabelledFile> files,
            BrokenImages broken,
            Function<String, ? extends Collection<String>> classes) {
        Consumer<Path> check = broken == BrokenImages.FAIL
                ? ImageHeader::check
                : file -> ImageDecoder.decode(file).close();
        if (broken == BrokenImages.SKIP) {
            // where it does not start no image is to blame
            FirstUse.OPENCV.start();
        }
        Thread caller = Thread.currentThread();
        String work = "the check of the images of " + container;
        Interruption.check(work);
        List<Optional<String>> problems;
        try {
            problems = files.parallelStream()
                    .map(file -> caller.isInterrupted() ? Optional.<String>empty() : problem(file, check))
                    .toList();
        } catch (CancellationException e) {
            throw Interruption.cancelled(work, e);
        }
        // before anything is made of it: what was left unchecked is neither usable nor broken
        Interruption.check(work);
        List<LabelledFile> usable = new ArrayList<>();
        List<SkippedImage> skipped = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            LabelledFile file = files.get(i);
            problems.get(i)
                    .ifPresentOrElse(
                            reason -> skipped.add(new SkippedImage(file.file(), reason)), () -> usable.add(file));
        }
        if (skipped.isEmpty()) {
            return new Result(files, List.of());
        }
        String summary = summary(files.size(), skipped);
        if (broken == BrokenImages.FAIL) {
            throw new DatasetException(container, summary);
        }
        requireAllClasses(container, files, usable, classes, summary);
        LOG.warn("{}: left out: {}", container, summary);
        return new Result(usable, List.copyOf(skipped));
    }

    private static Optional<String> problem(LabelledFile file, Consumer<Path> check) {
        String place = file.listedAt().isEmpty() ? "" : " (" + file.listedAt() + ")";
        Optional<String> name = FileName.problem(file.file());
        if (name.isPresent()) {
            // it could be opened, but its place among the others would depend on the locale
            return name.map(problem -> problem + place);
        }
        try {
            check.accept(file.file());
            return Optional.empty();
        } catch (ImageException e) {
            return Optional.of(e.reason() + place);
        } catch (UncheckedIOException e) {
            return Optional.of((e.getCause() instanceof NoSuchFileException
                            ? "does not exist"
                            : "can't be read: " + FileFailure.reason(Objects.requireNonNull(e.getCause())))
                    + place);
        }
    }

    private static String summary(int total, List<SkippedImage> skipped) {
        String listed = skipped.stream()
                .limit(MOST_LISTED)
                .map(image -> image.file() + " " + image.reason())
                .collect(Collectors.joining("; "));
        String more = skipped.size() > MOST_LISTED ? "; and " + (skipped.size() - MOST_LISTED) + " more" : "";
        return skipped.size() + " of " + total + " images can't be used: " + listed + more;
    }

    private static void requireAllClasses(
            Path container,
            List<LabelledFile> files,
            List<LabelledFile> usable,
            Function<String, ? extends Collection<String>> classes,
            String summary) {
        if (usable.isEmpty()) {
            throw new DatasetException(container, "no image can be used; " + summary);
        }
        Set<String> lost = classes(files, classes);
        lost.removeAll(classes(usable, classes));
        for (String label : lost) {
            throw new DatasetException(container, "no image of the class \"" + label + "\" can be used; " + summary);
        }
    }

    private static Set<String> classes(
            List<LabelledFile> files, Function<String, ? extends Collection<String>> classes) {
        return files.stream()
                .flatMap(file -> classes.apply(file.label()).stream())
                .map(LabelText::normal)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** An image file, the name of its class ("" where it has none), and where a list named it ("" where no list did). */
    record LabelledFile(Path file, String label, String listedAt) {}

    /**
     * Whether the JVM could read the name of a file. On Unix a name is bytes, which the JVM decodes by the locale it was
     * started in: in bare containers as ASCII, whatever they are.
     */
    static final class FileName {
        private static final boolean NAMES_ARE_BYTES =
                FileSystems.getDefault().getSeparator().equals("/");

        private FileName() {}

        /** Why a name is not what it seems to be, and what to do; empty where it was read rightly. */
        static Optional<String> problem(Path file) {
            String name = String.valueOf(file.getFileName());
            boolean bytes = NAMES_ARE_BYTES && file.getFileSystem() == FileSystems.getDefault();
            if (LabelText.undecoded(name).isPresent()) {
                return Optional.of("has a name that can't be decoded" + (bytes ? advice(file) : ""));
            }
            return bytes && isUtf8In(name, encoding())
                    ? Optional.of("has a name that is UTF-8, but is read in another encoding" + advice(file))
                    : Optional.empty();
        }

        /** What to do where a name can't be decoded or encoded. */
        static String advice() {
            return encoding().equals(StandardCharsets.UTF_8)
                    ? "this JVM takes file names for UTF-8: rename what is not"
                    : "this JVM takes file names for " + encoding()
                            + ": start it with LC_ALL=C.UTF-8 in its environment"
                            + " (-Dfile.encoding and -Dsun.jnu.encoding don't change that)";
        }

        private static String advice(Path file) {
            return ", " + file.toUri().getRawPath() + "; " + advice();
        }

        private static Charset encoding() {
            return Charset.forName(System.getProperty("sun.jnu.encoding"));
        }

        /** Whether the bytes that were decoded to this name are UTF-8 beyond ASCII: no coincidence worth to be reckoned with. */
        static boolean isUtf8In(String name, Charset encoding) {
            if (encoding.equals(StandardCharsets.UTF_8) || name.chars().allMatch(c -> c < 0x80)) {
                return false;
            }
            try {
                ByteBuffer bytes = encoding.newEncoder().encode(CharBuffer.wrap(name));
                String utf8 = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
                return !utf8.equals(name) && utf8.chars().anyMatch(c -> c >= 0x80);
            } catch (CharacterCodingException | UnsupportedOperationException e) {
                return false;
            }
        }
    }
}
