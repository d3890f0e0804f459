package org.transfer4j.internal.format.keras;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.weights.Shapes;
import org.transfer4j.internal.weights.WeightsLoader;
import org.transfer4j.testing.GoldenFiles;

/** HDF5 files as h5py writes them in rare cases: where their parts lie, and in which letters their names are. */
class Hdf5LayoutTest {
    private static final int CONVOLUTIONS = 12;

    @TempDir
    Path folder;

    private static Path file(String name) {
        return GoldenFiles.path("hdf5_layouts/" + name);
    }

    private static void assertReadRight(Path file, String prefix) {
        Map<String, Map<String, long[]>> shapes = new LinkedHashMap<>();
        for (int i = 0; i < CONVOLUTIONS; i++) {
            shapes.put(prefix + "conv_" + (char) ('a' + i), Map.of("W", new long[] {1, 1, 1, 1}, "b", new long[] {1}));
        }
        Map<String, Map<String, INDArray>> read =
                WeightsLoader.load(Weights.file(file), Optional.empty(), Shapes.network(shapes));
        int number = 1;
        for (Map<String, INDArray> layer : read.values()) {
            assertThat(layer.get("W").getFloat(0)).isEqualTo(number);
            assertThat(layer.get("b").getFloat(0)).isEqualTo(-number);
            number++;
        }
        assertThat(number).isEqualTo(CONVOLUTIONS + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "node_at_end.h5, ''",
        "user_block.h5, ''",
        "latest.h5, ''",
        "latest_user_block.h5, ''",
        "named.h5, größe_",
    })
    void isReadRight(String name, String prefix) {
        assertReadRight(file(name), prefix);
    }

    /** As the weights of a {@code .keras} file: behind other bytes and before others. */
    @Test
    void aPartOfAnArchiveIsReadRight() throws IOException {
        byte[] content = Files.readAllBytes(file("node_at_end.h5"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("metadata.json"));
            zip.write(new byte[] {'{', '}'});
            ZipEntry weights = new ZipEntry("model.weights.h5");
            CRC32 checksum = new CRC32();
            checksum.update(content);
            weights.setMethod(ZipEntry.STORED);
            weights.setSize(content.length);
            weights.setCrc(checksum.getValue());
            zip.putNextEntry(weights);
            zip.write(content);
        }
        assertReadRight(Files.write(folder.resolve("größe 模型.keras"), bytes.toByteArray()), "");
    }

    /** Three GiB, nearly all of them a hole. */
    @Test
    void whatLiesBeyondTwoGibibytesIsRead() throws IOException {
        byte[] content = Files.readAllBytes(file("node_at_end.h5"));
        long far = 3L << 30;
        byte[] seven = little(Float.BYTES).putFloat(7).array();
        long at = new String(content, ISO_8859_1).indexOf(new String(seven, ISO_8859_1));
        replace(content, little(Long.BYTES).putLong(at).array(), far);
        replace(content, little(Long.BYTES).putLong(content.length).array(), far + Float.BYTES);
        Path file = folder.resolve("large.h5");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(content), 0);
            channel.write(ByteBuffer.wrap(seven), far);
        }
        assertReadRight(file, "");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(far);
        }
        assertThatThrownBy(() -> assertReadRight(file, ""))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("is truncated: it is of 3,221,225,472 bytes and should be of 3,221,225,476");
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void replace(byte[] content, byte[] old, long value) {
        String text = new String(content, ISO_8859_1);
        int at = text.indexOf(new String(old, ISO_8859_1));
        assertThat(at).isPositive();
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    }

    /** Zeros stand for what a node lacks at the end, never for values. */
    @Test
    void valuesThatReachBeyondTheEndAreDamage() throws IOException {
        byte[] content = Files.readAllBytes(file("user_block.h5"));
        byte[] seven = little(Float.BYTES).putFloat(7).array();
        long userBlock = 1024;
        long at = new String(content, ISO_8859_1).indexOf(new String(seven, ISO_8859_1)) - userBlock;
        replace(content, little(Long.BYTES).putLong(at).array(), content.length - userBlock - 2);
        Path file = Files.write(folder.resolve("beyond.h5"), content);
        assertThatThrownBy(() -> assertReadRight(file, ""))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("is damaged: conv_g/kernel:0 can't be read");
    }
}
