package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Sizes that a model computes are those of the runtime, or are not known: never others. */
class ExactSizesTest {
    private static final List<Long> IMAGES = List.of(1L, 3L, 32L, 32L);

    private static final long INT32 = TensorProto.DataType.INT32.getNumber();
    private static final long INT64 = TensorProto.DataType.INT64.getNumber();
    private static final long BOOL = TensorProto.DataType.BOOL.getNumber();

    private static GraphProto.Builder graph() {
        return GraphProto.newBuilder()
                .addInput(Models.images())
                .addInitializer(Models.integers("one", 1))
                .addInitializer(Models.integers("huge", 1L << 40))
                .addInitializer(Models.floats("column", 1));
    }

    private static GraphProto.Builder cast(GraphProto.Builder graph, String output, String input, long type) {
        return graph.addNode(Models.node("Cast", output, input).addAttribute(Models.integer("to", type)));
    }

    /** Each has a size "size", which is much more than there is, and was taken for 1. */
    static Map<String, GraphProto.Builder> mistakes() {
        return Map.of(
                "a difference that no double has",
                graph().addInitializer(Models.integers("a", (1L << 53) + 1))
                        .addInitializer(Models.integers("b", 1L << 53))
                        .addNode(Models.node("Sub", "little", "a", "b"))
                        .addNode(Models.node("Mul", "much", "little", "huge"))
                        .addNode(Models.node("Add", "size", "much", "one")),
                "a root that is no whole number",
                graph().addInitializer(Models.floats("two", 2))
                        .addInitializer(Models.floats("half", 0.5f))
                        .addInitializer(Models.floats("limit", 5))
                        .addNode(Models.node("Pow", "root", "two", "half"))
                        .addNode(Models.node("Less", "truth", "root", "limit"))
                        .addNode(Models.node("Where", "size", "truth", "huge", "one")),
                "the larger one of two zeros",
                graph().addInitializer(Models.floats("plus", 0f))
                        .addInitializer(Models.floats("minus", -0f))
                        .addInitializer(Models.floats("limit", 5))
                        .addNode(Models.node("Max", "zero", "plus", "minus"))
                        .addNode(Models.node("Reciprocal", "end", "zero"))
                        .addNode(Models.node("Less", "truth", "end", "limit"))
                        .addNode(Models.node("Where", "size", "truth", "huge", "one")),
                "32 of 64 bits",
                cast(
                                cast(graph().addInitializer(Models.integers("a", (1L << 32) + 1)), "low", "a", INT32),
                                "wide",
                                "low",
                                INT64)
                        .addNode(Models.node("Sub", "difference", "huge", "wide"))
                        .addInitializer(Models.integers("little", 1 << 10))
                        .addNode(Models.node("Equal", "equal", "wide", "one"))
                        .addNode(Models.node("Where", "size", "equal", "difference", "little")),
                "a product of 64 bits",
                graph().addInitializer(Models.integers("a", (1L << 40) + 1))
                        .addNode(Models.node("Mul", "wrapped", "huge", "a"))
                        .addNode(Models.node("Max", "size", "wrapped", "one")),
                "a half that is true",
                cast(
                                cast(graph().addInitializer(Models.floats("half", 0.5f)), "truth", "half", BOOL),
                                "number",
                                "truth",
                                INT64)
                        .addNode(Models.node("Mul", "much", "number", "huge"))
                        .addNode(Models.node("Add", "size", "much", "one")),
                "a slice from before the first",
                graph().addInitializer(Models.integers("list", 1, 2, 3))
                        .addInitializer(Models.integers("start", -9))
                        .addInitializer(Models.integers("end", -9))
                        .addInitializer(Models.integers("axis", 0))
                        .addInitializer(Models.integers("step", -1))
                        .addNode(Models.node("Slice", "sliced", "list", "start", "end", "axis", "step"))
                        .addNode(Models.node("Shape", "length", "sliced"))
                        .addNode(Models.node("Mul", "much", "length", "huge"))
                        .addNode(Models.node("Add", "size", "much", "one")),
                "a sum of floats",
                cast(
                        graph().addInitializer(Models.floats("a", 1 << 24))
                                .addInitializer(Models.floats("b", 1))
                                .addNode(Models.node("Add", "c", "a", "b"))
                                .addNode(Models.node("Equal", "same", "a", "c"))
                                .addInitializer(Models.floats("much", 0x1p40f))
                                .addNode(Models.node("Where", "number", "same", "much", "b")),
                        "size",
                        "number",
                        INT64),
                "windows that end where images do",
                graph().addNode(Models.node("MaxPool", "pooled", "images")
                                .addAttribute(Models.integers("kernel_shape", List.of(1L, 1L)))
                                .addAttribute(Models.integers("pads", List.of(0L, 0L, 0L, 1L)))
                                .addAttribute(Models.text("auto_pad", "")))
                        .addNode(Models.node("Shape", "sides", "pooled").addAttribute(Models.integer("start", 3)))
                        .addInitializer(Models.integers("usual", 32))
                        .addNode(Models.node("Sub", "more", "sides", "usual"))
                        .addNode(Models.node("Mul", "much", "more", "huge"))
                        .addNode(Models.node("Add", "size", "much", "one")));
    }

