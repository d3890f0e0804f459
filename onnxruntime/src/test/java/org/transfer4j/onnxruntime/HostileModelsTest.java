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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

    @Test
    void operatorsOfOthers() {
        assertRefused(changed(model -> model.getGraphBuilder().getNodeBuilder(3).setDomain("evil")), "is of evil");
        assertRefused(
                changed(model -> model.getGraphBuilder()
                        .getNodeBuilder(3)
                        .setDomain("com.microsoft")
                        .setOpType("EPContext")),
                "is of com.microsoft");
    }

    @Test
    void twoVersionsOfOneOperator() {
        assertRefused(
                changed(model -> model.addOpsetImport(
                        OperatorSetIdProto.newBuilder().setDomain("ai.onnx").setVersion(9))),
                "operators of one version, but imports the opsets 17 and 9 of \"\"");
    }

    @Test
    void circles() {
        assertRefused(
                written(Models.model(GraphProto.newBuilder()
                        .addInput(Models.images())
                        .addNode(Models.node("Add", "a", "images", "b"))
                        .addNode(Models.node("Relu", "b", "a"))
                        .addNode(Models.node("Relu", "out", "b"))
                        .addOutput(Models.result()))),
                "a part of a circle");
    }

    @Test
    void twoValuesOfOneName() {
        assertRefused(
                changed(model -> model.getGraphBuilder().addNode(Models.node("Relu", "features", "features"))),
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
    void tensorsWithTwoKindsOfData() {
        assertRefused(
                changed(model ->
                        model.getGraphBuilder().getInitializerBuilder(0).addInt64Data(1)),
                "has one kind of data, but it has numbers in 2 fields");
    }

    @Test
    void constantsOfTwoNumbers() {
        assertRefused(
                changed(model -> model.getGraphBuilder()
                        .addNode(NodeProto.newBuilder()
                                .setOpType("Constant")
                                .setName("two")
                                .addOutput("two")
                                .addAttribute(Models.integer("value_int", 1))
                                .addAttribute(Models.integers("value_ints", List.of(1L << 40))))),
                "Constant \"two\" has its number in one attribute, got [value_int, value_ints]");
        assertRefused(
                changed(model -> model.getGraphBuilder()
                        .getNodeBuilder(0)
                        .clearAttribute()
                        .addAttribute(Models.integer("group", 1))
                        .addAttribute(Models.integer("group", 2))),
                "has no two attributes of one name, but two called \"group\"");
    }

    /** By some of these ONNX Runtime divides without a look: the process ends. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ConvTranspose group",
                "Attention q_num_heads",
                "Attention kv_num_heads",
                "MultiHeadAttention num_heads",
                "Conv strides",
                "MaxPool kernel_shape",
                "Conv dilations",
                "SpaceToDepth blocksize",
                "GroupNormalization num_groups",
                "Split num_outputs",
                "LRN size"
            })
    void attributesOfZero(String what) {
        String operator = what.split(" ", -1)[0];
        String attribute = what.split(" ", -1)[1];
        boolean list = List.of("strides", "kernel_shape", "dilations").contains(attribute);
        assertRefused(
                written(Models.model(GraphProto.newBuilder()
                        .addInput(Models.images())
                        .addNode(Models.node(operator, "out", "images", "images")
                                .addAttribute(
                                        list
                                                ? Models.integers(attribute, List.of(1L, 0L))
                                                : Models.integer(attribute, 0)))
                        .addOutput(Models.result()))),
                operator + " \"out\" has whole numbers of 1 or more for its attribute " + attribute + ", got "
                        + (list ? "[1, 0]" : "0"));
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
                written(Models.model(GraphProto.newBuilder()
                        .addInput(Models.images())
                        .addInput(Models.value("others", TensorProto.DataType.FLOAT, 1, 3, 32, 32))
                        .addNode(Models.node("Add", "out", "images", "others"))
                        .addOutput(Models.result()))),
                "must have one input, of images, but for \"out\" it needs images float [1, 3, 32, 32], others float");
    }

    @Test
    void inputsThatAreNoImages() {
        assertRefused(
                written(Models.model(GraphProto.newBuilder()
                        .addInput(Models.value("input_ids", TensorProto.DataType.INT64, 1, 77))
                        .addNode(Models.node("Neg", "out", "input_ids"))
                        .addOutput(Models.result()))),
                "must read images, float or float16 [N, 3, H, W] or [N, H, W, 3], but reads input_ids int64 [1, 77]");
        assertRefused(
                written(Models.model(GraphProto.newBuilder()
                        .addInput(Models.value("gray", TensorProto.DataType.FLOAT, 1, 1, 32, 32))
                        .addNode(Models.node("Relu", "out", "gray"))
                        .addOutput(Models.result()))),
                "must read images of 3 channels, but reads gray float [1, 1, 32, 32]");
    }

    @Test
    void detectors() {
        assertRefused(
                written(Models.model(GraphProto.newBuilder()
                        .addInput(Models.images())
                        .addNode(Models.node("NonMaxSuppression", "out", "images", "images"))
                        .addOutput(Models.result()))),
                "is a detector");
    }

    @Test
    void aBatchThatIsTooLarge() {
        assertRefused(
                written(Models.model(GraphProto.newBuilder()
                        .addInput(Models.value("images", TensorProto.DataType.FLOAT, 300, 3, 32, 32))
                        .addNode(Models.node("GlobalAveragePool", "out", "images"))
                        .addOutput(Models.result()))),
                "takes 300 images at once alone, at most 256 are run");
    }

    @Test
    void outputsThatAreNoNumbers() {
        assertRefused(
                written(Models.model(GraphProto.newBuilder()
                        .addInput(Models.images())
                        .addNode(Models.node("Sub", "zero", "images", "images"))
                        .addNode(Models.node("Div", "out", "zero", "zero"))
                        .addOutput(Models.result()))),
                "gives NaN");
    }

    @Test
    void outputsThatAreNoFeatures() {
        assertRefused(
                written(Models.model(GraphProto.newBuilder()
                        .addInput(Models.images())
                        .addNode(Models.node("ReduceMean", "out", "images")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("keepdims")
                                        .setType(AttributeProto.AttributeType.INT)
                                        .setI(0)))
                        .addOutput(Models.result()))),
                "which are no features");
    }
}
