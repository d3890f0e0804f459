package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.OnnxModel;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Optimizer;

/** ONNX Runtime predicts from the pixels of an image what the exported classifier does. */
class ImageClassifierOnnxTest {
    private static final int IMAGES = 5;

    @TempDir
    Path folder;

    private static TransferLearner learner(Backbone backbone, ImagePreprocessing preprocessing) {
        return TransferLearner.of(backbone)
                .weights(Weights.random())
                .preprocessing(preprocessing)
                .head(Head.globalAveragePooling().dense(6).dropout(0.5))
                .epochs(2)
                .batchSize(8);
    }

    private OnnxModel exported(ImageClassifier classifier, OnnxOptions options) throws OrtException {
        Path file = folder.resolve("model.onnx");
        classifier.exportOnnx(file, options);
        return OnnxModel.load(file);
    }

    private static void assertSame(OnnxModel model, INDArray input, List<Prediction> predictions) throws OrtException {
        assertSameRows(model.run(input), predictions);
        assertSameRows(model.run(input.get(NDArrayIndex.interval(0, 1))), predictions.subList(0, 1));
    }

    private static void assertSameRows(INDArray probabilities, List<Prediction> predictions) {
        assertThat(probabilities.size(0)).isEqualTo(predictions.size());
        assertThat(probabilities.maxNumber().doubleValue())
                .as("certainty, which would hide differences")
                .isLessThan(0.999);
        for (int i = 0; i < predictions.size(); i++) {
            for (ClassScore score : predictions.get(i).top((int) probabilities.size(1))) {
                assertThat(probabilities.getDouble(i, score.classIndex())).isCloseTo(score.probability(), within(1e-5));
            }
        }
    }

    @Test
    void vgg16OnDigits() throws OrtException {
        ImageDataset digits = SampleDatasets.digits().limit(24);
        TransferLearner learner = TransferLearner.of(Backbone.vgg16().upTo("block2_pool"))
                .weights(Weights.random())
                .preprocessing(ImagePreprocessing.torch())
                .inputSize(32, 32)
                .head(10)
                .optimizer(Optimizer.sgd(1e-3))
                .epochs(2);
        INDArray pixels =
                learner.unfreezeAll().preprocessing(ImagePreprocessing.none()).features(digits.limit(IMAGES));
        try (ImageClassifier classifier = learner.fit(digits);
                OnnxModel model = exported(classifier, OnnxOptions.defaults())) {
            assertThat(model.metadata())
                    .containsEntry("labels", "[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]")
                    .containsEntry("preprocessing", ImagePreprocessing.torch().toJson())
                    .containsEntry("preprocessing_included", "true");
            assertThat(model.inputShape()).containsExactly(-1, 3, 32, 32);
            assertSame(model, pixels, classifier.predict(digits.limit(IMAGES)));
        }
    }

    @ParameterizedTest
    @MethodSource
    void everyPreprocessing(ImagePreprocessing preprocessing) throws OrtException {
        // its batch normalization learns how large the values are
        TransferLearner learner =
                learner(TinyBackbones.residual(), preprocessing).unfreezeAll().epochs(6);
        try (ImageClassifier classifier = learner.fit(Pictures.dataset(16))) {
            List<Prediction> predictions = classifier.predict(Pictures.dataset(IMAGES));
            INDArray pixels = Pictures.arrays(IMAGES);
            try (OnnxModel model = exported(classifier, OnnxOptions.defaults())) {
                assertSame(model, pixels, predictions);
            }
            try (OnnxModel model = exported(
                    classifier, OnnxOptions.defaults().withoutPreprocessing().opset(17))) {
                assertSame(model, preprocessing.apply(pixels), predictions);
            }
        }
    }

    static Stream<ImagePreprocessing> everyPreprocessing() {
        return Stream.of(
                ImagePreprocessing.none(),
                ImagePreprocessing.unit(),
                ImagePreprocessing.tf(),
                ImagePreprocessing.torch(),
                ImagePreprocessing.caffe());
    }

