package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators take of memory beside what they give, and of which type that is. */
class OperatorMemoryTest {
    private static final List<Long> IMAGES = List.of(1L, 3L, 32L, 32L);

    private static GraphProto.Builder graph() {
        return GraphProto.newBuilder().addInput(Models.images());
    }

    private static ModelProto model(GraphProto.Builder graph) {
        return Models.model(graph).build();
    }

    private static TensorProto.Builder filled(String name, DataType type, long... shape) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
        for (long side : shape) {
            tensor.addDims(side);
        }
        return tensor;
    }

    @ParameterizedTest
    @CsvSource({"Attention, 5, 2", "Attention, 4, 3", "MultiHeadAttention, 6, 3"})
    void refusesAttentionToWhatWasBefore(String operator, int past, int rankOfKeys) {
        String[] inputs = new String[past + 1];
        Arrays.fill(inputs, "");
        inputs[0] = "tokens";
        inputs[1] = rankOfKeys == 2 ? "packed" : "tokens";
        inputs[2] = rankOfKeys == 2 ? "" : "tokens";
        int index = rankOfKeys == 2 ? past - 1 : past;
        inputs[index] = "images";
        ModelProto model = model(graph().addInitializer(Models.integers("rows", 1, -1, 32))
                .addInitializer(filled("packed", DataType.FLOAT, 32, 96))
                .addNode(Models.node("Reshape", "tokens", "images", "rows"))
                .addNode(Models.node(operator, "out", inputs)));
        assertThatThrownBy(() -> ComputedSizes.require(null, model, IMAGES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the node " + operator
                        + " \"out\" looks at tokens that were before, whose memory is not counted here");
    }

    @Test
    void countsWhatLiesBetweenTheTermsOfASum() {
        long numbers = 3 * 32 * 32;
        ModelProto model = model(graph().addInitializer(Models.integers("row", -1))
                .addNode(Models.node("Reshape", "v", "images", "row"))
                .addNode(Models.node("Einsum", "out", "v", "v", "v", "v")
                        .addAttribute(Models.text("equation", "a,b,a,b->"))));
        assertThat(ComputedSizes.require(null, model, IMAGES)).isGreaterThan(numbers * numbers * Float.BYTES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ConvInteger", "QLinearConv"})
    void countsTheWindowsOfWholeNumbers(String operator) {
        GraphProto.Builder graph = graph().addInitializer(Models.scalar(Models.floats("scale", 1)))
                .addInitializer(filled("zero", DataType.UINT8))
                .addInitializer(filled("kernel", DataType.UINT8, 1, 3, 16, 16))
                .addNode(Models.node("QuantizeLinear", "bytes", "images", "scale", "zero"));
        if (operator.equals("ConvInteger")) {
            graph.addNode(Models.node(operator, "out", "bytes", "kernel"));
        } else {
            graph.addNode(
                    Models.node(operator, "out", "bytes", "scale", "zero", "kernel", "scale", "zero", "scale", "zero"));
        }
        assertThat(ComputedSizes.require(null, model(graph), IMAGES)).isGreaterThan(17L * 17 * 3 * 16 * 16);
    }

    @Test
    void countsTheWindowsOfManySides() {
        ModelProto model = model(graph().addInitializer(Models.integers("sides", 1, 3, 8, 4, 8, 4))
                .addInitializer(filled("kernel", DataType.FLOAT, 1, 3, 4, 2, 4, 2))
                .addNode(Models.node("Reshape", "block", "images", "sides"))
                .addNode(Models.node("Conv", "out", "block", "kernel")));
        assertThat(ComputedSizes.require(null, model, IMAGES))
                .isGreaterThan((5L * 3 * 5 * 3) * (3 * 4 * 2 * 4 * 2) * Float.BYTES);
    }

    @Test
    void knowsTypesThatAreNotThoseOfTheFirstInput() {
        GraphProto.Builder graph = graph().addInitializer(filled("double", DataType.DOUBLE))
                .addInitializer(Models.scalar(Models.floats("scale", 1)))
                .addInitializer(filled("zero", DataType.UINT8))
                .addNode(Models.node("CastLike", "like", "images", "double"))
                .addNode(Models.node("QuantizeLinear", "bytes", "images", "scale", "zero"))
                .addNode(Models.node("DequantizeLinear", "floats", "bytes", "scale", "zero"))
                .addNode(Models.node("Bernoulli", "lots", "images").addAttribute(Models.integer("dtype", 7)))
                .addNode(Models.node("RandomNormalLike", "noise", "images").addAttribute(Models.integer("dtype", 11)))
                .addNode(Models.node("Cast", "texts", "images").addAttribute(Models.integer("to", 8)));
        Map<String, Foreseen> foreseen = ComputedSizes.foreseen(model(graph), IMAGES);

        assertThat(foreseen.get("like").type()).isEqualTo(DataType.DOUBLE);
        assertThat(foreseen.get("bytes").type()).isEqualTo(DataType.UINT8);
        assertThat(foreseen.get("floats").type()).isEqualTo(DataType.FLOAT);
        assertThat(foreseen.get("lots").type()).isEqualTo(DataType.INT64);
        assertThat(foreseen.get("noise").type()).isEqualTo(DataType.DOUBLE);
        assertThat(foreseen.get("texts").bytes())
                .isGreaterThan(32 * foreseen.get("bytes").bytes());
    }
}
