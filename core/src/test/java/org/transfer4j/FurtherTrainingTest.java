package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;

/** A classifier is trained on. */
class FurtherTrainingTest {
    private static final int COUNT = 24;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .head(Head.flatten().dense(6).dropout(0.3))
            .optimizer(Optimizer.adam(1e-2))
            .batchSize(8)
            .epochs(2);

    private static Map<String, List<Integer>> bits(ImageClassifier classifier) {
        return Bits.of(classifier.toComputationGraph());
    }

    @Test
    void twoFitsByHandAreTwoPhases() {
        TransferLearner phases =
                learner.fineTune(Phase.head(), Phase.from("conv2").epochs(3));
        try (ImageClassifier expected = phases.fit(Pictures.dataset(COUNT));
                ImageClassifier first = learner.freezeAll().fit(Pictures.dataset(COUNT));
                ImageClassifier second = first.learner()
                        .freezeUpTo("pool1")
                        .batchSize(8)
                        .epochs(3)
                        .fit(Pictures.dataset(COUNT))) {
            assertThat(bits(second)).isEqualTo(bits(expected));
            assertThat(second.history().withoutTiming())
                    .isEqualTo(expected.history().withoutTiming());
        }
    }

    @Test
    void aLoadedClassifierGoesOnFromItsWeights(@TempDir Path folder) {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT))) {
            first.save(file);
        }
        TransferLearner further;
        Map<String, List<Integer>> before;
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            before = bits(loaded);
            further = loaded.learner();
        }
        try (ImageClassifier still =
                further.optimizer(Optimizer.sgd(1e-30)).epochs(1).fit(Pictures.dataset(COUNT))) {
            assertThat(bits(still)).as("it starts from the weights").isEqualTo(before);
            assertThat(still.history().epochs()).extracting(EpochRecord::epoch).containsExactly(1, 2, 3);
            assertThat(still.history().last().orElseThrow().phase()).isEqualTo(2);
        }
        assertThat(further.summary()).isEqualTo(learner.summary());
    }

    private static ImageDataset labelled(int count, String... labels) {
        return ImageDataset.encoded(IntStream.range(0, count)
                .mapToObj(i -> EncodedImage.of("p" + i, labels[i % labels.length], Pictures.png(i)))
                .toList());
    }

    /** A class's column of the output layer, whose weights are [in, out]. */
    private static List<Float> output(ImageClassifier classifier, String label) {
        int column = classifier.classNames().indexOf(label);
        List<Float> values = new ArrayList<>();
        for (String name : List.of("W", "b")) {
            INDArray all =
                    classifier.toComputationGraph().getLayer("predictions").getParam(name);
            INDArray own = all.rank() == 1 ? all.reshape(1, all.length()) : all;
            for (float value : own.getColumn(column).toFloatVector()) {
                values.add(value);
            }
        }
        return values;
    }

    private static TransferLearner still(ImageClassifier classifier) {
        return classifier.learner().optimizer(Optimizer.sgd(1e-30)).epochs(1);
    }

    @Test
    void someOfTheClassesInAnotherOrderKeepTheirOutputs() {
        ImageDataset three = labelled(COUNT, "blue", "green", "red");
        try (ImageClassifier first = learner.fit(three);
                ImageClassifier onTwo = still(first).fit(labelled(12, "red", "blue"));
                ImageClassifier onAll = still(first).fit(labelled(12, "red", "green", "blue"))) {
            assertThat(bits(onTwo)).isEqualTo(bits(first));
            assertThat(bits(onAll)).isEqualTo(bits(first));
            assertThat(onTwo.classNames()).containsExactly("blue", "green", "red");
        }
    }

    @Test
    void weightsAreBalancedAlsoWhereTheClassesAreNumberedOtherwise() {
        ImageDataset even = labelled(6, "red", "blue");
        try (ImageClassifier first = learner.fit(labelled(COUNT, "black", "blue", "red"));
                ImageClassifier plain = first.learner().fit(even);
                ImageClassifier balanced =
                        first.learner().balancedClassWeights().fit(even)) {
            assertThat(bits(balanced))
                    .as("classes with as many images have the weight 1")
                    .isEqualTo(bits(plain));
        }
    }

    @Test
    void oneClassAloneIsRefused() {
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT))) {
            assertThatExceptionOfType(DatasetException.class)
                    .isThrownBy(() -> first.learner().fit(labelled(6, "red")))
                    .withMessageContaining("none of [blue]");
        }
    }

    @Test
    void newClassesComeAfterTheLearnedOnesWhichKeepTheirOutputs() {
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT));
                ImageClassifier second = still(first).fit(labelled(12, "red", "green", "azure"))) {
            assertThat(second.classNames()).containsExactly("blue", "red", "azure", "green");
            assertThat(bits(second).get("dense_W")).isEqualTo(bits(first).get("dense_W"));
            assertThat(bits(second).get("predictions_W")).hasSize(6 * 4);
            for (String label : first.classNames()) {
                assertThat(output(second, label)).as(label).isEqualTo(output(first, label));
            }
            assertThat(output(second, "green"))
                    .isNotEqualTo(output(second, "azure"))
                    .isNotEqualTo(output(first, "red"));
            assertThat(second.predict(Pictures.dataset(4))).hasSize(4);
        }
    }

    @Test
    void aClassIsDroppedOnlyWhenToldSo() {
        try (ImageClassifier first =
                        learner.classWeights(Map.of("green", 2.0)).fit(labelled(COUNT, "red", "green", "blue"));
                ImageClassifier second =
                        still(first).dropClasses(List.of("green")).fit(Pictures.dataset(12));
                ImageClassifier replaced =
                        still(first).dropClasses(List.of("green")).fit(labelled(12, "red", "azure", "blue"));
                ImageClassifier anew =
                        still(first).dropClasses(first.classNames()).fit(labelled(12, "b", "a"))) {
            assertThat(second.classNames()).containsExactly("blue", "red");
            assertThat(replaced.classNames()).as("as many as before").containsExactly("blue", "red", "azure");
            for (String label : second.classNames()) {
                assertThat(output(second, label)).as(label).isEqualTo(output(first, label));
                assertThat(output(replaced, label)).as(label).isEqualTo(output(first, label));
            }
            assertThat(output(replaced, "azure")).isNotEqualTo(output(first, "red"));
            assertThat(anew.classNames()).containsExactly("a", "b");
            TransferLearner without = first.learner().dropClasses(List.of("green"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> without.fit(labelled(12, "red", "green", "blue")))
                    .withMessageContaining("images of the class green");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> first.learner().dropClasses(List.of("Green")))
                    .withMessageContaining("[blue, green, red] were learned, got [Green]");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.dropClasses(List.of("green")))
                .withMessageContaining("goes on from a classifier");
    }

    @Test
    void aHeadForFewerThanTheLearnedAndTheNewClassesIsRefused() {
        try (ImageClassifier first = learner.fit(labelled(12, "red", "green"))) {
            TransferLearner two = first.learner().head(2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> two.fit(labelled(12, "red", "azure")))
                    .withMessage("the head has 2 classes, what was learned and the data together have 3:"
                            + " [green, red, azure]");
        }
    }

    /** A class table survives where all images of a class were taken out. */
    @Test
    void classesWithoutImagesMayBeUnknown() {
        ImageDataset three = labelled(12, "red", "green", "blue");
        ImageDataset two = three.select(0, 2, 3, 5, 6, 8);
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT));
                ImageClassifier all = learner.fit(three);
                ImageClassifier second =
                        still(all).dropClasses(List.of("green")).validation(two).fit(two)) {
            assertThat(second.classNames()).containsExactly("blue", "red");
            assertThat(first.evaluate(two).confusionMatrix().classNames()).containsExactly("blue", "red");
        }
    }

    @Test
    void aNameInAnotherUnicodeFormIsTheLearnedClass() {
        try (ImageClassifier first = learner.fit(labelled(COUNT, "caf\u00e9", "tea"));
                ImageClassifier second = still(first).fit(labelled(12, "cafe\u0301", "tea"))) {
            assertThat(second.classNames()).containsExactly("caf\u00e9", "tea");
            assertThat(bits(second)).isEqualTo(bits(first));
            assertThat(first.predict(Pictures.image(1)).probability("cafe\u0301"))
                    .isEqualTo(first.predict(Pictures.image(1)).probability("caf\u00e9"));
            assertThat(first.evaluate(labelled(4, "cafe\u0301", "tea"))
                            .confusionMatrix()
                            .count("cafe\u0301", "tea"))
                    .isBetween(0L, 2L);
            assertThatExceptionOfType(DatasetException.class)
                    .isThrownBy(() -> first.evaluate(labelled(4, "Tea", "caf\u00e9")))
                    .withMessageContaining("'Tea' and 'tea'");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.classWeights(Map.of("caf\u00e9", 1.0, "cafe\u0301", 2.0)))
                .withMessageContaining("two class weights");
    }

    @Test
    void otherWeightsAndSizesAreNotThisClassifiers() {
        try (ImageClassifier first = learner.fit(Pictures.dataset(COUNT))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> first.learner().inputSize(20, 20).fit(Pictures.dataset(COUNT)))
                    .withMessageContaining("takes images of 16x16, got 20x20");
            try (ImageClassifier anew = first.learner()
                    .weights(Weights.random())
                    .batchSize(8)
                    .epochs(2)
                    .fit(Pictures.dataset(COUNT))) {
                assertThat(bits(anew)).as("as if it had learned nothing").isEqualTo(bits(first));
            }
        }
    }

    @Test
    void whatTheOptimizerRemembersOfOtherLayersIsForgotten() {
        try (ImageClassifier first = learner.unfreezeAll().fit(Pictures.dataset(COUNT));
                ImageClassifier lessTrained =
                        first.learner().freezeAll().epochs(1).fit(Pictures.dataset(COUNT));
                ImageClassifier otherHead =
                        first.learner().head(Head.flatten().dense(9)).epochs(1).fit(Pictures.dataset(COUNT))) {
            assertThat(bits(lessTrained).get("conv2_W")).isEqualTo(bits(first).get("conv2_W"));
            assertThat(bits(otherHead).get("conv2_W")).isEqualTo(bits(first).get("conv2_W"));
            assertThat(bits(otherHead).get("dense_b")).hasSize(9);
        }
    }

    @Test
    void aClosedOneTeachesNobody() {
        ImageClassifier closed = learner.fit(Pictures.dataset(COUNT));
        closed.close();
        assertThatIllegalStateException().isThrownBy(closed::learner);
    }

    /** A velocity is no mean of squares, though both are one value a parameter. */
    @Test
    void anotherKindOfOptimizerBeginsWithoutMemory(@TempDir Path folder) {
        Optimizer momentum = Optimizer.sgd(1e-3).momentum(0.9);
        Optimizer squares = Optimizer.rmsProp(1e-3);
        for (List<Optimizer> pair : List.of(List.of(momentum, squares), List.of(squares, momentum))) {
            assertForgets(folder.resolve("model.t4j"), pair.get(0), pair.get(1));
        }
        try (ImageClassifier first = learner.optimizer(squares).fit(Pictures.dataset(COUNT))) {
            first.save(folder.resolve("model.t4j"));
            try (ImageClassifier loaded = ImageClassifier.load(folder.resolve("model.t4j"));
                    ImageClassifier anew = further(loaded, squares);
                    ImageClassifier second = further(first, squares)) {
                assertThat(bits(second)).as("its own kind it remembers").isNotEqualTo(bits(anew));
            }
        }
    }

    private void assertForgets(Path file, Optimizer before, Optimizer after) {
        try (ImageClassifier first = learner.optimizer(before).fit(Pictures.dataset(COUNT))) {
            first.save(file);
            // a file has no memory
            try (ImageClassifier loaded = ImageClassifier.load(file);
                    ImageClassifier anew = further(loaded, after);
                    ImageClassifier second = further(first, after)) {
                assertThat(bits(second)).as("%s, then %s", before, after).isEqualTo(bits(anew));
            }
        }
    }

    private static ImageClassifier further(ImageClassifier classifier, Optimizer optimizer) {
        return classifier.learner().optimizer(optimizer).epochs(1).fit(Pictures.dataset(COUNT));
    }
}
