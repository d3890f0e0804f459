package org.transfer4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.StoredArray;

/** Damaged and forged safetensors, {@code .keras} and zips of DL4J: a {@link WeightsException}, soon, in little memory. */
@Timeout(120)
class ForgedFormatTest {
    private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What one reading of a file of 50 kB may allocate; it takes 2 MB, and a forged length could ask for 2 GB. */
    private static final long MOST_BYTES = 48 << 20;

    @TempDir
    static Path folder;

    private static Path dl4j = Path.of("");

    @BeforeAll
    static void writeZip() throws IOException {
        dl4j = folder.resolve("dl4j.zip");
        MixedNetwork.filled(MixedNetwork.file("mixed.safetensors")).save(dl4j.toFile());
    }

    private static Path file(String name) {
        return name.equals("dl4j.zip") ? dl4j : MixedNetwork.file(name);
    }

    private static Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("forged"), bytes);
    }

    /** Reads a file that may be damaged. Anything but success and a {@link WeightsException} comes through. */
    private static boolean isRead(byte[] bytes) throws IOException {
        Path file = write(bytes);
        long before = MEMORY.getCurrentThreadAllocatedBytes();
        boolean read = true;
        try {
            MixedNetwork.load(file);
        } catch (WeightsException e) {
            read = false;
        }
        assertThat(MEMORY.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_BYTES);
        return read;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixed.safetensors", "mixed.keras", "dl4j.zip"})
    void truncationAnywhereIsNoticed(String name) throws IOException {
        byte[] whole = Files.readAllBytes(file(name));
        Random random = new Random(17);
        for (int i = 0; i < 60; i++) {
            int length = i < 30 ? random.nextInt(whole.length) : whole.length - 1 - random.nextInt(200);
            assertThat(isRead(Arrays.copyOf(whole, length)))
                    .as("%d bytes", length)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"mixed.safetensors, 700", "mixed.keras, 3000", "dl4j.zip, 2000"})
    void changedBytesAnywhereDoNoHarm(String name, int dense) throws IOException {
        byte[] whole = Files.readAllBytes(file(name));
        Random random = new Random(19);
        for (int i = 0; i < 200; i++) {
            byte[] changed = whole.clone();
            int count = 1 + random.nextInt(8);
            for (int change = 0; change < count; change++) {
                // structure is at the beginning, and in a zip at the end
                int within = random.nextInt(Math.min(dense, changed.length));
                int[] places = {within, changed.length - 1 - within, random.nextInt(changed.length)};
                byte[] values = {0, (byte) 0xFF, 0x7F, '9', (byte) random.nextInt(256)};
                changed[places[random.nextInt(places.length)]] = values[random.nextInt(values.length)];
            }
            isRead(changed);
        }
    }

    /** The values in a zip have a checksum; those in safetensors have none. */
    @ParameterizedTest
    @ValueSource(strings = {"mixed.keras", "dl4j.zip"})
    void aBitOfAValueIsNoticed(String name) throws IOException {
        byte[] changed = Files.readAllBytes(file(name));
        assertThat(isRead(changed)).isTrue();
        changed[changed.length / 2] ^= 1;
        assertThat(isRead(changed)).isFalse();
    }

    private static byte[] safetensors(long length, String json, int data) {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + text.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length < 0 ? text.length : length)
                .put(text)
                .array();
    }

    static Stream<Arguments> forgedHeads() {
        String huge = "{'stem.conv.weight':{'dtype':'F32','shape':[6,3,3,3],'data_offsets':[0,648]}}";
        return Stream.of(
                arguments(-1, huge, 647, "is truncated"),
                arguments(-1, huge, 649, "is damaged: it is of"),
                arguments(-1, huge, 648, "missing: "),
                arguments(Long.MAX_VALUE, "{}", 0, "the length of its head, 9223372036854775807, is out of bounds"),
                arguments(1L << 24, "{}", 0, "the length of its head, 16777216, is out of bounds"),
                arguments(-1, "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}", 4, "does not fit its offsets"),
                arguments(-1, "{'a':{'dtype':'I4','shape':[1],'data_offsets':[4,0]}}", 4, "does not fit its offsets"),
                arguments(-1, "{'a':{'dtype':'F32','shape':[1],'data_offsets':[8,12]}}", 12, "must start at 0"),
                arguments(
                        -1,
                        "{'a':{'dtype':'I4','shape':[9],'data_offsets':[0,9223372036854775807]}}",
                        4,
                        "its arrays reach beyond"),
                arguments(
                        -1,
                        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,4]}}",
                        4,
                        "too large"),
                arguments(-1, "{'a':[1]}", 4, "the dtype of a"),
                arguments(-1, "{" + "'a':{".repeat(100) + "}".repeat(101), 4, "depth"));
    }

    @ParameterizedTest
    @MethodSource("forgedHeads")
    void aHeadOfSafetensorsThatLiesIsRefused(long length, String json, int data, String message) throws IOException {
        Path file = write(safetensors(length, json, data));
        assertThatThrownBy(() -> MixedNetwork.load(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"I32", "F8_E4M3", "F6_E2M3", "BOOL"})
    void valuesOfOtherTypesAreRefusedByName(String type) throws IOException {
        int width = type.equals("I32") ? 4 : 1;
        byte[] bytes = safetensors(
                -1,
                "{'c.weight':{'dtype':'" + type + "','shape':[1,1,1,2],'data_offsets':[0," + 2 * width + "]}}",
                2 * width);
        Path file = write(bytes);
        try (WeightsFile weights = WeightsLoader.open(file)) {
            StoredArray array = weights.layers().get(0).arrays().get(0);
            assertThatThrownBy(() -> array.read(1, 1, 1, 2))
                    .isInstanceOf(WeightsException.class)
                    .hasMessageContaining(
                            "c.weight holds values of the type " + type + ", only F16, BF16, F32 and F64");
        }
    }

    private static byte[] zip(String... namesAndTexts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
                zip.write(namesAndTexts[i + 1].getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({
        "archive/data.pkl, PyTorch file",
        "weights/0.npy, NumPy",
        "META-INF/MANIFEST.MF, a Java archive",
        "readme.txt, a zip archive with readme.txt",
        "model.weights.h5, is compressed in it"
    })
    void otherZipsAreRefused(String name, String message) throws IOException {
        Path file = write(zip(name, "text"));
        assertThatThrownBy(() -> MixedNetwork.load(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(message);
    }

    /** 64 MB of spaces are 64 kB in a zip. */
    @Test
    void aConfigurationThatGrowsIsNotReadWhole() throws IOException {
        byte[] bomb = zip("configuration.json", " ".repeat(64 << 20), "coefficients.bin", "");
        assertThat(bomb.length).isLessThan(1 << 18);
        assertThat(isRead(bomb)).isFalse();
    }

    @Test
    void coefficientsThatGrowAreNotReadIntoMemory() throws IOException {
        String header =
                "\0\20MIXED_DATA_TYPES\0\0\0\0\0\0\0\0\0\4LONG\0\20MIXED_DATA_TYPES" + "\0\0\0\0\1\0\0\0\0\5FLOAT";
        String network = new NeuralNetConfiguration.Builder()
                .list(new DenseLayer.Builder()
                        .nIn(16_384)
                        .nOut(4_096)
                        .hasBias(false)
                        .build())
                .build()
                .toJson();
        byte[] bomb = zip("configuration.json", network, "coefficients.bin", header + "\0".repeat(64 << 20));
        Path file = write(bomb);
        assertThatThrownBy(() -> MixedNetwork.load(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("can't be in so small a file");
        assertThat(isRead(bomb)).isFalse();
    }
}
