package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;
import onnx.Onnx.ValueInfoProto;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers that are known before are those of the runtime, of one number and of as many as its kernels for vectors take. */
class KnownNumbersTest {
    private static final float[] NUMBERS = {
        0,
        -0f,
        1,
        -1,
        0.5f,
        2,
        3,
        7,
        10,
        4097,
        -2.5f,
        1.5f,
        1f / 3,
        0.1f,
        1e-40f,
        1e38f,
        1 << 24,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };
    private static final int MANY = 16;

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final Map<String, TensorProto> constants = new HashMap<>();
    private final Map<String, List<Double>> known = new HashMap<>();
    private final Map<String, String> titles = new HashMap<>();

    private void constant(TensorProto.Builder tensor) {
        constants.put(tensor.getName(), tensor.build());
        graph.addInitializer(tensor);
    }

    /** Of each number as often as a count, called "few3" or "many3". */
    private void constants() {
        for (int i = 0; i < NUMBERS.length; i++) {
            constant(Models.floats("few" + i, NUMBERS[i]));
            constant(Models.scalar(Models.floats("one" + i, NUMBERS[i])));
            float[] many = new float[MANY];
            Arrays.fill(many, NUMBERS[i]);
            constant(Models.floats("many" + i, many));
        }
    }

    /** Adds a node if what it gives is known. */
    private void add(NodeProto.Builder node) {
        List<Foreseen> inputs = node.getInputList().stream()
                .map(name -> Rearrangements.of(constants.get(name)))
                .toList();
        NodeCall call = new NodeCall(node.build(), new ArrayList<>(inputs), 17);
        List<Double> numbers =
                SizeArithmetic.numbered(call, ShapeRules.outputs(call).get(0)).numbers();
        if (numbers != null) {
            graph.addNode(node).addOutput(ValueInfoProto.newBuilder().setName(node.getOutput(0)));
            known.put(node.getOutput(0), numbers);
            titles.put(
                    node.getOutput(0),
                    node.getOpType() + inputs.stream().map(Foreseen::numbers).toList());
        }
    }

    private void assertAsTheRuntime(int least) throws OrtException {
        assertThat(known).hasSizeGreaterThanOrEqualTo(least);
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            try (OrtSession session = OrtEnvironment.getEnvironment()
                            .createSession(Models.model(graph).build().toByteArray(), options);
                    OrtSession.Result result = session.run(Map.of())) {
                for (Map.Entry<String, OnnxValue> each : result) {
                    List<Double> numbers = new ArrayList<>();
                    collect(each.getValue().getValue(), numbers);
                    assertThat(known.get(each.getKey()))
                            .as(titles.get(each.getKey()))
                            .isEqualTo(numbers);
                }
            }
        }
    }

    private static void collect(Object value, List<Double> numbers) {
        if (value instanceof Number number) {
            numbers.add(number.doubleValue());
        } else if (value instanceof Boolean truth) {
            numbers.add(truth ? 1.0 : 0.0);
        } else {
            for (int i = 0; i < Array.getLength(value); i++) {
                collect(Array.get(value, i), numbers);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Pow",
                "Add",
                "Sub",
                "Mul",
                "Div",
                "Min",
                "Max",
                "Mod",
                "Equal",
                "Less",
                "LessOrEqual",
                "Greater",
                "GreaterOrEqual"
            })
    void ofTwo(String operator) throws OrtException {
        constants();
        for (String count : List.of("few", "many")) {
            for (int i = 0; i < NUMBERS.length; i++) {
                for (int j = 0; j < NUMBERS.length; j++) {
                    NodeProto.Builder node = Models.node(operator, count + "_" + i + "_" + j, count + i, count + j);
                    if (operator.equals("Mod")) {
                        node.addAttribute(Models.integer("fmod", 1));
                    }
                    add(node);
                }
            }
        }
        assertAsTheRuntime(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Floor", "Ceil", "Round", "Neg", "Abs", "Sqrt", "Reciprocal", "Identity"})
    void ofOne(String operator) throws OrtException {
        constants();
        IntStream.range(0, NUMBERS.length)
                .boxed()
                .flatMap(i -> List.of("few" + i, "many" + i).stream())
                .forEach(name -> add(Models.node(operator, operator + name, name)));
        assertAsTheRuntime(20);
    }

    @ParameterizedTest
    @EnumSource(names = {"BOOL", "INT32", "INT64", "FLOAT16", "DOUBLE"})
    void casts(DataType type) throws OrtException {
        constants();
        for (int i = 0; i < NUMBERS.length; i++) {
            for (String name : List.of("few" + i, "many" + i)) {
                add(Models.node("Cast", "cast" + name, name).addAttribute(Models.integer("to", type.getNumber())));
            }
        }
        assertAsTheRuntime(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"few", "many"})
    void clips(String count) throws OrtException {
        constants();
        for (int i = 0; i < NUMBERS.length; i++) {
            for (int least = 0; least < NUMBERS.length; least++) {
                for (int most = 0; most < NUMBERS.length; most += 3) {
                    add(Models.node("Clip", i + "_" + least + "_" + most, count + i, "one" + least, "one" + most));
                }
            }
        }
        assertAsTheRuntime(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ReduceMax", "ReduceMin", "ReduceSum", "ReduceProd"})
    void reduces(String operator) throws OrtException {
        constants();
        for (int i = 0; i < NUMBERS.length; i++) {
            for (int j = 0; j < NUMBERS.length; j++) {
                constant(Models.floats("pair" + i + "_" + j, NUMBERS[i], NUMBERS[j]));
                add(Models.node(operator, operator + i + "_" + j, "pair" + i + "_" + j));
            }
            add(Models.node(operator, operator + i, "few" + i));
            add(Models.node(operator, operator + "many" + i, "many" + i));
        }
        assertAsTheRuntime(50);
    }
}
