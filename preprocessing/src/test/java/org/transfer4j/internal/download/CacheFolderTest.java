package org.transfer4j.internal.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.download.CachedFile;
import org.transfer4j.download.CachedFile.State;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadProgress;

@Timeout(600)
class CacheFolderTest {
    private static final Instant OLD = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant BETWEEN = Instant.parse("2021-01-01T00:00:00Z");
    private static final Instant NEW = Instant.parse("2022-01-01T00:00:00Z");

    @TempDir
    Path cache;

    private CacheFolder folder() {
        return new CacheFolder(cache, "weights");
    }

    private Path write(String name, String content, Instant time) throws IOException {
        Path file = cache.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, content);
        Files.setLastModifiedTime(file, FileTime.from(time));
        return file;
    }

    private void record(Path file) throws IOException {
        String hash =
                Fixture.hex(Checksum.Algorithm.SHA_256, Files.readString(file).getBytes(StandardCharsets.UTF_8));
        Files.writeString(file.resolveSibling(file.getFileName() + ".sha256"), hash + "  " + file.getFileName() + "\n");
    }

    @Test
    void nothingIsListedWhereNothingWasFetched() {
        assertThat(folder().list(true)).isEmpty();
        assertThat(folder().prune(Instant.MAX)).isEmpty();
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void whatWasFetchedIsListedAndVerified() {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            Fixture.downloader(Fixture.settings(cache)).fetch(Fixture.remote(server.uri("/x")));
        }
        assertThat(folder().list(false)).singleElement().satisfies(file -> {
            assertThat(file.name()).isEqualTo(Fixture.NAME);
            assertThat(file.size()).isEqualTo(200_000);
            assertThat(file.fetched()).isAfter(NEW);
            assertThat(file.state()).isEqualTo(State.RECORDED);
        });
        assertThat(folder().list(true)).extracting(CachedFile::state).containsExactly(State.VERIFIED);
    }

    @Test
    void everyStateIsTold() throws IOException {
        record(write("weights/a/good.h5", "good", OLD));
        record(write("weights/a/bad.h5", "bad", OLD));
        write("weights/a/bad.h5", "worse", OLD);
        write("weights/hand.h5", "by hand", OLD);
        write("weights/begun.h5.part", "beg", OLD);
        write("weights/begun.h5.part.etag", "v1", OLD);
        write("weights/begun.h5.lock", "", OLD);
        write("other/data.bin", "not of the weights", OLD);
        assertThat(folder().list(true))
                .containsExactly(
                        new CachedFile("weights/a/bad.h5", 5, OLD, State.DAMAGED),
                        new CachedFile("weights/a/good.h5", 4, OLD, State.VERIFIED),
                        new CachedFile("weights/begun.h5", 3, OLD, State.UNFINISHED),
                        new CachedFile("weights/hand.h5", 7, OLD, State.UNRECORDED));
    }

    @Test
    void onlyOldFilesArePruned() throws IOException {
        record(write("weights/old.h5", "old", OLD));
        record(write("weights/new.h5", "new", NEW));
        write("weights/begun.h5.part", "beg", OLD);
        write("weights/begun.h5.part.etag", "v1", OLD);
        write("other/old.bin", "not of the weights", OLD);
        assertThat(folder().prune(BETWEEN))
                .extracting(CachedFile::name)
                .containsExactly("weights/begun.h5", "weights/old.h5");
        assertThat(folder().list(true)).containsExactly(new CachedFile("weights/new.h5", 3, NEW, State.VERIFIED));
        assertThat(cache.resolve("weights/old.h5.sha256")).doesNotExist();
        assertThat(cache.resolve("weights/begun.h5.part.etag")).doesNotExist();
        assertThat(cache.resolve("other/old.bin")).exists();
        assertThat(folder().prune(Instant.MAX)).hasSize(1);
        assertThat(folder().list(false)).isEmpty();
    }

    @Test
    void whatWasPutThereByHandIsNotPruned() throws IOException {
        Path own = write("weights/notes.txt", "mine", OLD);
        record(write("weights/old.h5", "old", OLD));
        assertThat(folder().prune(Instant.MAX)).extracting(CachedFile::name).containsExactly("weights/old.h5");
        assertThat(own).exists();
    }

    /** As of those who keep large files on another disk. */
    @Test
    void aFolderThatIsALinkIsListedAndPruned(@TempDir Path other) throws IOException {
        Files.createSymbolicLink(cache.resolve("weights"), other);
        record(write("weights/a/good.h5", "good", OLD));
        assertThat(other.resolve("a/good.h5")).exists();
        assertThat(folder().list(true)).containsExactly(new CachedFile("weights/a/good.h5", 4, OLD, State.VERIFIED));
        assertThat(folder().prune(Instant.MAX)).extracting(CachedFile::name).containsExactly("weights/a/good.h5");
        assertThat(other.resolve("a/good.h5")).doesNotExist();
    }

    /** Pruning from the listener of a download, by its own thread and by another, must leave it alone. */
    @Test
    void aFileThatIsBeingDownloadedIsNotPruned() {
        List<List<CachedFile>> pruned = new ArrayList<>();
        DownloadProgress pruning = new DownloadProgress() {
            @Override
            public void started(String name, long totalBytes) {}

            @Override
            public void advanced(String name, long bytes) {
                pruned.add(folder().prune(Instant.MAX));
                Thread other = new Thread(() -> pruned.add(folder().prune(Instant.MAX)));
                other.start();
                try {
                    other.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void finished(String name) {}
        };
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            Path file = Fixture.downloader(Fixture.settings(cache).withProgress(pruning))
                    .fetch(Fixture.remote(server.uri("/x")));
            assertThat(file).hasBinaryContent(Fixture.content());
        }
        assertThat(pruned)
                .hasSizeGreaterThan(2)
                .allSatisfy(files -> assertThat(files).isEmpty());
        assertThat(folder().prune(Instant.MAX)).extracting(CachedFile::name).containsExactly(Fixture.NAME);
    }

    @Test
    void aFileThatIsPrunedIsFetchedAnew() {
        try (FaultyServer server = new FaultyServer(Fixture.content())) {
            Downloader downloader = Fixture.downloader(Fixture.settings(cache));
            Path file = downloader.fetch(Fixture.remote(server.uri("/x")));
            folder().prune(Instant.MAX);
            assertThat(file).doesNotExist();
            assertThat(downloader.fetch(Fixture.remote(server.uri("/x")))).hasBinaryContent(Fixture.content());
            assertThat(server.requests()).hasSize(2);
        }
    }
}
