package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.Explainer;
import org.transfer4j.ImageClassifier;
import org.transfer4j.Prediction;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Optimizer;

/** From an ONNX model to a classifier, its file, and an ONNX model again. */
class OnnxClassifierTest {
    private static final int COUNT = 24;

    private static Backbone backbone(String name) {
        return Goldens.model(name).licence("CC0, by nobody").backbone(ImagePreprocessing.torch());
    }

    /** Dark images and bright ones, with noise: [N, 3, 32, 32], 0..255. */
    private static INDArray pixels() {
        Random random = new Random(5);
        float[] values = new float[COUNT * 3 * 32 * 32];
        for (int i = 0; i < values.length; i++) {
            int image = i / (3 * 32 * 32);
            values[i] = random.nextInt(100) + (image % 2 == 0 ? 0 : 155);
        }
        return Nd4j.create(values, new long[] {COUNT, 3, 32, 32}, 'c');
    }

    private static ImageDataset data() {
        return ImageDataset.of(
                pixels(),
                IntStream.range(0, COUNT)
                        .mapToObj(i -> i % 2 == 0 ? "dark" : "bright")
                        .toList());
    }

    private static TransferLearner learner(String name) {
        return TransferLearner.of(backbone(name))
                .optimizer(Optimizer.adam(1e-2))
                .epochs(20);
    }

    private static List<float[]> probabilities(ImageClassifier classifier) {
        return classifier.predict(data()).stream()
                .map(OnnxClassifierTest::probabilities)
                .toList();
    }

    private static float[] probabilities(Prediction prediction) {
        return new float[] {(float) prediction.probability("dark"), (float) prediction.probability("bright")};
    }

    @Test
    void isExplainedWhereTheModelEnds() {
        String name = "keras_nhwc";
        INDArray image = pixels().slice(0);
        long[] features = learner(name).features(data()).shape();
        for (Head head : List.of(Head.flatten().dense(8), Head.globalAveragePooling())) {
            try (ImageClassifier classifier = learner(name).head(head).epochs(2).fit(data())) {
                Explainer dark = classifier.explainer().label("dark");
                assertThat(dark.layers()).containsExactly("onnx");
                Explainer bright = classifier.explainer().label("bright");
                INDArray map = dark.explain(image).map();
                assertThat(map.shape()).containsExactly(features[2], features[3]);
                // what speaks for one class does not for the other, where the gradients are opposite
                assertThat(map.add(bright.explain(image).map()).maxNumber().doubleValue())
                        .isPositive();
                assertThat(dark.scoreCam().explain(image).map().shape()).containsExactly(features[2], features[3]);
            }
        }
    }