    /** Whatever computes a part of the network here, the whole of it is exported. */
    @ParameterizedTest
    @CsvSource({"all", "block_add", "none"})
    void howeverMuchIsFrozen(String freeze) throws OrtException {
        TransferLearner learner = learner(TinyBackbones.residual(), ImagePreprocessing.unit())
                .head(Head.flatten().dense(8).dropout(0.2).dense(4));
        TransferLearner frozen = switch (freeze) {
            case "all" -> learner.freezeAll();
            case "none" -> learner.unfreezeAll();
            default -> learner.freezeUpTo(freeze);
        };
        try (ImageClassifier classifier = frozen.fit(Pictures.dataset(16));
                OnnxModel model = exported(classifier, OnnxOptions.defaults())) {
            assertSame(model, Pictures.arrays(IMAGES), classifier.predict(Pictures.dataset(IMAGES)));
        }
    }

    @Test
    void aLoadedClassifierExportsTheSameBytes() {
        try (ImageClassifier classifier =
                learner(TinyBackbones.residual(), ImagePreprocessing.torch()).fit(Pictures.dataset(16))) {
            classifier.exportOnnx(folder.resolve("fitted.onnx"));
            classifier.save(folder.resolve("model.t4j"));
        }
        try (ImageClassifier classifier = ImageClassifier.load(folder.resolve("model.t4j"))) {
            classifier.exportOnnx(folder.resolve("loaded.onnx"));
        }

        assertThat(folder.resolve("loaded.onnx")).hasSameBinaryContentAs(folder.resolve("fitted.onnx"));
    }

    @Test
    void exportChangesNothing() {
        try (ImageClassifier classifier =
                learner(TinyBackbones.plain(), ImagePreprocessing.unit()).fit(Pictures.dataset(16))) {
            String before = classifier.predict(Pictures.dataset(IMAGES)).toString();

            classifier.exportOnnx(folder.resolve("model.onnx"));

            assertThat(classifier.predict(Pictures.dataset(IMAGES))).hasToString(before);
        }
    }

    @Test
    void aLayerWithoutCounterpartIsNamed() {
        Backbone backbone = Backbone.builder("normalizing", ImageClassifierOnnxTest::normalizing)
                .inputSize(16, 16)
                .build();
        try (ImageClassifier classifier =
                learner(backbone, ImagePreprocessing.unit()).fit(Pictures.dataset(8))) {
            assertThatThrownBy(() -> classifier.exportOnnx(folder.resolve("model.onnx")))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage(
                            "the network can't be exported to ONNX: layer \"lrn\" (LocalResponseNormalization) is of a"
                                    + " kind that is not known here");
            assertThat(folder).isEmptyDirectory();
        }
    }

    private static ComputationGraphConfiguration normalizing(int height, int width) {
        return new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(height, width, 3))
                .validateOutputLayerConfig(false)
                .addLayer("lrn", new LocalResponseNormalization(), "input")
                .setOutputs("lrn")
                .build();
    }

    @Test
    void aMissingFolderIsSaid() {
        try (ImageClassifier classifier =
                learner(TinyBackbones.plain(), ImagePreprocessing.unit()).fit(Pictures.dataset(8))) {
            assertThatThrownBy(() -> classifier.exportOnnx(folder.resolve("missing/model.onnx")))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("the folder must exist");
        }
    }

    @Test
    void optionsRefuseOtherOpsets() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OnnxOptions.defaults().opset(12))
                .withMessage("the opset must be one from 13 to 17, got 12");
    }

    @Test
    void optionsSayWhatTheyAre() {
        assertThat(OnnxOptions.defaults()).hasToString("OnnxOptions[with preprocessing, opset 15]");
        assertThat(OnnxOptions.defaults().opset(17).withoutPreprocessing())
                .hasToString("OnnxOptions[without preprocessing, opset 17]");
    }
}
