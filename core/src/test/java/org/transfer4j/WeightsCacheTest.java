package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.download.CachedFile;
import org.transfer4j.download.CachedFile.State;
import org.transfer4j.download.DownloadSettings;

class WeightsCacheTest {
    @TempDir
    Path folder;

    private WeightsCache cache() {
        return WeightsCache.of(DownloadSettings.defaults().withCacheFolder(folder));
    }

    private void write(String name, Duration age) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, "weights");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    @Test
    void listsVerifiesAndPrunesTheWeightsAlone() throws IOException {
        write("weights/a.h5", Duration.ofDays(40));
        write("weights/b.h5", Duration.ofDays(20));
        write("weights/mine.h5", Duration.ofDays(40));
        write("mnist/labels.gz", Duration.ofDays(40));
        Files.writeString(folder.resolve("weights/a.h5.sha256"), "0".repeat(64) + "  a.h5\n");
        Files.writeString(folder.resolve("weights/b.h5.sha256"), "0".repeat(64) + "  b.h5\n");
        assertThat(cache().list())
                .extracting(CachedFile::state)
                .containsExactly(State.RECORDED, State.RECORDED, State.UNRECORDED);
        assertThat(cache().verify())
                .extracting(CachedFile::state)
                .containsExactly(State.DAMAGED, State.DAMAGED, State.UNRECORDED);
        assertThat(cache().prune(Duration.ofDays(30)))
                .extracting(CachedFile::name)
                .containsExactly("weights/a.h5");
        assertThat(cache().prune()).extracting(CachedFile::name).containsExactly("weights/b.h5");
        assertThat(cache().list()).extracting(CachedFile::name).containsExactly("weights/mine.h5");
        assertThat(folder.resolve("mnist/labels.gz")).exists();
    }

    @Test
    void anAgeIsNotNegative() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> cache().prune(Duration.ofDays(-1)))
                .withMessageContaining("PT-24H");
    }
}
