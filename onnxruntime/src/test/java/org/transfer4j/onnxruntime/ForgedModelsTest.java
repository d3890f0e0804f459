package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.protobuf.UnknownFieldSet;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.onnx.ModelBytes;

/** Models that are one thing to the check and another to the runtime, as a forged model file may have them. */
class ForgedModelsTest {
    /** A version, and a field that ONNX has not, whose eight bytes begin with the mark of the runtime's own format. */
    private static final byte[] BOTH = "\b\1\t\0ORTM\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    private static ModelProto model() {
        return Models.model(GraphProto.newBuilder()
                        .addInput(Models.value(FeatureModel.IMAGES, TensorProto.DataType.FLOAT, 1, 3, 32, 32))
                        .addNode(Models.node("GlobalAveragePool", FeatureModel.FEATURES, FeatureModel.IMAGES))
                        .addOutput(Models.result().setName(FeatureModel.FEATURES)))
                .build();
    }

    private static byte[] bothFormats() {
        byte[] model = model().toByteArray();
        return ByteBuffer.allocate(BOTH.length + model.length)
                .put(BOTH)
                .put(model)
                .array();
    }

    private static void assertNotOpened(byte[] model, String reason) {
        try (INDArray bytes = Nd4j.createUninitializedDetached(DataType.UINT8, 'c', new long[] {model.length})) {
            ModelBytes.memory(bytes).put(model);
            Op.Onnx op = new Op.Onnx(
                    model.length, ModelBytes.sha256(bytes), 0, Shape.of(3, 32, 32), Shape.of(3, 1, 1), null);
            assertThatThrownBy(() -> new OnnxRuntimeEngine().open(op, bytes).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(reason);
        }
    }

    @Test
    void bytesThatAreTheRuntimesOwnFormatToo(@TempDir Path folder) throws IOException {
        String reason = "in ONNX Runtime's own format, or could be taken for it, but only ONNX is run: its bytes from 4"
                + " on are ORTM";
        assertNotOpened(bothFormats(), reason);
        Path file = Files.write(folder.resolve("both.onnx"), bothFormats());
        assertThatThrownBy(() -> OnnxBackbone.of(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("both.onnx")
                .hasMessageContaining(reason);
    }

    @Test
    void fieldsThatAreNotChecked() {
        UnknownFieldSet more = UnknownFieldSet.newBuilder()
                .addField(100, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        String reason = "beside those that are checked, which no model of a saved classifier has";
        assertNotOpened(model().toBuilder().setUnknownFields(more).build().toByteArray(), "[100] and [] " + reason);
        ModelProto.Builder inner = model().toBuilder();
        inner.getGraphBuilder().setUnknownFields(more);
        assertNotOpened(inner.build().toByteArray(), "[] and [100] " + reason);
    }

    /** An outline that has one part of a file 200 times would be as much memory. */
    @Test
    void weightsOutsideThatAreReadAgainAndAgain(@TempDir Path folder) throws Exception {
        byte[] weights = new byte[10_000];
        Files.write(folder.resolve("weights"), weights);
        GraphProto.Builder graph = model().getGraph().toBuilder();
        for (int i = 0; i < 200; i++) {
            graph.addInitializer(TensorProto.newBuilder()
                    .setName("w" + i)
                    .setDataType(TensorProto.DataType.UINT8.getNumber())
                    .addDims(weights.length)
                    .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                    .addExternalData(entry("location", "weights"))
                    .addExternalData(entry("offset", "0"))
                    .addExternalData(entry("length", Integer.toString(weights.length))));
        }
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(weights));
        Op.OutsideFile file = new Op.OutsideFile("weights", weights.length, sha256);
        try (INDArray outline =
                ModelBytes.of(model().toBuilder().setGraph(graph).build())) {
            Op.Outside outside = new Op.Outside(outline.length(), List.of(file));
            assertThatThrownBy(() -> OutsideWeights.whole(Integer.MAX_VALUE, sha256, outside, outline, List.of(folder)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("outside are at most 10000 bytes together, those of its files, of the whole"
                            + " model and of the heap, but have 2000000");
        }
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
