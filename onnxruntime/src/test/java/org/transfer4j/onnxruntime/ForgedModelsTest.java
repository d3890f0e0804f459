package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.protobuf.ByteString;
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

    private static UnknownFieldSet field(int number, String content) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        number,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8(content))
                                .build())
                .build();
    }

    /** The model with a node in the middle that reads a tensor and has one in an attribute. */
    private static ModelProto.Builder model(
            Consumer<NodeProto.Builder> node,
            Consumer<AttributeProto.Builder> attribute,
            Consumer<TensorProto.Builder> tensor) {
        AttributeProto.Builder number = AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(Models.floats("", 1));
        tensor.accept(number.getTBuilder());
        attribute.accept(number);
        NodeProto.Builder constant = Models.node("Constant", "one").addAttribute(number);
        node.accept(constant);
        return Models.model(GraphProto.newBuilder()
                .addInput(Models.value(FeatureModel.IMAGES, TensorProto.DataType.FLOAT, 1, 3, 32, 32))
                .addNode(constant)
                .addNode(Models.node("Mul", "same", FeatureModel.IMAGES, "one"))
                .addNode(Models.node("GlobalAveragePool", FeatureModel.FEATURES, "same"))
                .addOutput(Models.result().setName(FeatureModel.FEATURES)));
    }

    private static Stream<Arguments> newerFields() {
        UnknownFieldSet more = field(100, "more");
        ModelProto.Builder inner = model().toBuilder();
        inner.getGraphBuilder().setUnknownFields(more);
        ModelProto.Builder weights = model().toBuilder();
        weights.getGraphBuilder().addInitializer(Models.floats("w", 1).setUnknownFields(more));
        ModelProto.Builder shape = model().toBuilder();
        shape.getGraphBuilder().getInputBuilder(0).getTypeBuilder().setUnknownFields(more);
        return Stream.of(
                Arguments.of("ModelProto", "field 100", model().toBuilder().setUnknownFields(more)),
                Arguments.of("GraphProto \"graph\"", "field 100", inner),
                Arguments.of("TypeProto", "field 100", shape),
                Arguments.of("TensorProto \"w\"", "field 100", weights),
                Arguments.of(
                        "NodeProto \"one\"", "field 100", model(node -> node.setUnknownFields(more), a -> {}, t -> {})),
                Arguments.of(
                        "AttributeProto \"value\"",
                        "field 100",
                        model(n -> {}, a -> a.setUnknownFields(more), t -> {})),
                Arguments.of(
                        "TensorProto", "field 100", model(n -> {}, a -> {}, tensor -> tensor.setUnknownFields(more))),
                // of a function of the same name, which a newer ONNX would choose by it
                Arguments.of(
                        "NodeProto \"one\"",
                        "field 8",
                        model(node -> node.setUnknownFields(field(8, "other")), a -> {}, t -> {})),
                // a type of attribute that is newer than the reader
                Arguments.of("AttributeProto \"value\"", "type 99", model(n -> {}, a -> a.setTypeValue(99), t -> {})));
    }

    /** ONNX Runtime may know what our reader of ONNX does not. */
    @ParameterizedTest
    @MethodSource("newerFields")
    void fieldsThatAreNotChecked(String message, String part, ModelProto.Builder model, @TempDir Path folder)
            throws IOException {
        String reason = "its " + message + " has the " + part + ", which is not known here";
        assertNotOpened(model.build().toByteArray(), reason);
        Path file = Files.write(folder.resolve("newer.onnx"), model.build().toByteArray());
        assertThatThrownBy(() -> OnnxBackbone.of(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(reason);
    }

    /** What exporters note of nodes and tensors since ONNX 1.16, and comments, stay behind. */
    @Test
    void notesOfExporters(@TempDir Path folder) throws IOException {
        ModelProto.Builder model = model(
                node -> node.setDocString("a comment")
                        .setUnknownFields(field(9, "layer.1").toBuilder()
                                .mergeFrom(field(8, ""))
                                .build()),
                attribute -> attribute.setDocString("a comment"),
                tensor -> tensor.setDocString("a comment").setUnknownFields(field(16, "layer.1")));
        model.getGraphBuilder().setDocString("a comment").setUnknownFields(field(16, "a note"));
        model.getGraphBuilder().getInputBuilder(0).setUnknownFields(field(4, "a note"));
        Path file = Files.write(folder.resolve("noted.onnx"), model.build().toByteArray());
        ModelGraph graph = new ModelGraph(ModelFile.read(file).model());
        ModelGraph.ImageInput input = graph.input(FeatureModel.FEATURES, Optional.empty(), false);
        ModelProto part = FeatureModel.raw(graph, FeatureModel.FEATURES, input);
        ModelProto plain = FeatureModel.raw(
                new ModelGraph(model(n -> {}, a -> {}, t -> {}).build()), FeatureModel.FEATURES, input);
        assertThat(part).isEqualTo(plain);
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
