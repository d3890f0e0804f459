package org.transfer4j.internal.weights;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.error.WeightsException;

/** A weights file out of a jar, for as long as it is read. */
record BundledFile(Path path) implements AutoCloseable {

    /** Copies the file out of its jar, into the temporary folder, and checks that it is whole. */
    static BundledFile of(PretrainedWeights weights) {
        try {
            byte[] content = read(weights);
            Path file = Files.createTempFile("transfer4j-weights", ".tmp");
            BundledFile bundled = new BundledFile(file);
            try {
                Files.write(file, content);
                return bundled;
            } catch (IOException e) {
                bundled.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't read the bundled weights " + weights, e);
        }
    }

    private static byte[] read(PretrainedWeights weights) throws IOException {
        try (InputStream in = weights.source().toURL().openStream()) {
            byte[] content = in.readAllBytes();
            MessageDigest digest =
                    MessageDigest.getInstance(weights.checksum().algorithm().standardName());
            String hash = HexFormat.of().formatHex(digest.digest(content));
            if (!hash.equals(weights.checksum().hex())) {
                throw new WeightsException(
                        Path.of(weights.name()),
                        "is damaged, or another file than " + weights.source() + " was: its "
                                + weights.checksum().algorithm().standardName() + " is " + hash + ", not "
                                + weights.checksum().hex());
            }
            return content;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + weights.checksum(), e);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
