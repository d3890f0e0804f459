package org.transfer4j.internal.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.transfer4j.download.Checksum;

class DownloaderDiskTest {
    private static final Configuration SMALL = Configuration.unix().toBuilder()
            .setMaxSize(100_000)
            .setBlockSize(1000)
            .build();

    @Test
    void fetchesIntoAnyFileSystem() throws IOException {
        try (FileSystem files = Jimfs.newFileSystem(Configuration.unix());
                FaultyServer server = new FaultyServer(Fixture.content(), FaultyServer.cutAfter(1000))) {
            Path file = Fixture.downloader(Fixture.settings(files.getPath("/cache")))
                    .fetch(Fixture.remote(server.uri("/x")));
            assertThat(file).hasBinaryContent(Fixture.content());
        }
    }

    @Test
    void asksForSpaceBeforeItDownloads() throws IOException {
        try (FileSystem files = Jimfs.newFileSystem(SMALL);
                FaultyServer server = new FaultyServer(Fixture.content())) {
            Path cache = files.getPath("/cache");
            assertThatThrownBy(
                            () -> Fixture.downloader(Fixture.settings(cache)).fetch(Fixture.remote(server.uri("/x"))))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("the disk is full: 200,000 bytes are needed, 100,000 are free");
            assertThat(cache.resolve(Fixture.NAME + ".part")).doesNotExist();
        }
    }

    @Test
    void aDiskThatFillsUpGetsItsSpaceBack() throws IOException {
        byte[] content = Fixture.content();
        try (FileSystem files = Jimfs.newFileSystem(SMALL);
                FaultyServer server = new FaultyServer(content, FaultyServer.chunkedUpTo(content.length))) {
            Path cache = files.getPath("/cache");
            RemoteFile unknownSize =
                    new RemoteFile(Fixture.NAME, server.uri("/x"), -1, Checksum.sha256(Fixture.sha256()), "a licence");
            assertThatThrownBy(() -> Fixture.downloader(Fixture.settings(cache)).fetch(unknownSize))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("tiny.h5.part")
                    .hasMessageContaining("can't be written");
            assertThat(server.requests()).hasSize(1);
            assertThat(cache.resolve(Fixture.NAME + ".part")).doesNotExist();
        }
    }
}
