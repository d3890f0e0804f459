package org.transfer4j.internal.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.transfer4j.error.WeightsException;

/**
 * The {@code .keras} file of Keras 3: a zip archive of {@code config.json}, {@code metadata.json} and
 * {@code model.weights.h5}. Recognised by its first bytes; what is read of it is bounded.
 */
final class KerasArchive {
    private static final String CONFIGURATION = "config.json";
    private static final String WEIGHTS = "model.weights.h5";
    private static final byte[] SIGNATURE = {'P', 'K', 3, 4};

    private final Path path;

    private KerasArchive(Path path) {
        this.path = path;
    }

    /** Whether the file is a zip archive; one that is not there is none. */
    static boolean isArchive(Path path) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (InputStream content = Files.newInputStream(path)) {
            return Arrays.equals(content.readNBytes(SIGNATURE.length), SIGNATURE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static KerasArchive of(Path path) {
        return new KerasArchive(path);
    }

    /** The text of the model's configuration. */
    String configuration() {
        byte[] bytes = entry(CONFIGURATION, content -> {
            byte[] read = content.readNBytes(KerasConfiguration.LARGEST + 1);
            if (read.length > KerasConfiguration.LARGEST) {
                throw new WeightsException(
                        path, CONFIGURATION + " has more than " + KerasConfiguration.LARGEST + " bytes");
            }
            return read;
        });
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WeightsException(path, CONFIGURATION + " is not valid UTF-8", e);
        }
    }

    /** The weights, by way of a temporary file: HDF5 is read by position. */
    Hdf5 weights() {
        return entry(WEIGHTS, content -> {
            Path unpacked = Files.createTempFile("transfer4j-", ".weights.h5");
            try {
                copy(content, unpacked);
                return Hdf5.open(path, unpacked);
            } finally {
                deleteOrLater(unpacked);
            }
        });
    }

    private void copy(InputStream content, Path target) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long size = 0;
        try (OutputStream output = Files.newOutputStream(target)) {
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                size += count;
                if (size > Integer.MAX_VALUE) {
                    throw new WeightsException(
                            path, String.format(Locale.ROOT, "%s is of more than 2 GiB, which can be read", WEIGHTS));
                }
                output.write(buffer, 0, count);
            }
        }
    }

    /** Windows keeps files that are mapped. */
    private static void deleteOrLater(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }

    private interface Reading<T> {
        T read(InputStream content) throws IOException;
    }

    private <T> T entry(String name, Reading<T> reading) {
        try (ZipFile zip = new ZipFile(path.toFile())) {
            ZipEntry entry = zip.getEntry(name);
            if (entry == null) {
                throw new WeightsException(
                        path, "is a zip archive, but no .keras model: it has no entry called " + name);
            }
            try (InputStream content = zip.getInputStream(entry)) {
                return reading.read(content);
            }
        } catch (ZipException | EOFException e) {
            throw new WeightsException(path, "is damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
