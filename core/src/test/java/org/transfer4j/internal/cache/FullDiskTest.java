package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.cache.CachedFeaturePass.RowWriter;
import org.transfer4j.internal.cache.ChunkSearch.RowLocations;
import org.transfer4j.internal.cache.SpaceFolder.StoredFile;

class FullDiskTest {
    private static final long DISK = 1 << 20;

    @Test
    void aFullDiskEndsTheWritingAndKeepsWhatWasComplete() throws IOException {
        Configuration small = Configuration.unix().toBuilder().setMaxSize(DISK).build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path root = disk.getPath("/cache");
            FeatureSpace space = SampleSpace.named(1);
            SpaceFolder folder = new SpaceFolder(root, space);
            RowLocations locations = new RowLocations(1 << 20);
            try (RowWriter writer = new RowWriter(new CacheFolder(root), folder, Long.MAX_VALUE, locations)) {
                assertThatThrownBy(() -> writeUntilItFails(writer)).isInstanceOf(IOException.class);
            }
            locations.close();
            assertThat(StoredFile.in(folder.path(), SpaceFolder::isPart)).isEmpty();
            assertThat(StoredFile.in(folder.path(), SpaceFolder::isChunk)).isNotEmpty();
            for (StoredFile file : StoredFile.in(folder.path(), SpaceFolder::isChunk)) {
                try (Chunk chunk = Chunk.open(space, file.path())) {
                    chunk.index();
                    chunk.verifyRows();
                }
            }
        }
    }

    private static void writeUntilItFails(RowWriter writer) throws IOException {
        for (int number = 0; number < DISK; number++) {
            ByteBuffer row = SampleSpace.row(number);
            writer.append(row, new int[] {number}, SampleSpace.digest(number));
        }
    }
}
