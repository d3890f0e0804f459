package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.FunctionProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Models that nobody should run, or that are no backbones: refused with the reason. */
class HostileModelsTest {
    @TempDir
    Path folder;

    private Path changed(Consumer<ModelProto.Builder> change) {
        ModelProto.Builder model = Goldens.proto("convnext").toBuilder();
        change.accept(model);
        return written(model);
    }

    private Path written(ModelProto.Builder model) {
        try {
            return Files.write(folder.resolve("model.onnx"), model.build().toByteArray());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> OnnxBackbone.of(file).inputSize(32, 32).backbone(ImagePreprocessing.torch()))
                .isInstanceOfAny(ModelFileException.class, IllegalArgumentException.class)
                .hasMessageContaining("model.onnx")
                .hasMessageContaining(reason);
    }

    private static TensorProto.Builder integers(String name, long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor;
    }

    private static NodeProto.Builder node(String operator, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setName(output)
                .setOpType(operator)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    private static ValueInfoProto.Builder value(String name, TensorProto.DataType type, long... shape) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        for (long side : shape) {
            dimensions.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(side));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(dimensions)));
    }

    /** A model of a few nodes. */
    private static ModelProto.Builder model(GraphProto.Builder graph) {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph.setName("graph"));
    }

    private static ValueInfoProto.Builder images() {
        return value("images", TensorProto.DataType.FLOAT, 1, 3, 32, 32);
    }

    private static ValueInfoProto.Builder result() {
        return ValueInfoProto.newBuilder()
                .setName("out")
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber())));
    }

    @Test
    void operatorsOfOthers() {
        assertRefused(changed(model -> model.getGraphBuilder().getNodeBuilder(3).setDomain("evil")), "is of evil");
        assertRefused(
                changed(model -> model.addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("evil").setVersion(1))),
                "needs operators of evil");
        assertRefused(
                changed(model -> model.getGraphBuilder()
                        .getNodeBuilder(3)
                        .setDomain("com.microsoft")
                        .setOpType("EPContext")),
                "is of com.microsoft");
    }

    @Test
    void circles() {
        assertRefused(
                written(model(GraphProto.newBuilder()
                        .addInput(images())
                        .addNode(node("Add", "a", "images", "b"))
                        .addNode(node("Relu", "b", "a"))
                        .addNode(node("Relu", "out", "b"))
                        .addOutput(result()))),
                "a part of a circle");
    }

    @Test
    void twoValuesOfOneName() {
        assertRefused(
                changed(model -> model.getGraphBuilder().addNode(node("Relu", "features", "features"))),
                "two called \"features\"");
    }

    @Test
    void graphsInGraphs() {
        assertRefused(
                changed(model -> model.getGraphBuilder()
                        .getNodeBuilder(3)
                        .addAttribute(AttributeProto.newBuilder()
                                .setName("body")
                                .setG(GraphProto.newBuilder().setName("loop")))),
                "a loop or a branch");
        assertRefused(
                changed(model -> model.addFunctions(FunctionProto.newBuilder().setName("growing"))),
                "functions of its own, such as growing");
    }

    @Test
    void tensorsThatAreNotAsLongAsTheySay() {
        assertRefused(
                changed(model ->
                        model.getGraphBuilder().getInitializerBuilder(0).setDims(0, 1L << 40)),
                "can't have");
        assertRefused(
                changed(model ->
                        model.getGraphBuilder().getInitializerBuilder(0).setDims(0, -1)),
                "can't have");
        assertRefused(
                changed(model ->
                        model.getGraphBuilder().getInitializerBuilder(0).setDims(0, 3)),
                "bytes");
    }

    @Test
    void hugeConstants() {
        assertRefused(
                written(model(GraphProto.newBuilder()
                        .addInput(images())
                        .addInitializer(integers("size", 1 << 20, 1 << 20))
                        .addNode(node("ConstantOfShape", "zeros", "size"))
                        .addNode(node("Add", "out", "images", "zeros"))
                        .addOutput(result()))),
                "asks for more than");
    }

    @Test
    void weightsElsewhere() throws IOException {
        Path secret = Files.write(folder.resolve("secret"), new byte[1 << 16]);
        Path inner = Files.createDirectory(folder.resolve("inner"));
        for (String location : List.of("../secret", secret.toString(), "", "C:\\secret", "link")) {
            if (location.equals("link")) {
                Files.createSymbolicLink(inner.resolve("link"), secret);
            }
            ModelProto.Builder model = Goldens.proto("convnext").toBuilder();
            model.getGraphBuilder()
                    .getInitializerBuilder(0)
                    .clearRawData()
                    .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                    .addExternalData(StringStringEntryProto.newBuilder()
                            .setKey("location")
                            .setValue(location));
            assertRefused(Files.write(inner.resolve("model.onnx"), model.build().toByteArray()), "model's folder");
        }
    }

    @Test
    void weightsBehindTheEndOfTheirFile() throws IOException {
        Files.write(folder.resolve("data"), new byte[100]);
        for (String offset : List.of("0", "99", "999999999999999999", "-1", "x")) {
            assertThatThrownBy(() -> OnnxBackbone.of(changed(model -> model.getGraphBuilder()
                            .getInitializerBuilder(0)
                            .clearRawData()
                            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                            .addExternalData(StringStringEntryProto.newBuilder()
                                    .setKey("location")
                                    .setValue("data"))
                            .addExternalData(StringStringEntryProto.newBuilder()
                                    .setKey("offset")
                                    .setValue(offset)))))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageMatching("(?s).*(which has 100|is no number: ).*");
        }
    }

    @Test
    void anOpsetThatTheRuntimeLacks() {
        assertRefused(changed(model -> model.getOpsetImportBuilder(0).setVersion(999)), "ONNX Runtime");
    }

    @Test
    void twoImageInputs() {
        assertRefused(
                written(model(GraphProto.newBuilder()
                        .addInput(images())
                        .addInput(value("others", TensorProto.DataType.FLOAT, 1, 3, 32, 32))
                        .addNode(node("Add", "out", "images", "others"))
                        .addOutput(result()))),
                "must have one input, of images, but for \"out\" it needs images float [1, 3, 32, 32], others float");
    }

    @Test
    void inputsThatAreNoImages() {
        assertRefused(
                written(model(GraphProto.newBuilder()
                        .addInput(value("input_ids", TensorProto.DataType.INT64, 1, 77))
                        .addNode(node("Neg", "out", "input_ids"))
                        .addOutput(result()))),
                "must read images, float or float16 [N, 3, H, W] or [N, H, W, 3], but reads input_ids int64 [1, 77]");
        assertRefused(
                written(model(GraphProto.newBuilder()
                        .addInput(value("gray", TensorProto.DataType.FLOAT, 1, 1, 32, 32))
                        .addNode(node("Relu", "out", "gray"))
                        .addOutput(result()))),
                "must read images of 3 channels, but reads gray float [1, 1, 32, 32]");
    }

    @Test
    void detectors() {
        assertRefused(
                written(model(GraphProto.newBuilder()
                        .addInput(images())
                        .addNode(node("NonMaxSuppression", "out", "images", "images"))
                        .addOutput(result()))),
                "is a detector");
    }

    @Test
    void outputsThatAreNoNumbers() {
        assertRefused(
                written(model(GraphProto.newBuilder()
                        .addInput(images())
                        .addNode(node("Sub", "zero", "images", "images"))
                        .addNode(node("Div", "out", "zero", "zero"))
                        .addOutput(result()))),
                "gives NaN");
    }

    @Test
    void outputsThatAreNoFeatures() {
        assertRefused(
                written(model(GraphProto.newBuilder()
                        .addInput(images())
                        .addNode(node("ReduceMean", "out", "images")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("keepdims")
                                        .setType(AttributeProto.AttributeType.INT)
                                        .setI(0)))
                        .addOutput(result()))),
                "which are no features");
    }
}
