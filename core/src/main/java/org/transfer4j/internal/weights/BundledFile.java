package org.transfer4j.internal.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.TemporaryFile;

/** A weights file out of a jar, as one that can be read anywhere. */
final class BundledFile {
    private BundledFile() {}

    /** Copies the file out of its jar, into the temporary folder, and checks that it is whole. Closed, it is gone. */
    static FileChannel open(PretrainedWeights weights) {
        byte[] content = content(weights);
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            FileChannel channel = TemporaryFile.open(folder, "transfer4j-weights");
            try {
                // not closed, because that would close the channel
                Channels.newOutputStream(channel).write(content);
                return channel;
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw FileFailure.of(
                    "the bundled weights " + weights.name() + " are read by way of the temporary folder " + folder
                            + ", which can't be written to (another one is set with -Djava.io.tmpdir=<folder>)",
                    e);
        }
    }

    private static byte[] content(PretrainedWeights weights) {
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
        } catch (IOException e) {
            throw FileFailure.of("can't read the bundled weights " + weights.source(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + weights.checksum(), e);
        }
    }
}
