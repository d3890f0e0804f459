package org.transfer4j.internal.format.modelfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.transfer4j.error.ModelFileException;

/** No damage may go unseen, and none may come out as anything but a {@link ModelFileException}. */
class ModelArchiveDamageTest {
    private final FileSystem memory = Jimfs.newFileSystem(Configuration.unix());
    private final Path file = memory.getPath("/model.t4j");
    private byte[] good;

    @BeforeEach
    void writeAGoodFile() throws IOException {
        ArchiveBuilding.good()
                .with("topology.json", "{\"networkInputs\":[\"input\"]}")
                .writeTo(file);
        good = Files.readAllBytes(file);
        assertThat(ModelArchive.read(file, described -> {}).weights()).containsOnlyKeys("a");
    }

    @AfterEach
    void forget() throws IOException {
        memory.close();
    }

    @Test
    void noticesASingleFlippedBitAnywhere() throws IOException {
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] damaged = good.clone();
            damaged[bit / 8] ^= (byte) (1 << (bit % 8));
            assertRefused(damaged, "bit " + bit);
        }
    }

    @Test
    void noticesManyDamagedBytes() throws IOException {
        Random random = new Random(2);
        for (int i = 0; i < 500; i++) {
            byte[] damaged = good.clone();
            int start = random.nextInt(good.length - 1);
            for (int at = start; at < Math.min(good.length, start + 1 + random.nextInt(200)); at++) {
                damaged[at] = (byte) (damaged[at] + 1 + random.nextInt(255));
            }
            assertRefused(damaged, "round " + i);
        }
    }

    @Test
    void noticesEveryTruncation() throws IOException {
        for (int length = 0; length < good.length; length++) {
            assertRefused(Arrays.copyOf(good, length), "length " + length);
        }
    }

    @Test
    void noticesWhatIsAppended() throws IOException {
        assertRefused(Arrays.copyOf(good, good.length + 1), "one byte more");
    }

    @Test
    void saysThatAFileIsTruncated() throws IOException {
        Files.write(file, Arrays.copyOf(good, 800));

        assertThatThrownBy(() -> ModelArchive.read(file, described -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessage(file + ": the file is truncated: it ends after 800 bytes");
    }

    @Test
    void saysThatAFileIsEmpty() throws IOException {
        Files.write(file, new byte[0]);

        assertThatThrownBy(() -> ModelArchive.read(file, described -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessage(file + ": the file is empty");
    }

    @Test
    void saysWhichEntryIsDamaged() throws IOException {
        byte[] damaged = good.clone();
        damaged[new String(good, StandardCharsets.ISO_8859_1).indexOf("networkInputs")]++;
        Files.write(file, damaged);

        assertThatThrownBy(() -> ModelArchive.read(file, described -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("the file is damaged: wrong CRC-32 of topology.json");
    }

    private void assertRefused(byte[] bytes, String what) throws IOException {
        Files.write(file, bytes);
        assertThat(catchThrowable(() -> ModelArchive.read(file, described -> {})))
                .as(what)
                .isInstanceOf(ModelFileException.class);
    }
}
