package org.transfer4j.internal.format.modelfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;

class ModelArchiveTest {
    @TempDir
    Path folder;

    @Test
    void givesBackWhatWasWritten() throws MalformedModelException {
        Path file = folder.resolve("model.t4j");
        ModelContents written = SampleModel.contents();
        ModelArchive.write(file, written);

        ModelContents read = ModelArchive.read(file, described -> {});

        assertThat(read.libraryVersion()).isEqualTo("0.1.0");
        assertThat(read.backbone()).isEqualTo("tiny");
        assertThat(read.topology()).isEqualTo(written.topology());
        assertThat(read.network()).isEqualTo(written.network());
        assertThat(read.preprocessing()).isEqualTo(SampleModel.PREPROCESSING);
        assertThat(read.classNames()).isEqualTo(SampleModel.CLASS_NAMES);
        assertThat(read.history()).isEqualTo(SampleModel.HISTORY);
        assertThat(read.weights().keySet())
                .containsExactlyElementsOf(written.weights().keySet());
        read.weights()
                .forEach((name, array) ->
                        assertSameValues(array, written.weights().get(name)));
        assertThat(TopologyJson.read(read.topology(), read.network()))
                .isEqualTo(TopologyJson.read(SampleModel.contents().topology(), read.network()));
    }

    @Test
    void keepsANetworkWithoutCutAndFrozenLayers() {
        Path file = folder.resolve("model.t4j");
        ModelContents sample = SampleModel.contents();
        NetworkDescription open =
                new NetworkDescription(32, 48, 1, Optional.empty(), List.of(), false, Precision.FLOAT32, Map.of());
        ModelArchive.write(
                file,
                new ModelContents("1", "custom", sample.topology(), open, "null", List.of("", "b"), "[1]", Map.of()));

        ModelContents read = ModelArchive.read(file, described -> {});

        assertThat(read.network()).isEqualTo(open);
        assertThat(read.classNames()).containsExactly("", "b");
        assertThat(read.weights()).isEmpty();
    }

    @Test
    void writesViewsAndEveryOrderInCOrder() {
        INDArray base = SampleModel.numbered(40, 70, 9);
        Map<String, INDArray> weights = Map.of(
                "c", base,
                "f", base.dup('f'),
                "view", base.get(NDArrayIndex.interval(3, 31), NDArrayIndex.all(), NDArrayIndex.all()),
                "gaps", base.get(NDArrayIndex.all(), NDArrayIndex.interval(1, 69), NDArrayIndex.interval(2, 7)),
                "turned", base.permute(2, 0, 1),
                "row", SampleModel.numbered(5, 6).getRow(3),
                "column", SampleModel.numbered(5, 6).getColumn(4),
                "one", Nd4j.createFromArray(7f),
                "wide", SampleModel.numbered(3, 50_000).dup('f'));
        Path file = folder.resolve("model.t4j");
        ModelArchive.write(file, SampleModel.contents(SampleModel.contents().topology(), weights));

        Map<String, INDArray> read = ModelArchive.read(file, described -> {}).weights();

        weights.forEach((name, array) -> assertSameValues(read.get(name), array));
    }

    @Test
    void keepsEveryBitOfAFloat() {
        float[] values = {
            Float.NaN, Float.intBitsToFloat(0x7fc00123), -0f, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, Float.MAX_VALUE
        };
        Path file = folder.resolve("model.t4j");
        ModelArchive.write(
                file,
                SampleModel.contents(SampleModel.contents().topology(), Map.of("odd/W", Nd4j.createFromArray(values))));

        float[] read = ModelArchive.read(file, described -> {})
                .weights()
                .get("odd/W")
                .data()
                .asFloat();

        for (int i = 0; i < values.length; i++) {
            assertThat(Float.floatToRawIntBits(read[i])).isEqualTo(Float.floatToRawIntBits(values[i]));
        }
    }

    @Test
    void givesTheSameBytesForTheSameContents() throws IOException {
        ModelArchive.write(folder.resolve("a"), SampleModel.contents());
        ModelArchive.write(folder.resolve("b"), SampleModel.contents());

        assertThat(folder.resolve("a")).hasSameBinaryContentAs(folder.resolve("b"));
    }

