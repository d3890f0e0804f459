package org.transfer4j.internal.format.modelfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredZipTest {
    private static final long SIX_GIGABYTES = 6L << 30;

    /** Two entries of which the first is larger than 4 GiB, in a file with a hole instead of its content. */
    @Test
    void usesZip64BeyondFourGigabytes(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("large.zip");
        StoredZip.Header large = new StoredZip.Header("large", SIX_GIGABYTES, 0, 0);
        long second = large.local().length + SIX_GIGABYTES;
        StoredZip.Header small = new StoredZip.Header("small", 3, 0x352441c2, second);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(large.local()), 0);
            channel.write(ByteBuffer.wrap(small.local()), second);
            long end = second + small.local().length;
            channel.write(ByteBuffer.wrap(new byte[] {'a', 'b', 'c'}), end);
            channel.write(ByteBuffer.wrap(StoredZip.Directory.bytes(List.of(large, small), end + 3)), end + 3);
        }

        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.size()).isEqualTo(2);
            assertThat(zip.getEntry("large").getSize()).isEqualTo(SIX_GIGABYTES);
            assertThat(zip.getInputStream(zip.getEntry("small")).readAllBytes()).isEqualTo(new byte[] {'a', 'b', 'c'});
        }
    }
}
