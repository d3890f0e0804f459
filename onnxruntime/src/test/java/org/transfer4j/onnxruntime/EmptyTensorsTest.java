package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where the runtime divides by a size without a look, none is 0; what makes sizes of empty lists is taken. */
class EmptyTensorsTest {
    private static final List<Long> IMAGES = List.of(1L, 3L, 32L, 32L);

    private static GraphProto.Builder graph() {
        return GraphProto.newBuilder().addInput(Models.images());
    }

    /** With zeros of a shape, called "empty". */
    private static GraphProto.Builder graph(long... shape) {
        return graph().addInitializer(Models.integers("shape", shape))
                .addNode(Models.node("ConstantOfShape", "empty", "shape"));
    }

    private static ModelProto model(GraphProto.Builder graph) {
        ModelProto.Builder model = Models.model(graph);
        model.setIrVersion(10).getOpsetImportBuilder(0).setVersion(17);
        return model.build();
    }

    /** Most of them ended the process. */
    static Map<String, GraphProto.Builder> deadly() {
        return Map.ofEntries(
                Map.entry(
                        "reads [1, 0, 32, 32]",
                        graph(1, 0, 32, 32).addNode(Models.node("Attention", "bad", "images", "empty", "empty"))),
                Map.entry(
                        "reads [3, 0]",
                        graph(3, 0)
                                .addNode(Models.node("Einsum", "bad", "empty", "empty")
                                        .addAttribute(Models.text("equation", "ab,cb->ac")))),
                Map.entry(
                        "reads [1, 3, 0]",
                        graph(1, 3, 0)
                                .addInitializer(Models.floats("bias"))
                                .addNode(Models.node("BiasGelu", "bad", "empty", "bias")
                                        .setDomain("com.microsoft"))),
                Map.entry(
                        "reads [1, 4, 0]",
                        graph(1, 4, 0)
                                .addInitializer(Models.floats("bias"))
                                .addNode(Models.node("SkipLayerNormalization", "bad", "empty", "empty", "bias")
                                        .setDomain("com.microsoft"))),
                Map.entry(
                        "reads [1, 5, 0]",
                        graph(1, 5, 0)
                                .addNode(Models.node("FastGelu", "bad", "empty").setDomain("com.microsoft"))),
                Map.entry("reads [0, 2]", graph(0, 2).addNode(Models.node("ReduceMax", "bad", "empty"))),
                Map.entry(
                        "gives [1, 3, 32, 0]",
                        graph().addInitializer(Models.floats("kernel", new float[9 * 33])
                                        .clearDims()
                                        .addAllDims(List.of(3L, 3L, 1L, 33L)))
                                .addNode(Models.node("Conv", "bad", "images", "kernel"))));
    }

