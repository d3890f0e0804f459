package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.TinyBackbones;

/** A preprocessing that the weights were not trained with is warned of, once, and what would fit is named. */
class PreprocessingCheckTest {
    private static final ImageDataset DIGITS = SampleDatasets.digits().limit(100);

    private static List<String> warningsOfFit(TransferLearner learner, ImageDataset data) {
        return LogCapture.warningsOf(() -> learner.epochs(1).fit(data).close());
    }

    static Stream<Named<ImageDataset>> images() {
        return Stream.of(
                Named.of("digits", DIGITS),
                Named.of("coloured patterns", ImageDataset.of(IntegerImages.rgb(16, 40, 48), new int[] {
                    0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3
                })),
                Named.of("all white", flat(255)),
                Named.of("all black", flat(0)));
    }

    private static ImageDataset flat(int value) {
        return ImageDataset.of(
                Nd4j.valueArrayOf(new long[] {8, 3, 32, 32}, value, DataType.INT32)
                        .castTo(DataType.UINT8),
                new int[] {0, 1, 0, 1, 0, 1, 0, 1});
    }

    @ParameterizedTest
    @MethodSource("images")
    void whatTheWeightsWereTrainedWithIsNotWarnedOf(ImageDataset images) {
        assertThat(warningsOfFit(TransferLearner.tinyVgg(), images)).isEmpty();
        assertThat(LogCapture.warningsOf(() -> TransferLearner.tinyVgg().features(images)))
                .isEmpty();
    }

    @Test
    void pixelsThatShouldHaveBeenScaledAreWarnedOf() {
        for (ImagePreprocessing wrong : List.of(ImagePreprocessing.none(), ImagePreprocessing.caffe())) {
            TransferLearner learner = TransferLearner.tinyVgg().preprocessing(wrong);
            assertThat(warningsOfFit(learner, DIGITS))
                    .singleElement()
                    .asString()
                    .contains(
                            "the weights of tinyvgg seem to be trained with another preprocessing than " + wrong,
                            "standard deviations from the mean",
                            "TransferLearner.preprocessing(ImagePreprocessing.tf()) would fit");
            assertThat(LogCapture.warningsOf(() -> learner.features(DIGITS))).hasSize(1);
            assertThat(warningsOfFit(learner.unfreezeAll(), DIGITS.limit(40))).hasSize(1);
        }
    }

    @Test
    void soAreThoseOfAnIterator() {
        DataSet digits = pixelsOfDigits();
        TransferLearner learner = TransferLearner.tinyVgg().epochs(1);
        TransferLearner wrong = learner.preprocessing(ImagePreprocessing.caffe());
        assertThat(LogCapture.warningsOf(() -> learner.fit(new NamedIterator(digits, DIGITS.classNames()))
                        .close()))
                .isEmpty();
        assertThat(LogCapture.warningsOf(() -> wrong.fit(new NamedIterator(digits, DIGITS.classNames()))
                        .close()))
                .singleElement()
                .asString()
                .contains("another preprocessing than caffe", "ImagePreprocessing.tf()) would fit");
    }

    private static DataSet pixelsOfDigits() {
        INDArray pixels = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .inputSize(32, 32)
                .preprocessing(ImagePreprocessing.none())
                .unfreezeAll()
                .features(DIGITS);
        INDArray labels = Nd4j.zeros(DIGITS.size(), 10);
        for (int i = 0; i < DIGITS.size(); i++) {
            labels.putScalar(i, DIGITS.classIndex(i), 1);
        }
        return new DataSet(pixels, labels);
    }

    @Test
    void pixelsThatShouldNotHaveBeenScaledAreWarnedOf() {
        TransferLearner learner = TransferLearner.of(Backbone.of(trainedOnPixels()));
        assertThat(warningsOfFit(learner, DIGITS)).isEmpty();
        assertThat(warningsOfFit(learner.preprocessing(ImagePreprocessing.tf()), DIGITS))
                .singleElement()
                .asString()
                .contains("another preprocessing than tf", "ImagePreprocessing.none()) would fit");
    }

    /** One whose statistics are those of digits as they are. */
    private static ComputationGraph trainedOnPixels() {
        ComputationGraph graph =
                Graphs.instantiate(TinyBackbones.residual().topology().configure(16, 16));
        Dl4jGraphs.fill(graph, 7, 3, 16, 16);
        INDArray pixels = TransferLearner.of(TinyBackbones.residual())
                .weights(Weights.random())
                .preprocessing(ImagePreprocessing.none())
                .unfreezeAll()
                .features(DIGITS);
        INDArray values = graph.feedForward(pixels, false).get("stem");
        graph.getLayer("stem_bn").getParam("mean").assign(values.mean(0, 2, 3).reshape(1, 4));
        graph.getLayer("stem_bn")
                .getParam("log10stdev")
                .assign(Transforms.log(values.std(false, 0, 2, 3).reshape(1, 4)).divi(Math.log(10)));
        return graph;
    }

    @Test
    void whatWasNeverTrainedIsNotWarnedOf() {
        TransferLearner random = TransferLearner.tinyVgg().weights(Weights.random());
        assertThat(warningsOfFit(random.preprocessing(ImagePreprocessing.none()), DIGITS))
                .isEmpty();
        ComputationGraph untrained =
                Graphs.instantiate(TinyBackbones.residual().topology().configure(16, 16));
        Dl4jGraphs.fill(untrained, 7, 3, 16, 16);
        assertThat(warningsOfFit(TransferLearner.of(Backbone.of(untrained)), DIGITS))
                .isEmpty();
    }

    @Test
    void withoutBatchNormalizationNothingIsKnown() {
        TransferLearner vgg = TransferLearner.of(TinyBackbones.plain()).weights(Weights.random());
        assertThat(warningsOfFit(vgg, DIGITS)).isEmpty();
    }

    @Test
    void aLearnerShowsItsPreprocessing() {
        TransferLearner learner = TransferLearner.tinyVgg().preprocessing(ImagePreprocessing.caffe());
        assertThat(learner.summary()).contains("Preprocessing: caffe");
        assertThat(learner).asString().contains("preprocessing caffe");
        try (ImageClassifier classifier =
                learner.preprocessing(ImagePreprocessing.tf()).epochs(1).fit(DIGITS)) {
            assertThat(classifier.summary()).contains("Preprocessing: tf");
        }
    }
}
