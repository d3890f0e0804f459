package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NormalizationStepsTest {
    private static final int COLUMNS = 32;

    private static AttributeProto.Builder epsilon(float value) {
        return AttributeProto.newBuilder()
                .setName("epsilon")
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value);
    }

    private static NodeProto.Builder normalization(String... inputs) {
        return Models.node("LayerNormalization", "out", inputs);
    }

    private static ModelProto model(NodeProto.Builder node, int opset) {
        float[] scale = new float[COLUMNS];
        float[] shift = new float[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            scale[i] = 1 + i / 10f;
            shift[i] = i - 5;
        }
        return Models.model(GraphProto.newBuilder()
                        .addInput(Models.images())
                        .addInitializer(Models.floats("scale", scale))
                        .addInitializer(Models.floats("shift", shift))
                        .addNode(node)
                        .addOutput(Models.result()))
                .setOpsetImport(0, OperatorSetIdProto.newBuilder().setVersion(opset))
                .build();
    }

    private static float[] run(ModelProto model, float mean) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        float[] images = new float[3 * COLUMNS * COLUMNS];
        Random random = new Random(1);
        for (int i = 0; i < images.length; i++) {
            images[i] = mean + (float) random.nextGaussian();
        }
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            try (OrtSession session = environment.createSession(model.toByteArray(), options);
                    OnnxTensor input = OnnxTensor.createTensor(
                            environment, FloatBuffer.wrap(images), new long[] {1, 3, COLUMNS, COLUMNS});
                    OrtSession.Result result = session.run(Map.of("images", input))) {
                FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] copy = new float[values.remaining()];
                values.get(copy);
                return copy;
            }
        }
    }

    private static long normalizations(ModelProto model) {
        return model.getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("LayerNormalization"))
                .count();
    }

    @ParameterizedTest
    @CsvSource({"17, true, 0, 1", "17, false, 0.1, 4", "18, true, 0.1, 5", "20, false, 0, 16", "17, true, 0, 8"})
    void giveWhatTheRuntimesKernelGives(int opset, boolean biased, float epsilon, int threads) throws OrtException {
        NodeProto.Builder node = biased ? normalization("images", "scale", "shift") : normalization("images", "scale");
        if (epsilon > 0) {
            node.addAttribute(epsilon(epsilon));
        }
        ModelProto model = model(node, opset);
        ModelProto steps = NormalizationSteps.of(model, threads);

        assertThat(normalizations(steps)).isZero();
        for (float mean : new float[] {0, 100}) {
            // of numbers near 100 a float has 7e-6
            assertThat(run(steps, mean)).containsExactly(run(model, mean), within(mean == 0 ? 1e-5f : 2e-4f));
        }
    }

    private static Stream<ModelProto> others() {
        ModelProto half = model(normalization("images", "half"), 17);
        return Stream.of(
                model(normalization("images", "scale").addAttribute(Models.integer("axis", 2)), 17),
                model(normalization("images", "scale", "shift").addOutput("mean"), 17),
                model(normalization("images", "images"), 17),
                model(normalization("images", "scale").setDomain("com.microsoft"), 17),
                half.toBuilder()
                        .setGraph(half.getGraph().toBuilder()
                                .addInitializer(Models.floats("half")
                                        .setDataType(TensorProto.DataType.FLOAT16.getNumber())
                                        .addDims(COLUMNS)))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("others")
    void areNotOfOtherAxesTypesAndOutputs(ModelProto model) {
        assertThat(NormalizationSteps.of(model, 1)).isSameAs(model);
        assertThat(NormalizationSteps.of(model, 8)).isSameAs(model);
    }

    /** What the runtime makes of a model before it runs it. */
    private static ModelProto optimized(ModelProto model, boolean apart, Path file) throws OrtException, IOException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizedModelFilePath(file.toString());
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            if (apart) {
                NormalizationSteps.keepApart(options);
            }
            OrtEnvironment.getEnvironment()
                    .createSession(model.toByteArray(), options)
                    .close();
            return ModelProto.parseFrom(Files.readAllBytes(file));
        }
    }

    @Test
    void stayApartWhereTheRuntimeWouldJoinThem(@TempDir Path folder) throws Exception {
        // as exporters before opset 17 wrote it
        ModelProto model = model(Models.node("Add", "out", "scaled", "shift"), 17);
        GraphProto.Builder graph = model.getGraph().toBuilder()
                .clearNode()
                .addInitializer(Models.scalar(Models.floats("two", 2)))
                .addInitializer(Models.scalar(Models.floats("epsilon", 1e-6f)))
                .addNode(
                        Models.node("ReduceMean", "mean", "images").addAttribute(Models.integers("axes", List.of(-1L))))
                .addNode(Models.node("Sub", "centred", "images", "mean"))
                .addNode(Models.node("Pow", "squares", "centred", "two"))
                .addNode(Models.node("ReduceMean", "variance", "squares")
                        .addAttribute(Models.integers("axes", List.of(-1L))))
                .addNode(Models.node("Add", "shifted", "variance", "epsilon"))
                .addNode(Models.node("Sqrt", "deviation", "shifted"))
                .addNode(Models.node("Div", "normal", "centred", "deviation"))
                .addNode(Models.node("Mul", "scaled", "normal", "scale"))
                .addNode(model.getGraph().getNode(0));
        ModelProto steps = model.toBuilder().setGraph(graph).build();

        assertThat(normalizations(optimized(steps, false, folder.resolve("joined"))))
                .isEqualTo(1);
        assertThat(normalizations(optimized(steps, true, folder.resolve("apart"))))
                .isZero();
    }
}
