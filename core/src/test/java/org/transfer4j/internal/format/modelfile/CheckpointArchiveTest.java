package org.transfer4j.internal.format.modelfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.CheckpointException;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.modelfile.CheckpointArchive.CheckpointContents;

class CheckpointArchiveTest {
    private static final String STATE = "{\"epoch\":3}";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("training.checkpoint");
        CheckpointArchive.write(file, contents(STATE));
    }

    private static CheckpointContents contents(String state) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put("output/W", Nd4j.linspace(DataType.FLOAT, -1, 0.25, 12).reshape('c', 3, 4));
        arrays.put("output/W/moment", Nd4j.createFromArray(Float.MIN_VALUE, -0.0f, Float.MAX_VALUE));
        return new CheckpointContents("1.2.3", "tiny", state, arrays);
    }

    @Test
    void whatIsReadIsWhatWasWritten() {
        CheckpointContents read = CheckpointArchive.read(file);
        CheckpointContents written = contents(STATE);

        assertThat(read.libraryVersion()).isEqualTo("1.2.3");
        assertThat(read.backbone()).isEqualTo("tiny");
        assertThat(read.state()).isEqualTo(STATE);
        assertThat(read.arrays().keySet())
                .containsExactlyElementsOf(written.arrays().keySet());
        read.arrays().forEach((name, array) -> {
            assertThat(array.shape()).isEqualTo(written.arrays().get(name).shape());
            assertThat(array.data().asFloat())
                    .isEqualTo(written.arrays().get(name).data().asFloat());
        });
    }

    @Test
    void theSameContentsGiveTheSameBytes() throws IOException {
        Path again = folder.resolve("again");
        CheckpointArchive.write(again, contents(STATE));
        assertThat(again).hasSameBinaryContentAs(file);
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("again", "training.checkpoint");
    }

    @Test
    void oneCutOffAnywhereIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length < bytes.length; length += 7) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> CheckpointArchive.read(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(file.toString());
        }
    }

    @Test
    void oneChangedByteIsNoticed() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int place = 0; place < bytes.length; place += 3) {
            byte[] damaged = bytes.clone();
            damaged[place] ^= 0x20;
            Files.write(file, damaged);
            assertThatThrownBy(() -> CheckpointArchive.read(file))
                    .as("byte %d", place)
                    .isInstanceOf(CheckpointException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "nonsense"})
    void aStateThatIsNotJsonIsNotWritten(String state) throws IOException {
        byte[] before = Files.readAllBytes(file);
        assertThatIllegalArgumentException().isThrownBy(() -> CheckpointArchive.write(file, contents(state)));
        assertThat(file).hasBinaryContent(before);
    }

    /** Its parameters and what the updater remembers are in other shapes. */
    @Test
    void oneOfAFormerVersionIsRefused() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        String manifest = new String(entries.get("manifest.json"), StandardCharsets.UTF_8);
        entries.put(
                "manifest.json",
                manifest.replace("\"formatVersion\":3", "\"formatVersion\":2").getBytes(StandardCharsets.UTF_8));
        Files.write(file, ArchiveBuilding.rebuilt(entries));

        assertThatThrownBy(() -> CheckpointArchive.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("Transfer4J 1.2.3 wrote this file in version 2 of the checkpoint format, and this"
                        + " library reads versions from 3. Use Transfer4J 1.2.3 for it");
    }

    @Test
    void checkpointsAndModelsAreToldApart() throws IOException {
        Path model = folder.resolve("model.t4j");
        ModelArchive.write(model, SampleModel.contents());

        assertThatThrownBy(() -> CheckpointArchive.read(model))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not a Transfer4J checkpoint")
                .hasMessageContaining("transfer4j-model");
        assertThatThrownBy(() -> ModelArchive.read(file, described -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("not a Transfer4J model")
                .hasMessageContaining("transfer4j-checkpoint");
        Files.writeString(file, "something else", StandardCharsets.UTF_8);
        assertThatThrownBy(() -> CheckpointArchive.read(file))
                .hasMessageContaining("not a Transfer4J checkpoint; it looks like");
    }

    @Test
    void arraysAreOfFloats() {
        CheckpointArchive.write(
                file,
                new CheckpointContents("0.1.0", "tiny", STATE, Map.of("updater/m", Nd4j.zeros(DataType.UINT8, 4))));
        assertThatThrownBy(() -> CheckpointArchive.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("its arrays must be floats, but updater/m is of bytes");
    }

    @Test
    void whatIsNotThereIsPlainTrouble() {
        assertThatThrownBy(() -> CheckpointArchive.read(folder.resolve("none")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("there is no such file");
        assertThatThrownBy(() -> CheckpointArchive.write(folder.resolve("none/there"), contents(STATE)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("checkpoint");
    }
}
