package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Probe;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Backbones of any version of ONNX, exported with a head: valid models, which compute the same. */
class ExportedBackbonesTest {
    private static final int COUNT = 12;
    private static final int LENGTH = 3 * 32 * 32;

    private static float[] pixels() {
        Random random = new Random(11);
        float[] pixels = new float[COUNT * LENGTH];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextInt(100) + (i / LENGTH % 2 == 0 ? 0 : 155);
        }
        return pixels;
    }

    private static ImageDataset data() {
        return ImageDataset.of(
                Nd4j.create(pixels(), new long[] {COUNT, 3, 32, 32}, 'c'),
                IntStream.range(0, COUNT)
                        .mapToObj(i -> i % 2 == 0 ? "dark" : "bright")
                        .toList());
    }

    /** Two nodes of one kind, without names, as Keras and others write them. */
    private static Backbone backbone(Path folder, int opset, String domain) throws IOException {
        float[] kernel = new float[8 * 3];
        Random random = new Random(3);
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] = random.nextFloat() - 0.4f;
        }
        ModelProto.Builder model = Models.model(GraphProto.newBuilder()
                .addInput(Models.images())
                .addInitializer(Models.floats("kernel", kernel).clearDims().addAllDims(List.of(8L, 3L, 1L, 1L)))
                .addNode(unnamed(Models.node("Conv", "c", "images", "kernel")))
                .addNode(unnamed(Models.node("Relu", "r", "c")))
                .addNode(unnamed(Models.node("Relu", "again", "r")))
                .addNode(unnamed(Models.node("GlobalAveragePool", "out", "again")))
                .addOutput(Models.result()));
        model.getOpsetImportBuilder(0).setVersion(opset).setDomain(domain);
        return OnnxBackbone.of(
                        Files.write(folder.resolve("model.onnx"), model.build().toByteArray()))
                .backbone(ImagePreprocessing.torch());
    }

    private static NodeProto.Builder unnamed(NodeProto.Builder node) {
        return node.clearName();
    }

    private static void assertExported(ImageClassifier classifier, Path folder) throws IOException, OrtException {
        Path file = folder.resolve("exported.onnx");
        classifier.exportOnnx(file);
        List<NodeProto> nodes =
                ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getNodeList();
        assertThat(nodes.stream().map(NodeProto::getName))
                .doesNotHaveDuplicates()
                .doesNotContain("");
        OrtEnvironment runtime = OrtEnvironment.getEnvironment();
        try (OrtSession session = runtime.createSession(file.toString())) {
            for (int i = 0; i < COUNT; i++) {
                float[] image = Arrays.copyOfRange(pixels(), i * LENGTH, (i + 1) * LENGTH);
                try (OnnxTensor input =
                                OnnxTensor.createTensor(runtime, FloatBuffer.wrap(image), new long[] {1, 3, 32, 32});
                        OrtSession.Result result = session.run(Map.of("images", input))) {
                    double expected = classifier
                            .predict(Nd4j.create(image, new long[] {1, 3, 32, 32}, 'c'))
                            .probability("dark");
                    assertThat((double) ((OnnxTensor) result.get(0))
                                    .getFloatBuffer()
                                    .get(1))
                            .isCloseTo(expected, within(1e-4));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 10, 11, 13, 17, 18, 21})
    void votesOfNeighbours(int opset, @TempDir Path folder) throws IOException, OrtException {
        try (ImageClassifier classifier =
                TransferLearner.of(backbone(folder, opset, "")).probe(data(), Probe.NEAREST_NEIGHBOURS)) {
            assertExported(classifier, folder);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 8})
    void oldOperatorsCountNoVotes(int opset, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("votes.onnx");
        try (ImageClassifier classifier =
                TransferLearner.of(backbone(folder, opset, "")).probe(data(), Probe.NEAREST_NEIGHBOURS)) {
            assertThatThrownBy(() -> classifier.exportOnnx(file))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("opset 9 can count")
                    .hasMessageContaining("is of opset " + opset);
        }
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 20})
    void aLayer(int opset, @TempDir Path folder) throws IOException, OrtException {
        try (ImageClassifier classifier =
                TransferLearner.of(backbone(folder, opset, "ai.onnx")).epochs(1).fit(data())) {
            assertExported(classifier, folder);
        }
    }
}
