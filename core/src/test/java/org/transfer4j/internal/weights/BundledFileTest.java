package org.transfer4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.download.Checksum;
import org.transfer4j.error.WeightsException;

class BundledFileTest {
    private static final byte[] CONTENT = "weights".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private static PretrainedWeights weights(URL resource) throws NoSuchAlgorithmException {
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT));
        return PretrainedWeights.bundled("weights/some.bin", resource, Checksum.sha256(hash), "something", "none");
    }

    private URL resource(byte[] content) throws IOException {
        return Files.write(folder.resolve("some.bin"), content).toUri().toURL();
    }

    @Test
    void leavesNothingInTheTemporaryFolderEvenWhileItIsOpen() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        PretrainedWeights weights = weights(resource(CONTENT));
        String before = System.setProperty("java.io.tmpdir", temporary.toString());
        try (FileChannel file = WeightsLoader.unpacked(weights)) {
            ByteBuffer read = ByteBuffer.allocate(CONTENT.length);
            file.read(read, 0);
            assertThat(read.array()).isEqualTo(CONTENT);
            assumeFalse(System.getProperty("os.name").startsWith("Windows"), "deletes when it is closed");
            assertThat(temporary).as("so that nothing is left by a kill").isEmptyDirectory();
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    @Test
    void aTemporaryFolderThatIsMissingIsNotTakenForDamagedWeights() throws Exception {
        Path missing = folder.resolve("missing");
        PretrainedWeights weights = weights(resource(CONTENT));
        String before = System.setProperty("java.io.tmpdir", missing.toString());
        try {
            assertThatThrownBy(() -> WeightsLoader.unpacked(weights))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("temporary folder " + missing + ", which can't be written to")
                    .hasMessageContaining("java.io.tmpdir")
                    .hasMessageEndingWith("there is no such file");
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    @Test
    void damageIsFoundBeforeItIsRead() throws Exception {
        PretrainedWeights weights = weights(resource("weighty".getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> WeightsLoader.unpacked(weights))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("SHA-256")
                .hasMessageContaining(weights.checksum().hex());
    }

    @Test
    void aResourceThatIsGoneIsNamed() throws Exception {
        PretrainedWeights weights = weights(folder.resolve("gone.bin").toUri().toURL());
        assertThatThrownBy(() -> WeightsLoader.unpacked(weights))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("gone.bin");
    }
}
