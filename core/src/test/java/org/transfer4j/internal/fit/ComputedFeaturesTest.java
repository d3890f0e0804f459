package org.transfer4j.internal.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.ImageClassifier;
import org.transfer4j.Prediction;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.DatasetException;
import org.transfer4j.head.Head;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.feature.LabelledSource.ComputedFeatures;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.settings.LearningData;

/** A head learns from features that somebody else computed what it learns from images. */
class ComputedFeaturesTest {
    private static final ImageDataset DIGITS =
            SampleDatasets.digits().shuffle(1).limit(60);

    @TempDir
    private Path folder;

    private static final TransferLearner LEARNER =
            TransferLearner.tinyVgg().inputSize(32, 32).head(Head.globalAveragePooling());

    private Extractor extractor() {
        Path file = folder.resolve("features.t4j");
        try (FeatureExtractor extractor = LEARNER.extractor()) {
            extractor.save(file);
        }
        return Extractor.read(file);
    }

    private FeatureStore features(Extractor extractor) {
        int width = extractor.length();
        FeatureStore store = FeatureStore.create(folder, new long[] {width}, DIGITS.size());
        try (FeatureExtractor one = FeatureExtractor.load(folder.resolve("features.t4j"));
                INDArray all = LEARNER.embeddings(DIGITS)) {
            assertThat(one.length()).isEqualTo(width);
            for (int i = 0; i < DIGITS.size(); i++) {
                ByteBuffer row = ByteBuffer.allocateDirect(width * Float.BYTES).order(ByteOrder.nativeOrder());
                row.asFloatBuffer().put(all.getRow(i).toFloatVector());
                store.append(row, List.of(new Target.OneClass(DIGITS.classIndex(i))));
            }
        }
        return store;
    }

    private static LearningData data(FeatureStore store) {
        return new LearningData.Computed(
                ComputedFeatures.of(DIGITS.classNames(), DIGITS.classCounts(), store), AnswerKind.ONE_CLASS);
    }

    @Test
    void givesTheClassifierOfTheImages() {
        Path file = folder.resolve("head.t4j");
        try (Extractor extractor = extractor();
                FeatureStore store = features(extractor)) {
            Fitted fitted = Fit.run(extractor.training(), data(store)).fitted();
            fitted.save(file);
            fitted.network().close();
        }
        try (ImageClassifier there = LEARNER.fit(DIGITS);
                ImageClassifier here = ImageClassifier.load(file)) {
            assertThat(here.history().epochs()).hasSameSizeAs(there.history().epochs());
            List<Prediction> expected = there.predict(DIGITS);
            List<Prediction> predicted = here.predict(DIGITS);
            for (int i = 0; i < DIGITS.size(); i++) {
                for (String name : DIGITS.classNames()) {
                    assertThat(predicted.get(i).probability(name))
                            .isCloseTo(expected.get(i).probability(name), within(1e-6));
                }
            }
        }
    }

    @Test
    void isCheckedBeforeThereAreFeatures() {
        try (Extractor extractor = extractor()) {
            LearningData none = new LearningData.Computed(
                    ComputedFeatures.expected(List.of("a", "b"), new int[] {3, 0}, 3), AnswerKind.ONE_CLASS);
            assertThatThrownBy(() -> Fit.check(extractor.training(), none))
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("none of [b]");
            LearningData some = new LearningData.Computed(
                    ComputedFeatures.expected(List.of("a", "b"), new int[] {3, 1}, 4), AnswerKind.ONE_CLASS);
            Fit.check(extractor.training(), some);
            assertThatThrownBy(() -> Fit.run(extractor.training(), some)).hasMessageContaining("not computed yet");
        }
    }

    @Test
    void rowsMustBeAsLongAsFeaturesAre() {
        try (FeatureStore store = FeatureStore.create(folder, new long[] {3}, 1)) {
            assertThatThrownBy(() -> store.append(ByteBuffer.allocateDirect(8), List.of(new Target.OneClass(0))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 1 rows of [3], got 8 bytes");
        }
    }
}
