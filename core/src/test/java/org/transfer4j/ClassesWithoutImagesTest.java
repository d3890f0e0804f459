package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.head.Head;
import org.transfer4j.testing.LogCapture;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** What has no images can't be learned: fewer than two classes are refused, others warned of. */
class ClassesWithoutImagesTest {
    private static final int COUNT = 12;
    private static final List<String> ORDERED = IntStream.range(0, COUNT)
            .mapToObj(i -> List.of("ant", "bee", "fly").get(i / 4))
            .toList();

    private final ImageDataset ordered = ImageDataset.of(Pictures.arrays(COUNT), ORDERED);
    private final TransferLearner learner =
            TransferLearner.of(TinyBackbones.plain()).weights(Weights.random()).epochs(1);
    private final TransferLearner several = learner.head(Head.flatten().multiLabel());

    private static List<String> warnings(Supplier<?> work) {
        return LogCapture.warningsOf(() -> {
            if (work.get() instanceof ImageClassifier classifier) {
                classifier.close();
            }
        });
    }

    private static void refused(Runnable work, String without) {
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(work::run)
                .withMessageContaining("2 classes or more")
                .withMessageContaining("none of " + without);
    }

    @Test
    void aLimitThatLeavesOneClassIsRefusedBeforeAnyWork() {
        ImageDataset one = ordered.limit(4);
        refused(() -> learner.fit(one), "[bee, fly]");
        refused(() -> learner.validationSplit(0.25).fit(one), "[bee, fly]");
        refused(() -> learner.estimate(one), "[bee, fly]");
        refused(() -> learner.learningRateFinder(one), "[bee, fly]");
    }

    @Test
    void aFolderIsLimitedWithAWord(@TempDir Path root) throws IOException {
        for (int i = 0; i < COUNT; i++) {
            Path folder = Files.createDirectories(root.resolve(ORDERED.get(i)));
            Files.write(folder.resolve(i + ".png"), Pictures.png(i));
        }
        ImageDataset folder = ImageDataset.folder(root);
        assertThat(warnings(() -> folder.limit(5)))
                .singleElement()
                .asString()
                .contains("limit(5)", "[fly]", "shuffle before limit");
        assertThat(warnings(() -> folder.limit(9))).isEmpty();
        assertThat(warnings(() -> folder.shuffle(1).limit(2)))
                .as("that is no accident")
                .isEmpty();
        MultiLabelDataset labels = MultiLabelDataset.of(folder, "|");
        assertThat(warnings(() -> labels.limit(4))).singleElement().asString().contains("[bee, fly]");
    }

    @Test
    void aClassWithoutImagesIsWarnedOf() {
        ImageDataset two = ordered.select(0, 1, 4, 5);
        assertThat(warnings(() -> learner.fit(two))).singleElement().asString().contains("training data: [fly]");
        ImageDataset others = ImageDataset.of(
                Pictures.arrays(2 * COUNT),
                Stream.concat(ORDERED.stream(), ORDERED.stream()).toList());
        assertThat(warnings(() ->
                        learner.validation(others.select(COUNT, COUNT + 4)).fit(ordered)))
                .singleElement()
                .asString()
                .contains("validation data: [fly]");
    }

    @Test
    void imagesForValidationThatAreLearnedFromAreWarnedOf() {
        ImageDataset others = ImageDataset.of(
                Pictures.arrays(2 * COUNT),
                Stream.concat(ORDERED.stream(), ORDERED.stream()).toList());
        int[] unseen = IntStream.range(COUNT, 2 * COUNT).toArray();
        assertThat(warnings(() -> learner.validation(others.select(unseen)).fit(ordered)))
                .isEmpty();
        assertThat(warnings(() -> learner.validation(others).fit(ordered)))
                .singleElement()
                .asString()
                .startsWith(COUNT + " of " + 2 * COUNT + " images for validation are also learned from")
                .contains("image 0 of the array");
        ImageDataset twice = ordered.select(0, 0, 0, 0, 4, 4, 4, 4);
        assertThat(warnings(() -> learner.validationSplit(0.25).fit(twice)))
                .anySatisfy(line -> assertThat(line).startsWith("2 of 2 images for validation"));
    }

    @Test
    void classesThatWereLearnedAndHaveNoMoreImagesAreWarnedOf() {
        try (ImageClassifier first = learner.fit(ordered)) {
            ImageDataset two = ImageDataset.of(Pictures.arrays(4), List.of("ant", "wasp", "ant", "wasp"));
            assertThat(warnings(() -> first.learner().epochs(1).fit(two)))
                    .singleElement()
                    .asString()
                    .contains("training data: [bee, fly]");
        }
    }

    @Test
    void severalLabelsAreLookedAtToo() {
        MultiLabelDataset data = MultiLabelDataset.of(
                Pictures.arrays(6),
                List.of(Set.of("sea"), Set.of("sea"), Set.of(), Set.of("sea", "sun"), Set.of("fog"), Set.of("fog")));
        refused(() -> several.fit(data.limit(2)), "[fog, sun]");
        refused(() -> several.fit(data.select(2, 2)), "[fog, sea, sun]");
        assertThat(warnings(() -> several.fit(data.select(0, 1, 2))))
                .as("images without a label tell it apart")
                .singleElement()
                .asString()
                .contains("[fog, sun]");
        assertThat(warnings(() -> several.validation(data.select(0, 3)).fit(data)))
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains("validation data: [fog]"));
    }

    private static NamedIterator iterator(int... columns) {
        INDArray labels = Nd4j.zeros(columns.length, 3);
        for (int i = 0; i < columns.length; i++) {
            if (columns[i] >= 0) {
                labels.putScalar(i, columns[i], 1);
            }
        }
        return new NamedIterator(new DataSet(Pictures.arrays(columns.length), labels), List.of("ant", "bee", "fly"));
    }

    @Test
    void iteratorsAreLookedAtWhenTheyWereRead() {
        refused(() -> learner.fit(iterator(1, 1, 1)), "[ant, fly]");
        refused(() -> learner.unfreezeAll().fit(iterator(1, 1, 1)), "[ant, fly]");
        refused(() -> several.fit(iterator(1, 1, 1)), "[ant, fly]");
        assertThat(warnings(() -> several.fit(iterator(1, -1, 1))))
                .singleElement()
                .asString()
                .contains("[ant, fly]");
        assertThat(warnings(() -> learner.validation(iterator(0, 2)).fit(iterator(0, 1, 1))))
                .containsExactlyInAnyOrderElementsOf(
                        List.of(warning("training", "[fly]"), warning("validation", "[bee]")));
        assertThat(warnings(() -> learner.fit(iterator(0, 1, 2)))).isEmpty();
    }

    private static String warning(String what, String without) {
        return "classes without images in the " + what + " data: " + without + "; "
                + (what.equals("training")
                        ? "they are in the output, but nothing is learned of them, and what was known of them fades"
                        : "the figures say nothing of them");
    }

    @Test
    void namesOfIteratorsAreRead() {
        INDArray labels = Nd4j.eye(2);
        DataSet batch = new DataSet(Pictures.arrays(2), labels);
        try (ImageClassifier classifier = learner.fit(new NamedIterator(batch, List.of("cafe\u0301", "tea")))) {
            assertThat(classifier.classNames()).containsExactly("caf\u00e9", "tea");
        }
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> learner.fit(new NamedIterator(batch, List.of("\ufffd", "tea"))));
        assertThat(warnings(() -> learner.fit(new NamedIterator(batch, List.of("Tea", "tea")))))
                .singleElement()
                .asString()
                .contains("'Tea' and 'tea'");
    }
}
