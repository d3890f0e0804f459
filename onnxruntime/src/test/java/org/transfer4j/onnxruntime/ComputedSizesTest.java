package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.error.MemoryLimitException;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Memory that is foreseen: the shapes are the runtime's own, and what asks for too much does not get to it. */
class ComputedSizesTest {
    private static final List<Long> IMAGES = List.of(2L, 3L, 32L, 32L);

    /** Runs a model with each inner value for an output, and compares its shape with what was foreseen. */
    static int assertForeseen(ModelProto model, List<Long> images) throws OrtException {
        Map<String, Foreseen> foreseen = ComputedSizes.foreseen(model, images);
        ModelProto.Builder open = model.toBuilder();
        open.getGraphBuilder().clearOutput();
        model.getGraph().getNodeList().stream()
                .flatMap(node -> node.getOutputList().stream())
                .filter(name -> !name.isEmpty())
                .forEach(name -> open.getGraphBuilder()
                        .addOutput(ValueInfoProto.newBuilder().setName(name)));
        OrtEnvironment runtime = OrtEnvironment.getEnvironment();
        long[] shape = images.stream().mapToLong(Long::longValue).toArray();
        float[] pixels = new float[(int) Foreseen.elements(images)];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i % 7 - 3;
        }
        int compared = 0;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            try (OrtSession session = runtime.createSession(open.build().toByteArray(), options);
                    OnnxTensor input = OnnxTensor.createTensor(runtime, FloatBuffer.wrap(pixels), shape);
                    OrtSession.Result result = session.run(
                            Map.of(session.getInputNames().iterator().next(), input))) {
                for (Map.Entry<String, OnnxValue> each : result) {
                    Foreseen own = foreseen.get(each.getKey());
                    List<Long> actual = LongStream.of(
                                    ((TensorInfo) each.getValue().getInfo()).getShape())
                            .boxed()
                            .toList();
                    if (own.shape() == null) {
                        assertThat(Foreseen.elements(actual)).as(each.getKey()).isLessThanOrEqualTo(own.most());
                    } else {
                        assertThat(own.shape()).as(each.getKey()).isEqualTo(actual);
                    }
                    compared++;
                }
            }
        }
        return compared;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"vit_tokens", "vit_registers", "siglip", "swin", "convnext", "resnet_batch_one", "keras_nhwc"})
    void foreseesTheShapesOfNetworks(String name) throws OrtException {
        List<Long> images = switch (name) {
            case "resnet_batch_one" -> List.of(1L, 3L, 32L, 32L);
            case "keras_nhwc" -> List.of(2L, 32L, 32L, 3L);
            default -> IMAGES;
        };
        assertThat(assertForeseen(Goldens.proto(name), images)).isGreaterThan(20);
    }

    private static GraphProto.Builder graph() {
        return GraphProto.newBuilder().addInput(Models.value("images", TensorProto.DataType.FLOAT, 2, 3, 32, 32));
    }

    private static ModelProto model(GraphProto.Builder graph) {
        return Models.model(graph).build();
    }

    @Test
    void foreseesTheShapesOfOperators() throws OrtException {
        GraphProto.Builder graph = graph().addInitializer(Models.integers("pads", 0, 0, 1, -2, 0, 0, 3, 4))
                .addInitializer(Models.integers("twice", 1, 2, 1, 3))
                .addInitializer(Models.integers("wide", 2, 3, 40, 50))
                .addInitializer(Models.integers("to", 5, 2, 3, 1, 1))
                .addInitializer(Models.integers("from", -1, 30))
                .addInitializer(Models.integers("end", -40, 2))
                .addInitializer(Models.integers("axes", 3, -2))
                .addInitializer(Models.integers("steps", -3, -4))
                .addInitializer(Models.integers("parts", 10, 22))
                .addInitializer(Models.integers("five", 5))
                .addInitializer(Models.integers("one", 1))
                .addInitializer(Models.scalar(Models.integers("three", 3)))
                .addInitializer(Models.floats("scales", 1, 1, 1.3f, 0.77f))
                .addInitializer(Models.floats("onOff", 0, 1))
                .addInitializer(Models.scalar(Models.floats("begin", 1)))
                .addInitializer(Models.scalar(Models.floats("stop", 9.5f)))
                .addInitializer(Models.scalar(Models.floats("step", 2)))
                .addInitializer(Models.integers("cube", 2, 5, 2))
                .addInitializer(Models.floats("kernel", new float[4 * 3 * 3 * 3])
                        .clearDims()
                        .addAllDims(List.of(4L, 3L, 3L, 3L)))
                .addInitializer(Models.floats("back", new float[3 * 5 * 4 * 4])
                        .clearDims()
                        .addAllDims(List.of(3L, 5L, 4L, 4L)))
                .addInitializer(
                        Models.floats("matrix", new float[32 * 6]).clearDims().addAllDims(List.of(32L, 6L)))
                .addNode(Models.node("Pad", "padded", "images", "pads"))
                .addNode(Models.node("Tile", "tiled", "images", "twice"))
                .addNode(Models.node("Expand", "expanded", "one", "cube"))
                .addNode(Models.node("Resize", "scaled", "images", "", "scales"))
                .addNode(Models.node("Resize", "sized", "images", "", "", "wide"))
                .addNode(Models.node("Slice", "sliced", "images", "from", "end", "axes", "steps"))
                .addNode(Models.node("Split", "left", "images", "parts")
                        .addOutput("right")
                        .addAttribute(Models.integer("axis", 2)))
                .addNode(Models.node("TopK", "largest", "images", "five").addOutput("places"))
                .addNode(Models.node("ConstantOfShape", "zeros", "to"))
                .addNode(Models.node("Range", "range", "begin", "stop", "step"))
                .addNode(Models.node("OneHot", "hot", "places", "three", "onOff")
                        .addAttribute(Models.integer("axis", 1)))
                .addNode(Models.node("ConvTranspose", "grown", "images", "back")
                        .addAttribute(Models.integers("strides", List.of(3L, 2L)))
                        .addAttribute(Models.integers("output_padding", List.of(1L, 0L)))
                        .addAttribute(Models.integers("pads", List.of(1L, 0L, 2L, 1L))))
                .addNode(Models.node("Conv", "conv", "images", "kernel")
                        .addAttribute(Models.integers("dilations", List.of(2L, 1L)))
                        .addAttribute(Models.integers("strides", List.of(2L, 3L)))
                        .addAttribute(Models.integers("pads", List.of(1L, 0L, 2L, 1L))))
                .addNode(Models.node("Conv", "same", "images", "kernel")
                        .addAttribute(Models.text("auto_pad", "SAME_LOWER"))
                        .addAttribute(Models.integers("strides", List.of(3L, 2L))))
                .addNode(Models.node("MaxPool", "pooled", "images")
                        .addAttribute(Models.integers("kernel_shape", List.of(3L, 3L)))
                        .addAttribute(Models.integers("strides", List.of(2L, 2L)))
                        .addAttribute(Models.integer("ceil_mode", 1)))
                .addNode(Models.node("AveragePool", "averaged", "images")
                        .addAttribute(Models.integers("kernel_shape", List.of(2L, 5L)))
                        .addAttribute(Models.text("auto_pad", "VALID")))
                .addNode(Models.node("GlobalAveragePool", "global", "images"))
                .addNode(Models.node("SpaceToDepth", "deep", "images").addAttribute(Models.integer("blocksize", 4)))
                .addNode(Models.node("DepthToSpace", "flat", "deep").addAttribute(Models.integer("blocksize", 2)))
                .addNode(Models.node("MatMul", "product", "images", "matrix"))
                .addNode(Models.node("Flatten", "rows", "images").addAttribute(Models.integer("axis", 2)))
                .addNode(Models.node("Reshape", "reshaped", "images", "reshape"))
                .addNode(Models.node("Gemm", "gemm", "reshaped", "matrix"))
                .addNode(Models.node("Einsum", "summed", "images", "matrix")
                        .addAttribute(Models.text("equation", "nchw,wk->nkc")))
                .addNode(Models.node("ReduceMean", "mean", "images")
                        .addAttribute(Models.integers("axes", List.of(-1L, 1L)))
                        .addAttribute(Models.integer("keepdims", 0)))
                .addNode(Models.node("ReduceSum", "sum", "images", "axes"))
                .addNode(Models.node("ArgMax", "best", "images").addAttribute(Models.integer("axis", 1)))
                .addNode(Models.node("GatherND", "points", "images", "point"))
                .addNode(Models.node("Gather", "rowsOf", "images", "places2").addAttribute(Models.integer("axis", 2)))
                .addNode(Models.node("NonZero", "found", "images"))
                .addNode(Models.node("Squeeze", "squeezed", "global"))
                .addNode(Models.node("Shape", "shape", "images").addAttribute(Models.integer("start", -2)))
                .addNode(Models.node("Concat", "both", "shape", "five").addAttribute(Models.integer("axis", 0)))
                .addNode(Models.node("ConstantOfShape", "grid", "both"))
                .addNode(Models.node("Less", "less", "images", "step"))
                .addNode(Models.node("Where", "where", "less", "images", "begin"))
                .addOutput(Models.result().setName("where"))
                .addInitializer(Models.integers("reshape", -1, 32))
                .addInitializer(Models.integers("point", 1, 2, 0, 0).clearDims().addAllDims(List.of(2L, 2L)))
                .addInitializer(
                        Models.integers("places2", 3, 4, 5, 6).clearDims().addAllDims(List.of(2L, 2L)));
        assertThat(assertForeseen(model(graph), IMAGES)).isGreaterThan(35);
    }

    /** One of which no numbers are kept leaves room for those of which some are. */
    @ParameterizedTest
    @ValueSource(ints = {1000, 1024, 1025})
    void foreseesAPartOfALargeConstant(int rows) {
        ModelProto model = model(graph().addInitializer(Models.floats("table", new float[rows * 1024])
                        .clearDims()
                        .addDims(rows)
                        .addDims(1024))
                .addInitializer(Models.integers("start", 0))
                .addInitializer(Models.integers("end", 3))
                .addInitializer(Models.integers("axis", 0))
                .addNode(Models.node("Slice", "part", "table", "start", "end", "axis")));
        assertThat(ComputedSizes.foreseen(model, IMAGES).get("part").shape()).containsExactly(3L, 1024L);
    }

    /** Nodes of a few bytes that ask for much more than there is, one by one. */
    static Map<String, GraphProto.Builder> bombs() {
        GraphProto.Builder doubled = graph();
        String last = "images";
        for (int i = 0; i < 40; i++) {
            doubled.addNode(Models.node("Concat", "d" + i, last, last).addAttribute(Models.integer("axis", 2)));
            last = "d" + i;
        }
        GraphProto.Builder multiplied = graph().addNode(Models.node("Shape", "s0", "images"));
        for (int i = 0; i < 3; i++) {
            multiplied.addNode(Models.node("Mul", "s" + (i + 1), "s" + i, "s" + i));
        }
        return Map.ofEntries(
                Map.entry(
                        "ConstantOfShape", sized(Models.integers("size", 1 << 20, 1 << 20), "ConstantOfShape", "size")),
                Map.entry(
                        "Expand",
                        sized(Models.integers("size", 1 << 12, 3, 32, 1 << 20), "Expand", "column", "size")
                                .addInitializer(Models.floats("column", 1))),
                Map.entry("Tile", sized(Models.integers("size", 1 << 12, 1, 1, 1 << 12), "Tile", "images", "size")),
                Map.entry(
                        "Pad",
                        sized(Models.integers("size", 0, 0, 0, 0, 0, 0, 1 << 20, 1 << 20), "Pad", "images", "size")),
                Map.entry("Resize", sized(Models.floats("size", 1, 1, 30000, 30000), "Resize", "images", "", "size")),
                Map.entry(
                        "Range",
                        sized(Models.scalar(Models.integers("size", 1L << 50)), "Range", "zero", "size", "one")
                                .addInitializer(Models.scalar(Models.integers("zero", 0)))
                                .addInitializer(Models.scalar(Models.integers("one", 1)))),
                Map.entry(
                        "OneHot",
                        graph().addInitializer(Models.scalar(Models.integers("size", 1L << 40)))
                                .addInitializer(Models.floats("onOff", 0, 1))
                                .addNode(Models.node("ArgMax", "best", "images"))
                                .addNode(Models.node("OneHot", "out", "best", "size", "onOff"))),
                Map.entry(
                        "ConvTranspose",
                        sized(
                                Models.floats("size", new float[3]).clearDims().addAllDims(List.of(3L, 1L, 1L, 1L)),
                                "ConvTranspose",
                                "images",
                                "size")),
                Map.entry("Concat", doubled.addNode(Models.node("Relu", "out", last))),
                Map.entry(
                        "MatMul",
                        graph().addInitializer(Models.integers("column", -1, 1))
                                .addInitializer(Models.integers("row", 1, -1))
                                .addInitializer(Models.integers("long", 1 << 14, 1))
                                .addNode(Models.node("Reshape", "a", "images", "column"))
                                .addNode(Models.node("Expand", "b", "a", "row2"))
                                .addNode(Models.node("Reshape", "c", "b", "row"))
                                .addNode(Models.node("MatMul", "out", "a", "c"))
                                .addInitializer(Models.integers("row2", 3 * 32 * 32, 1 << 10))),
                Map.entry(
                        "a size that is multiplied", multiplied.addNode(Models.node("ConstantOfShape", "out", "s3"))));
    }

    private static GraphProto.Builder sized(TensorProto.Builder size, String operator, String... inputs) {
        NodeProto.Builder node = Models.node(operator, "out", inputs);
        if (operator.equals("ConvTranspose")) {
            node.addAttribute(Models.integers("strides", List.of(1L << 20, 1L << 20)));
        }
        return graph().addInitializer(size).addNode(node);
    }

    static List<String> kinds() {
        return bombs().keySet().stream().sorted().toList();
    }

    private static Path written(Path folder, GraphProto.Builder graph) throws IOException {
        graph.setInput(0, Models.images())
                .addNode(Models.node("ReduceMax", "top", "out"))
                .addNode(Models.node("Add", "end", "images", "top"))
                .addOutput(Models.result().setName("end"));
        return Files.write(folder.resolve("bomb.onnx"), model(graph).toByteArray());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusesWhatTakesTooMuchMemory(String kind, @TempDir Path folder) throws IOException {
        Path file = written(folder, bombs().get(kind));
        assertThatThrownBy(() -> OnnxBackbone.of(file).backbone(ImagePreprocessing.torch()))
                .isInstanceOf(MemoryLimitException.class)
                .hasMessageContaining("bomb.onnx")
                .hasMessageContaining("bytes or more with the node ")
                .hasMessageContaining("-Dtransfer4j.memory");
    }

    @Test
    void refusesSizesThatDependOnTheImages(@TempDir Path folder) throws IOException {
        Path file = written(
                folder,
                graph().addNode(Models.node("ReduceMax", "brightest", "images")
                                .addAttribute(Models.integer("keepdims", 0)))
                        .addNode(Models.node("Cast", "whole", "brightest").addAttribute(Models.integer("to", 7)))
                        .addInitializer(Models.integers("one", 1))
                        .addNode(Models.node("Reshape", "size", "whole", "one"))
                        .addNode(Models.node("ConstantOfShape", "out", "size")));
        assertThatThrownBy(() -> OnnxBackbone.of(file).backbone(ImagePreprocessing.torch()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "bomb.onnx the node ConstantOfShape \"out\" computes its size of what is in the images")
                .hasMessageContaining("onnxsim")
                .hasMessageContaining("-Dtransfer4j.onnxruntime.trusted=true");
    }

    @Test
    void refusesAnOperatorWhoseMemoryNobodyKnows(@TempDir Path folder) throws IOException {
        Path file = written(folder, graph().addNode(Models.node("StringNormalizer", "out", "images")));
        assertThatThrownBy(() -> OnnxBackbone.of(file).backbone(ImagePreprocessing.torch()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is an operator whose memory is not known here");
    }

    @Test
    void computesFewerImagesAtOnceWhereMemoryIsShort() {
        long perImage = NativeMemory.limit() / 5;
        long wide = perImage / (3 * 32 * 4) - 64;
        ModelProto model = model(graph().addInitializer(Models.integers("size", 1, 1, 1, wide / 32))
                .addNode(Models.node("Tile", "out", "images", "size"))
                .addOutput(Models.result()));
        assertThat(ComputedSizes.batch(model, 8, Shape.of(3, 32, 32))).isEqualTo(2);
        assertThat(ComputedSizes.batch(model, 1, Shape.of(3, 32, 32))).isEqualTo(1);
    }

    @Test
    void countsWhatIsThereAtOnce() {
        // three of them, of which two are there at a time; constants stay
        long one = 2 * 3 * 32 * 32 * 4;
        ModelProto model = model(graph().addNode(Models.node("Relu", "a", "images"))
                .addNode(Models.node("Relu", "b", "a"))
                .addNode(Models.node("Relu", "out", "b"))
                .addOutput(Models.result()));
        assertThat(ComputedSizes.require(null, model, IMAGES)).isEqualTo(2 * one);
        ModelProto constant = model(graph().addInitializer(Models.integers("size", 100, 10))
                .addNode(Models.node("ConstantOfShape", "zeros", "size"))
                .addNode(Models.node("ReduceMax", "zero", "zeros"))
                .addNode(Models.node("Add", "out", "images", "zero"))
                .addOutput(Models.result()));
        assertThat(ComputedSizes.require(null, constant, IMAGES)).isEqualTo(2 * one + 4004);
    }
}