    static List<String> kinds() {
        return deadly().keySet().stream().sorted().toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusesTensorsWithoutNumbers(String kind) {
        String[] words = kind.split(" ", 2);
        assertThatThrownBy(() -> ComputedSizes.require(null, model(deadly().get(kind)), IMAGES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"bad\" does not fit its inputs: it " + words[0]
                        + " a tensor that has no numbers, of the shape " + words[1]
                        + ": by a size of 0 the process may end")
                .hasMessageContaining("-Dtransfer4j.onnxruntime.trusted=true");
    }

    @Test
    void refusesTensorsThatMayHaveNone() {
        assertThatThrownBy(() -> ComputedSizes.require(
                        null,
                        model(graph().addInitializer(Models.floats("bias", 1))
                                .addNode(Models.node("NonZero", "places", "images"))
                                .addNode(
                                        Models.node("Cast", "numbers", "places").addAttribute(Models.integer("to", 1)))
                                .addNode(Models.node("FastGelu", "bad", "numbers")
                                        .setDomain("com.microsoft"))),
                        IMAGES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "\"bad\" does not fit its inputs: it reads a tensor that may have no numbers: by a size of 0");
    }

    /** As exporters write them: an empty region and empty factors, and a shape of no dimensions. */
    @Test
    void takesListsThatAreEmpty() throws OrtException {
        GraphProto.Builder graph = graph().addInitializer(Models.floats("none"))
                .addInitializer(Models.integers("wide", 1, 3, 40, 50))
                .addInitializer(Models.integers("nothing"))
                .addInitializer(Models.integers("five", 5))
                .addNode(Models.node("Resize", "resized", "images", "none", "none", "wide"))
                .addNode(Models.node("ReduceMean", "mean", "images").addAttribute(Models.integer("keepdims", 0)))
                .addNode(Models.node("ReduceSum", "sum", "images", "nothing"))
                .addNode(Models.node("Reshape", "scalar", "five", "nothing"))
                .addNode(Models.node("ConstantOfShape", "zero", "nothing"))
                .addNode(Models.node("Expand", "same", "scalar", "nothing"))
                .addNode(Models.node("Concat", "joined", "nothing", "five").addAttribute(Models.integer("axis", 0)));
        assertThat(ComputedSizesTest.assertForeseen(model(graph), IMAGES)).isEqualTo(7);
    }

    /** What is taken with no numbers does not end the process, and gives what is foreseen. */
    @Test
    void makesSizesOfNoNumbers() throws OrtException {
        GraphProto.Builder graph = graph(2, 0, 3)
                .addNode(Models.node("Shape", "sizes", "empty"))
                .addNode(Models.node("Size", "count", "empty"))
                .addNode(Models.node("Cast", "wholes", "empty").addAttribute(Models.integer("to", 7)))
                .addInitializer(Models.integers("flat", 0, 6))
                .addInitializer(Models.integers("open", 3, -1, 2))
                .addInitializer(Models.integers("wide", 4, 1, 1, 1))
                .addInitializer(Models.integers("repeats", 2, 3, 0))
                .addInitializer(Models.integers("from", 1))
                .addInitializer(Models.integers("until", 1))
                .addInitializer(Models.integers("axis", 1))
                .addInitializer(Models.integers("five", 5))
                .addInitializer(Models.integers("places").clearDims().addDims(0))
                .addInitializer(Models.scalar(Models.integers("begin", 3)))
                .addInitializer(Models.scalar(Models.integers("step", 1)))
                .addInitializer(Models.integers("parts", 0, 3))
                .addNode(Models.node("Reshape", "reshaped", "empty", "flat")
                        .addAttribute(Models.integer("allowzero", 1)))
                .addNode(Models.node("Flatten", "flattened", "empty"))
                .addNode(Models.node("Transpose", "turned", "empty")
                        .addAttribute(Models.integers("perm", List.of(2L, 0L, 1L))))
                .addNode(Models.node("Transpose", "back", "wholes"))
                .addNode(Models.node("Unsqueeze", "more", "empty", "axis"))
                .addNode(Models.node("Squeeze", "less", "more", "axis"))
                .addNode(Models.node("Expand", "expanded", "empty", "wide"))
                .addNode(Models.node("Tile", "tiled", "wholes", "repeats"))
                .addNode(Models.node("Slice", "sliced", "images", "from", "until", "axis"))
                .addNode(Models.node("Slice", "slicedAgain", "sliced", "from", "five", "axis"))
                .addNode(Models.node("Concat", "joined", "empty", "empty").addAttribute(Models.integer("axis", 1)))
                .addNode(Models.node("Concat", "joinedLast", "empty", "empty").addAttribute(Models.integer("axis", 2)))
                .addNode(Models.node("Split", "part", "empty", "parts")
                        .addOutput("rest")
                        .addAttribute(Models.integer("axis", 2)))
                .addNode(Models.node("Split", "first", "sliced")
                        .addOutput("second")
                        .addAttribute(Models.integer("axis", 2)))
                .addNode(Models.node("Gather", "gathered", "images", "places"))
                .addNode(Models.node("Gather", "gatheredAgain", "gathered", "axis")
                        .addAttribute(Models.integer("axis", 1)))
                .addNode(Models.node("Range", "counted", "begin", "begin", "step"))
                .addNode(Models.node("ReduceProd", "one", "counted"))
                .addNode(Models.node("ReduceSum", "zero", "counted"))
                .addNode(Models.node("ReduceProd", "ones", "wholes").addAttribute(Models.integers("axes", List.of(1L))))
                .addNode(Models.node("ReduceSum", "zeros", "wholes", "axis"))
                .addNode(Models.node("Identity", "same", "empty"))
                .addNode(Models.node("Equal", "equal", "wholes", "five"))
                .addNode(Models.node("Not", "unequal", "equal"))
                .addNode(Models.node("And", "and", "equal", "unequal"))
                .addNode(Models.node("Or", "or", "equal", "unequal"))
                .addNode(Models.node("Where", "where", "equal", "wholes", "five"));
        for (String operator :
                List.of("Add", "Sub", "Mul", "Div", "Min", "Max", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")) {
            graph.addNode(Models.node(operator, operator, "wholes", "five"))
                    .addNode(Models.node(operator, operator + "Self", "empty", "empty"));
        }
        for (String operator : List.of("Abs", "Ceil", "Floor", "Neg", "Sqrt")) {
            graph.addNode(Models.node(operator, operator, "empty"));
        }
        assertThat(ComputedSizesTest.assertForeseen(model(graph), IMAGES)).isGreaterThan(50);
    }
}