    @Test
    void tellsNoPlacesWhereTheModelGivesOneVector() {
        try (ImageClassifier classifier = learner("vit_pooled").epochs(1).fit(data())) {
            assertThat(classifier.explainer().layers()).isEmpty();
            assertThatThrownBy(() -> classifier.explain(Path.of("there-is-no-such.png")))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("no layer with more than one position");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"vit_tokens", "convnext", "keras_nhwc", "resnet_batch_one", "convnext_float16"})
    void learnsSavesLoadsAndExports(String name, @TempDir Path folder) throws OrtException {
        Path file = folder.resolve("model.t4j");
        Path onnx = folder.resolve("model.onnx");
        Path page = folder.resolve("report.html");
        List<float[]> expected;
        try (ImageClassifier classifier = learner(name).fit(data())) {
            EvaluationReport report = classifier.evaluate(data());
            assertThat(report.accuracy()).isEqualTo(1);
            report.html(page);
            assertThat(page).content().contains("Licence of the ONNX model", "the backbone&#39;s own; CC0, by nobody");
            assertThat(classifier.summary())
                    .contains("onnx (ONNX)", "frozen", "Licence of the ONNX model: CC0, by nobody");
            expected = probabilities(classifier);
            classifier.save(file);
            classifier.exportOnnx(onnx);
            assertThatThrownBy(() ->
                            classifier.saveBackboneWeights(folder.resolve("w.safetensors"), StoredPrecision.FLOAT32))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("is an ONNX model");
        }
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            List<float[]> again = probabilities(loaded);
            for (int i = 0; i < COUNT; i++) {
                assertThat(again.get(i)).containsExactly(expected.get(i));
            }
            assertThat(loaded.summary()).contains("onnx (ONNX)", "Licence of the ONNX model: CC0, by nobody");
            loaded.evaluate(data()).html(page);
            assertThat(page).content().contains("Licence of the ONNX model");
        }
        assertExported(onnx, expected);
        assertThat(SharedSession.count()).isZero();
    }

    /** One at a time, since a model's batch may be one. */
    private static void assertExported(Path onnx, List<float[]> expected) throws OrtException {
        OrtEnvironment runtime = OrtEnvironment.getEnvironment();
        float[] pixels = pixels().data().asFloat();
        int length = pixels.length / COUNT;
        try (OrtSession session = runtime.createSession(onnx.toString())) {
            for (int i = 0; i < COUNT; i++) {
                FloatBuffer image = FloatBuffer.wrap(Arrays.copyOfRange(pixels, i * length, (i + 1) * length));
                try (OnnxTensor input = OnnxTensor.createTensor(runtime, image, new long[] {1, 3, 32, 32});
                        OrtSession.Result result = session.run(Map.of("images", input))) {
                    FloatBuffer given = ((OnnxTensor) result.get(0)).getFloatBuffer();
                    List<String> labels = List.of("bright", "dark");
                    assertThat(given.get(labels.indexOf("dark"))).isCloseTo(expected.get(i)[0], within(1e-3f));
                    assertThat(given.get(labels.indexOf("bright"))).isCloseTo(expected.get(i)[1], within(1e-3f));
                }
            }
        }
    }

    @Test
    void keepsFeaturesByTheModelItself(@TempDir Path folder) {
        FeatureCache cache = FeatureCache.in(folder);
        INDArray first = learner("convnext").featureCache(cache).features(data());
        INDArray again = learner("convnext").featureCache(cache).features(data());
        assertThat(again).isEqualTo(first);
        assertThat(cache.list()).hasSize(1);

        learner("siglip").featureCache(cache).features(data());
        assertThat(cache.list()).hasSize(2);
    }

    @Test
    void isNotTrainedAndHasNoOtherWeights() {
        assertThatThrownBy(() -> learner("convnext").unfreezeAll().fit(data()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("convnext is an ONNX model, which is not trained: freezeAll()");
        assertThatThrownBy(() -> learner("convnext").weights(Weights.random()).fit(data()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is an ONNX model, which has its own weights");
        try (ImageClassifier classifier = learner("convnext").fit(data())) {
            assertThatThrownBy(classifier::toComputationGraph)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("onnx");
        }
    }

    @Test
    void goesOnFromAClassifier(@TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier classifier =
                learner("convnext").head(Head.globalAveragePooling().dense(8)).fit(data())) {
            classifier.save(file);
        }
        try (ImageClassifier loaded = ImageClassifier.load(file);
                ImageClassifier further = loaded.learner().epochs(2).fit(data())) {
            assertThat(further.evaluate(data()).accuracy()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"convnext", "vit_external"})
    void leavesTheModelOutside(String name, @TempDir Path folder) throws IOException {
        Path models = Files.createDirectory(folder.resolve("models"));
        for (String file : List.of("convnext.onnx", "vit_external.onnx", "vit_external.data")) {
            Files.copy(Goldens.path(file), models.resolve(file));
        }
        Path weights = models.resolve(name.equals("convnext") ? "convnext.onnx" : "vit_external.data");
        Path file = folder.resolve("model.t4j");
        Path again = folder.resolve("again.t4j");
        List<float[]> expected;
        Backbone backbone = OnnxBackbone.of(models.resolve(name + ".onnx"))
                .inputSize(32, 32)
                .weightsOutside()
                .backbone(ImagePreprocessing.torch());
        try (ImageClassifier classifier = TransferLearner.of(backbone).epochs(1).fit(data())) {
            expected = probabilities(classifier);
            classifier.save(file);
        }
        assertThat(Files.size(file)).isLessThan(Files.size(weights) / 2);

        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("model.t4j")
                .hasMessageContaining(weights.getFileName() + " of " + Files.size(weights) + " bytes")
                .hasMessageContaining("ImageClassifier.load(file, folder)");
        try (ImageClassifier loaded = ImageClassifier.load(file, models)) {
            assertThat(probabilities(loaded)).usingRecursiveComparison().isEqualTo(expected);
            loaded.save(again);
        }
        assertThat(again).hasSameBinaryContentAs(file);
        Path beside = Files.copy(weights, folder.resolve(weights.getFileName()));
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            loaded.exportOnnx(folder.resolve("whole.onnx"));
            assertThat(probabilities(loaded)).usingRecursiveComparison().isEqualTo(expected);
        }
        assertThat(Files.size(folder.resolve("whole.onnx"))).isGreaterThan(Files.size(weights) / 2);

        byte[] changed = Files.readAllBytes(beside);
        changed[changed.length / 2] ^= 1;
        Files.write(beside, changed);
        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("it was changed, or is another model");
        Files.write(beside, new byte[3]);
        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("but has 3 bytes");
        assertThat(SharedSession.count()).isZero();
    }

    /** Two weights of a model that are the same lie at one place of a file. */
    @Test
    void leavesTiedWeightsOutside(@TempDir Path folder) throws IOException {
        ByteBuffer weights = ByteBuffer.allocate(4 * 32 * 32).order(ByteOrder.LITTLE_ENDIAN);
        while (weights.hasRemaining()) {
            weights.putFloat(weights.position() / 4096f);
        }
        Files.write(folder.resolve("weights.bin"), weights.array());
        GraphProto.Builder graph = GraphProto.newBuilder()
                .addInput(Models.images())
                .addInitializer(outside("one"))
                .addInitializer(outside("two"))
                .addNode(Models.node("MatMul", "m", "images", "one"))
                .addNode(Models.node("MatMul", "n", "m", "two"))
                .addNode(Models.node("GlobalAveragePool", "out", "n"))
                .addOutput(Models.result());
        OnnxBackbone model = OnnxBackbone.of(Files.write(
                folder.resolve("model.onnx"), Models.model(graph).build().toByteArray()));
        Path file = folder.resolve("model.t4j");
        List<float[]> expected;
        try (ImageClassifier classifier = TransferLearner.of(
                        model.weightsOutside().backbone(ImagePreprocessing.torch()))
                .epochs(1)
                .fit(data())) {
            expected = probabilities(classifier);
            classifier.save(file);
        }
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            assertThat(probabilities(loaded)).usingRecursiveComparison().isEqualTo(expected);
        }
    }

    private static TensorProto.Builder outside(String name) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addAllDims(List.of(32L, 32L))
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", "weights.bin"))
                .addExternalData(entry("offset", "0"))
                .addExternalData(entry("length", "4096"));
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    @Test
    void noticesAChangedModelInAFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier classifier = learner("convnext").fit(data())) {
            classifier.save(file);
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> ImageClassifier.load(file)).isInstanceOf(ModelFileException.class);
    }

    @Test
    void predictsTheSameFromEightThreads() throws Exception {
        try (ImageClassifier classifier = learner("convnext").fit(data());
                ImageClassifier other = learner("convnext").fit(data())) {
            assertThat(SharedSession.count()).as("sessions of one model").isEqualTo(1);
            List<INDArray> images = IntStream.range(0, COUNT)
                    .mapToObj(i -> pixels().slice(i).reshape(1, 3, 32, 32).dup('c'))
                    .toList();
            List<Prediction> expected = images.stream().map(classifier::predict).toList();
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                Callable<Integer> work = () -> {
                    int wrong = 0;
                    for (int i = 0; i < 200; i++) {
                        int image = i % COUNT;
                        ImageClassifier one = i % 2 == 0 ? classifier : other;
                        wrong += one.predict(images.get(image)).probability()
                                        == expected.get(image).probability()
                                ? 0
                                : 1;
                    }
                    return wrong;
                };
                int wrong = 0;
                for (Future<Integer> each : threads.invokeAll(Collections.nCopies(8, work))) {
                    wrong += each.get();
                }
                assertThat(wrong).isZero();
            } finally {
                threads.shutdownNow();
            }
        }
        assertThat(SharedSession.count()).isZero();
    }
}
