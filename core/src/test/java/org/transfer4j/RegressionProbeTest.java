package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.head.Head;
import org.transfer4j.testing.OnnxModel;
import org.transfer4j.testing.Pictures;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

/** A probe of numbers, from data to file. */
class RegressionProbeTest {
    private static final TransferLearner LEARNER = TransferLearner.of(
                    Backbone.tinyVgg().upTo("block2_pool"))
            .inputSize(16, 16)
            .head(Head.globalAveragePooling());
    private static final RegressionDataset TRAIN =
            digits().select(IntStream.range(0, 600).toArray());
    private static final RegressionDataset TEST =
            digits().select(IntStream.range(600, 900).toArray());

    private static ImageRegressor regressor;

    @TempDir
    private Path folder;

    /** How much ink, far from zero, and whether it is a seven, of another size: one linear in what is seen, one not. */
    private static RegressionDataset digits() {
        var digits = SampleDatasets.digits().limit(900);
        double[][] targets = IntStream.range(0, digits.size())
                .mapToObj(i -> {
                    try (INDArray image = digits.image(i)) {
                        double ink = image.meanNumber().doubleValue();
                        return new double[] {5000 + ink, digits.classIndex(i) == 7 ? 1e-3 : 0};
                    }
                })
                .toArray(double[][]::new);
        return RegressionDataset.of(digits, targets).named("ink", "seven");
    }

    @BeforeAll
    static void probe() {
        regressor = LEARNER.probe(TRAIN);
    }

    @AfterAll
    static void close() {
        regressor.close();
    }

    @Test
    void numbersAreLearnedWithoutSettingsInTheirUnits() {
        RegressionReport report = regressor.evaluate(TEST);
        assertThat(report.target("ink").r2()).isGreaterThan(0.6);
        assertThat(report.target("seven").r2()).isGreaterThan(0.5);
        assertThat(regressor.targetNames()).containsExactly("ink", "seven");
        assertThat(regressor.history().epochs()).isEmpty();
    }

    /** As good as epochs of the same layer. */
    @Test
    void itIsNoWorseThanAFit() {
        try (ImageRegressor fitted = LEARNER.fit(TRAIN)) {
            assertThat(regressor.evaluate(TEST).r2())
                    .isGreaterThan(fitted.evaluate(TEST).r2() - 0.02);
        }
    }

    @Test
    void itIsSavedLoadedAndExported() throws OrtException {
        Path file = folder.resolve("probe.t4j");
        regressor.save(file);
        Path onnx = folder.resolve("probe.onnx");
        regressor.exportOnnx(onnx);
        INDArray pixels = Pictures.arrays(3);
        try (ImageRegressor loaded = ImageRegressor.load(file);
                OnnxModel model = OnnxModel.load(onnx)) {
            INDArray numbers = model.run(pixels);
            for (int i = 0; i < 3; i++) {
                Map<String, Double> own = regressor.predict(pixels.slice(i)).values();
                assertThat(loaded.predict(pixels.slice(i)).values()).isEqualTo(own);
                assertThat(numbers.getDouble(i, 0)).isCloseTo(own.get("ink"), within(1e-2));
                assertThat(numbers.getDouble(i, 1)).isCloseTo(own.get("seven"), within(1e-5));
            }
        }
    }

    @Test
    void theSameImagesGiveTheSameBitsWhateverIsToldForFits() {
        try (ImageRegressor again =
                LEARNER.seed(7).unfreezeAll().validationSplit(0.2).epochs(1).probe(TRAIN)) {
            assertThat(again.evaluate(TEST).targets())
                    .isEqualTo(regressor.evaluate(TEST).targets());
        }
    }

    @Test
    void aFurtherTrainingGoesOnFromIt() {
        try (ImageRegressor further =
                regressor.learner().epochs(1).optimizer(Optimizer.sgd(1e-6)).fit(TRAIN)) {
            assertThat(further.history().epochs())
                    .extracting(EpochRecord::epoch)
                    .containsExactly(1);
            assertThat(further.evaluate(TEST).r2())
                    .isCloseTo(regressor.evaluate(TEST).r2(), within(0.005));
        }
    }

    /** Features are more than images, and than images can tell apart. */
    @Test
    void fewImagesAreTaken() {
        RegressionDataset two = TRAIN.select(0, 7);
        try (ImageRegressor few = LEARNER.head(Head.flatten()).probe(two)) {
            assertThat(few.evaluate(two).target("ink").meanAbsoluteError()).isFinite();
        }
    }

    /** Also to one that says itself what it makes small, as that of a regressor does. */
    @Test
    void theLossOfAProbeMayBeNamed() {
        try (ImageRegressor named = LEARNER.loss(Loss.meanSquaredError()).probe(TRAIN)) {
            assertThat(named.evaluate(TRAIN).toJson())
                    .isEqualTo(regressor.evaluate(TRAIN).toJson());
        }
    }

    @Test
    void whatContradictsAProbeIsRefusedBeforeAnyWork() {
        TransferLearner unread = LEARNER.weights(Weights.file(folder.resolve("missing.safetensors")));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> unread.head(Head.flatten().dense(4).regression()).probe(TRAIN))
                .withMessageContaining("without dense layers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread.head(3).probe(TRAIN))
                .withMessageContaining("a RegressionDataset needs a head that gives numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread.head(Head.flatten().regression(3)).probe(TRAIN))
                .withMessageContaining("the head gives 3 numbers, the data has 2 targets");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread.loss(Loss.meanAbsoluteError()).probe(TRAIN))
                .withMessageContaining("mean squared error small, got the loss");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unread.classWeights(Map.of("ink", 2.0)).probe(TRAIN))
                .withMessageContaining("class weights are of classes");
        assertThatThrownBy(() -> unread.probe(RegressionDataset.of(Pictures.dataset(3), 1, 1, 1)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("is 1.0 for all 3 images");
    }
}