    @Test
    void isAZipFileForOtherTools() throws IOException {
        Path file = folder.resolve("model.t4j");
        ModelArchive.write(file, SampleModel.contents());

        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(Collections.list(zip.entries()).stream().map(ZipEntry::getName))
                    .containsExactly(
                            "manifest.json",
                            "topology.json",
                            "network.json",
                            "preprocessing.json",
                            "labels.json",
                            "history.json",
                            "weights.safetensors");
            assertThat(new String(bytesOf(zip, "network.json"), StandardCharsets.UTF_8))
                    .isEqualTo("{\"inputHeight\":6,\"inputWidth\":8,\"inputChannels\":3,\"cutVertex\":\"pool\","
                            + "\"frozenLayers\":[\"conv\",\"pool\"]}");
            assertThat(new String(bytesOf(zip, "labels.json"), StandardCharsets.UTF_8))
                    .isEqualTo("{\"classNames\":[\"cat\",\"dog\",\"Größe \\\"7\\\"\"]}");
        }
    }

    @Test
    void holdsWeightsInTheSafetensorsFormat() throws IOException {
        Path file = folder.resolve("model.t4j");
        ModelArchive.write(file, SampleModel.contents());

        ByteBuffer bytes;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            bytes = ByteBuffer.wrap(bytesOf(zip, "weights.safetensors")).order(ByteOrder.LITTLE_ENDIAN);
        }
        int headLength = (int) bytes.getLong();
        assertThat(headLength % 8).isZero();
        byte[] head = new byte[headLength];
        bytes.get(head);
        assertThat(new String(head, StandardCharsets.UTF_8).strip())
                .isEqualTo("{\"conv/W\":{\"dtype\":\"F32\",\"shape\":[2,3,3,3],\"data_offsets\":[0,216]},"
                        + "\"conv/b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[216,224]},"
                        + "\"predictions/W\":{\"dtype\":\"F32\",\"shape\":[3,24],\"data_offsets\":[224,512]},"
                        + "\"predictions/b\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[512,524]}}");
        bytes.position(bytes.position() + 224);
        for (int output = 0; output < 3; output++) {
            for (int input = 0; input < 24; input++) {
                assertThat(bytes.getFloat()).isEqualTo((input * 3 + output) / 8f);
            }
        }
    }

    @Test
    void refusesToWriteWhatCouldNotBeRead() {
        Path file = folder.resolve("model.t4j");
        ModelContents good = SampleModel.contents();
        INDArray closed = Nd4j.create(2, 2);
        closed.close();

        assertThatThrownBy(() -> ModelArchive.write(file, SampleModel.contents("{", good.weights())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("topology.json is not valid JSON");
        assertThatThrownBy(() -> ModelArchive.write(
                        file, SampleModel.contents("{\"vertices\":{\"a\":{\"@class\":\"x.Y\"}}}", good.weights())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x.Y");
        assertThatThrownBy(() -> ModelArchive.write(
                        file, SampleModel.contents(good.topology(), Map.of("w", Nd4j.create(DataType.DOUBLE, 2, 2)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("float arrays")
                .hasMessageContaining("DOUBLE of shape [2, 2]");
        assertThatThrownBy(() -> ModelArchive.write(file, SampleModel.contents(good.topology(), Map.of("w", closed))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("have been closed");
        assertThatThrownBy(() -> ModelArchive.write(
                        file, SampleModel.contents(good.topology(), Map.of("__metadata__", Nd4j.create(2, 2)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("__metadata__");
        assertThat(file).doesNotExist();
    }

    @Test
    void refusesAnImpossibleInput() {
        assertThatThrownBy(() -> new NetworkDescription(
                        0, 8, 3, Optional.empty(), List.of(), false, Precision.FLOAT32, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The input height must be at least 1, but is 0");
    }

    private static byte[] bytesOf(ZipFile zip, String name) throws IOException {
        return zip.getInputStream(zip.getEntry(name)).readAllBytes();
    }

    private static void assertSameValues(INDArray actual, INDArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.dup('c').data().asFloat())
                .isEqualTo(expected.dup('c').data().asFloat());
    }
}
