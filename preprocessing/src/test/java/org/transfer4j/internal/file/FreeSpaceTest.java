package org.transfer4j.internal.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import org.junit.jupiter.api.Test;

class FreeSpaceTest {
    @Test
    void aDiskThatSaysNothingIsNotFull() throws IOException {
        assertThat(FreeSpace.of(0, 0)).isEqualTo(Long.MAX_VALUE);
        assertThat(FreeSpace.of(0, 100)).isZero();
        Configuration small = Configuration.unix().toBuilder()
                .setMaxSize(100_000)
                .setBlockSize(1000)
                .build();
        try (FileSystem files = Jimfs.newFileSystem(small)) {
            assertThat(FreeSpace.of(files.getPath("/"))).isEqualTo(100_000);
        }
    }
}
