package org.transfer4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
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
    void isThereUntilItIsClosed() throws Exception {
        BundledFile file = BundledFile.of(weights(resource(CONTENT)));
        assertThat(file.path()).hasBinaryContent(CONTENT);
        file.close();
        assertThat(file.path()).doesNotExist();
    }

    @Test
    void damageIsFoundBeforeItIsRead() throws Exception {
        PretrainedWeights weights = weights(resource("weighty".getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> BundledFile.of(weights))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("SHA-256")
                .hasMessageContaining(weights.checksum().hex());
    }

    @Test
    void aResourceThatIsGoneIsNamed() throws Exception {
        PretrainedWeights weights = weights(folder.resolve("gone.bin").toUri().toURL());
        assertThatThrownBy(() -> BundledFile.of(weights))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("gone.bin");
    }
}
