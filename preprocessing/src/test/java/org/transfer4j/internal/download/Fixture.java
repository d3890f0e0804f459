package org.transfer4j.internal.download;

import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;

/** A file of 200,000 bytes to fetch. */
final class Fixture {
    static final String NAME = "weights/tiny/tiny.h5";

    private Fixture() {}

    static byte[] content() {
        byte[] content = new byte[200_000];
        new Random(7).nextBytes(content);
        return content;
    }

    static String hex(Checksum.Algorithm algorithm, byte[] bytes) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance(algorithm.standardName()).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String sha256() {
        return hex(Checksum.Algorithm.SHA_256, content());
    }

    static RemoteFile remote(URI source) {
        byte[] content = content();
        Checksum md5 = Checksum.md5(hex(Checksum.Algorithm.MD5, content)).unconfirmed();
        return new RemoteFile(NAME, source, content.length, md5, "a licence");
    }

    /** A busy machine may take seconds for what takes milliseconds: tests that wait for an end name a shorter one. */
    static DownloadSettings settings(Path cache) {
        return DownloadSettings.defaults()
                .withCacheFolder(cache)
                .withConnectTimeout(Duration.ofMinutes(5))
                .withStallTimeout(Duration.ofMinutes(5));
    }

    static Downloader downloader(DownloadSettings settings) {
        return new Downloader(settings, Duration.ofMillis(1));
    }
}