    static List<String> kinds() {
        return mistakes().keySet().stream().sorted().toList();
    }

    private static ModelProto model(GraphProto.Builder graph) {
        return Models.model(graph).build();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusesSizesThatAreNotTheRuntimes(String kind) {
        ModelProto model = model(mistakes().get(kind).addNode(Models.node("Expand", "large", "column", "size")));
        assertThatThrownBy(() -> ComputedSizes.require(null, model, IMAGES))
                .isInstanceOf(RuntimeException.class)
                .hasMessageMatching("(?s).*(Expand \"large\" computes its size of what|bytes or more with the node"
                        + " Expand \"large\").*");
    }

    @Test
    void slicesAsTheRuntimeDoes() throws OrtException {
        GraphProto.Builder graph = graph().addInitializer(Models.integers("axis", 2));
        long[] places = {Long.MIN_VALUE, -40, -33, -32, -31, -1, 0, 1, 31, 32, 40, Integer.MAX_VALUE, Long.MAX_VALUE};
        for (long start : places) {
            graph.addInitializer(Models.integers("place" + start, start));
        }
        int nodes = 0;
        for (long step : new long[] {1, 3, -1, -3}) {
            graph.addInitializer(Models.integers("step" + step, step));
            for (long start : places) {
                for (long end : places) {
                    graph.addNode(Models.node(
                            "Slice", "s" + nodes++, "images", "place" + start, "place" + end, "axis", "step" + step));
                }
            }
        }
        assertThat(ComputedSizesTest.assertForeseen(model(graph), IMAGES)).isEqualTo(nodes);
    }

    @Test
    void scalesAsTheRuntimeDoes() throws OrtException {
        GraphProto.Builder graph = graph();
        float[] scales = {0.33333334f, 0.3333333f, 0.99999f, 0.999999f, 1.0000001f, 1.1f, 1.3f, 2.1f, 0.03125f, 0.06f};
        for (int i = 0; i < scales.length; i++) {
            graph.addInitializer(Models.floats("scales" + i, 1, 1, scales[i], scales[i] * 3))
                    .addNode(Models.node("Resize", "r" + i, "images", "", "scales" + i));
        }
        assertThat(ComputedSizesTest.assertForeseen(model(graph), IMAGES)).isEqualTo(scales.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MaxPool", "AveragePool", "LpPool", "Conv", "ConvTranspose"})
    void windowsAsTheRuntimeDoes(String operator) throws OrtException {
        boolean pools = operator.endsWith("Pool");
        GraphProto.Builder graph = graph();
        int nodes = 0;
        for (long kernel = 1; kernel <= 5; kernel += 2) {
            graph.addInitializer(Models.floats("k" + kernel, new float[(int) (9 * kernel * kernel)])
                    .clearDims()
                    .addAllDims(List.of(3L, 3L, kernel, kernel)));
            for (long stride : new long[] {1, 2, 3, 7}) {
                for (long pad = 0; pad < Math.min(kernel, 3); pad++) {
                    for (String more : List.of("", "up", "dilated", "SAME_UPPER", "SAME_LOWER", "VALID")) {
                        boolean dilated = more.equals("dilated");
                        if ((more.equals("up") && !pools) || (dilated && pools && !operator.equals("MaxPool"))) {
                            continue;
                        }
                        NodeProto.Builder node = pools
                                ? Models.node(operator, "w" + nodes++, "images")
                                : Models.node(operator, "w" + nodes++, "images", "k" + kernel);
                        node.addAttribute(Models.integers("kernel_shape", List.of(kernel, kernel)))
                                .addAttribute(Models.integers("strides", List.of(stride, stride)));
                        if (more.length() > 4 && !dilated) {
                            node.addAttribute(Models.text("auto_pad", more));
                        } else {
                            node.addAttribute(Models.integers("pads", List.of(pad, 0L, pad, pad)));
                        }
                        if (more.equals("up")) {
                            node.addAttribute(Models.integer("ceil_mode", 1));
                        } else if (dilated) {
                            node.addAttribute(Models.integers("dilations", List.of(2L, 3L)));
                        }
                        graph.addNode(node);
                    }
                }
            }
        }
        ModelProto.Builder model = Models.model(graph);
        model.getOpsetImportBuilder(0).setVersion(18);
        assertThat(ComputedSizesTest.assertForeseen(model.build(), IMAGES)).isEqualTo(nodes);
    }

    @Test
    void refusesAnUnknownPadding() {
        ModelProto model = model(graph().addNode(Models.node("MaxPool", "pooled", "images")
                .addAttribute(Models.integers("kernel_shape", List.of(1L, 1L)))
                .addAttribute(Models.text("auto_pad", "SAME"))));
        assertThatThrownBy(() -> ComputedSizes.require(null, model, IMAGES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("auto_pad of [NOTSET, VALID, SAME_UPPER, SAME_LOWER], got SAME");
    }

    /** How timm's tf_* networks, and others with the padding of TensorFlow, are exported: Shape to Clip to Pad. */
    @ParameterizedTest
    @CsvSource({"17, false", "9, true"})
    void computesWhatIsNoLessThanZero(int opset, boolean attribute) {
        GraphProto.Builder graph = graph().addNode(Models.node("Shape", "shape", "images"))
                .addInitializer(Models.integers("less", 1, 6, 28, 40))
                .addNode(Models.node("Sub", "room", "shape", "less"))
                .addInitializer(Models.scalar(Models.integers("zero", 0)));
        if (attribute) {
            graph.addNode(Models.node("Clip", "side", "room")
                    .addAttribute(AttributeProto.newBuilder()
                            .setName("min")
                            .setType(AttributeProto.AttributeType.FLOAT)
                            .setF(0)));
        } else {
            graph.addNode(Models.node("Clip", "side", "room", "zero"));
        }
        ModelProto.Builder model = Models.model(graph.addNode(Models.node("ConstantOfShape", "zeros", "side")));
        model.getOpsetImportBuilder(0).setVersion(opset);

        assertThat(ComputedSizes.foreseen(model.build(), IMAGES).get("zeros").shape())
                .containsExactly(0L, 0L, 4L, 0L);
    }

    @Test
    void namesTheFirstOperatorWhoseNumbersWereLost() {
        ModelProto model = model(graph().addNode(Models.node("Shape", "shape", "images"))
                .addNode(Models.node("BitShift", "shifted", "shape", "one"))
                .addNode(Models.node("Neg", "negative", "shifted"))
                .addNode(Models.node("Expand", "large", "column", "negative")));
        assertThatThrownBy(() -> ComputedSizes.require(null, model, IMAGES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "the node Expand \"large\" computes its size of what is in the images, or of what the"
                                + " node BitShift \"shifted\" gives, which is not computed here, so that");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Div", "Mod"})
    void refusesDivisionsThatMayEndTheProcess(String operator, @TempDir Path folder) throws IOException {
        GraphProto.Builder whole = cast(graph(), "whole", "images", INT64)
                .addInitializer(Models.integers("three", 3))
                .addInitializer(Models.integers("zero", 1, 0))
                .addInitializer(Models.integers("nought", 0))
                .addNode(Models.node("Neg", "negated", "nought"))
                .addInitializer(Models.integers("minus", -1))
                .addInitializer(Models.integers("lowest", Long.MIN_VALUE));
        Map<List<String>, String> refused = Map.of(
                List.of("whole", "whole"), "by some that are not known before: by 0 the process ends",
                List.of("three", "zero"), "by 0: the process ends",
                List.of("whole", "negated"), "by 0: the process ends",
                List.of("whole", "minus"), "or the lowest, by -1",
                List.of("lowest", "minus"), "or the lowest, by -1");
        refused.forEach((inputs, reason) -> {
            ModelProto model = model(whole.clone()
                    .addNode(Models.node(operator, "q", inputs.get(0), inputs.get(1)))
                    .addNode(Models.node("Cast", "f", "q").addAttribute(Models.integer("to", 1)))
                    .addNode(Models.node("ReduceMax", "top", "f"))
                    .addNode(Models.node("Add", "out", "images", "top"))
                    .addOutput(Models.result()));
            assertThatThrownBy(() -> {
                        Path file = Files.write(folder.resolve("model.onnx"), model.toByteArray());
                        OnnxBackbone.of(file).backbone(ImagePreprocessing.torch());
                    })
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("model.onnx the node " + operator + " \"q\" divides whole numbers ")
                    .hasMessageContaining(reason)
                    .hasMessageContaining("-Dtransfer4j.onnxruntime.trusted=true");
        });
        for (List<String> inputs : List.of(List.of("whole", "three"), List.of("three", "minus"))) {
            ModelProto model = model(whole.clone().addNode(Models.node(operator, "q", inputs.get(0), inputs.get(1))));
            assertThatCode(() -> ComputedSizes.require(null, model, IMAGES)).doesNotThrowAnyException();
        }
    }

    /** 300 times 4096 numbers at once are more than are kept; one after the other they are not. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsFewNumbersAtATime(boolean atOnce) {
        GraphProto.Builder graph = graph().addInitializer(Models.integers("sum0", new long[Foreseen.MOST_NUMBERS]))
                .addInitializer(Models.integers("last", Foreseen.MOST_NUMBERS - 1));
        for (int i = 1; i <= 300; i++) {
            graph.addNode(Models.node("Add", "sum" + i, atOnce ? "sum0" : "sum" + (i - 1), "one"));
        }
        graph.addNode(Models.node("Gather", "size", "sum300", "last"))
                .addNode(Models.node("Expand", "large", "column", "size"));
        for (int i = 1; i <= 300; i++) {
            graph.addNode(Models.node("Neg", "read" + i, atOnce ? "sum" + i : "one"));
        }
        if (atOnce) {
            assertThatThrownBy(() -> ComputedSizes.require(null, model(graph), IMAGES))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            "the node Expand \"large\" computes its size of what is in the images, or of what"
                                    + " the node Add \"sum300\" gives, which is not computed here");
        } else {
            assertThat(ComputedSizes.foreseen(model(graph), IMAGES).get("large").shape())
                    .containsExactly(300L);
        }
    }
}
