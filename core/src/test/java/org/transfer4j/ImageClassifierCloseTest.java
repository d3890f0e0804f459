package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

class ImageClassifierCloseTest {
    @TempDir
    Path folder;

    private static ImageClassifier trained(String freeze) {
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1);
        return switch (freeze) {
            case "all" -> learner.freezeAll().fit(Pictures.dataset(8));
            case "none" -> learner.unfreezeAll().fit(Pictures.dataset(8));
            default -> learner.freezeUpTo(freeze).fit(Pictures.dataset(8));
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "pool1", "none"})
    void afterCloseEveryMethodSaysSo(String freeze) {
        ImageClassifier classifier = trained(freeze);
        classifier.close();
        classifier.close();

        for (ThrowingCallable use : uses(classifier)) {
            assertThatIllegalStateException().isThrownBy(use).withMessage("the classifier is closed");
        }
        assertThat(folder).isEmptyDirectory();
        assertThat(classifier)
                .hasToString("ImageClassifier[plain at 16x16, preprocessing "
                        + TinyBackbones.plain().preprocessing() + ", head " + Head.flatten() + ", classes: blue, red]");
    }

    @Test
    void anEnsembleTellsWhatItIs() {
        try (ImageClassifier one = trained("all");
                ImageClassifier other = trained("none")) {
            ClassifierEnsemble ensemble = ClassifierEnsemble.of(one, other);
            ensemble.close();
            assertThat(ensemble).hasToString("ClassifierEnsemble[2 classifiers, classes: blue, red]");
        }
    }

    /** Some of the images are not there: a closed classifier does not look at them. */
    private List<ThrowingCallable> uses(ImageClassifier classifier) {
        ImageDataset data = ImageDataset.encoded(List.of(EncodedImage.of("unread", "red", () -> {
            throw new AssertionError("must not be read");
        })));
        return List.of(
                () -> classifier.predict(folder.resolve("missing.png")),
                () -> classifier.predict(new byte[0]),
                () -> classifier.predict(InputStream.nullInputStream()),
                () -> classifier.predict(Pictures.image(0)),
                () -> classifier.predict(Pictures.array(0)),
                () -> classifier.predict(data),
                () -> classifier.evaluate(data),
                classifier::classNames,
                classifier::history,
                classifier::summary,
                classifier::toComputationGraph,
                () -> classifier.exportOnnx(folder.resolve("model.onnx")),
                () -> classifier.save(folder.resolve("model.t4j")));
    }

    @Test
    void aCopyForDl4jOutlivesIt() {
        ImageClassifier classifier = trained("all");
        var graph = classifier.toComputationGraph();
        classifier.close();
        assertThat(graph.outputSingle(Pictures.arrays(2).div(255)).shape()).containsExactly(2, 2);
    }

    /** Whoever is at work gets his answer or is told; nobody crashes. */
    @ParameterizedTest
    @ValueSource(strings = {"all", "pool1", "none"})
    void closingUnderThreadsAtWorkIsSafe(String freeze) throws Exception {
        for (int round = 0; round < 3; round++) {
            ImageClassifier classifier = trained(freeze);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                answers.add(threads.submit(untilClosed(classifier)));
            }
            classifier.predict(Pictures.image(0));
            classifier.close();
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isNotNegative();
            }
            threads.shutdown();
        }
    }

    private static Callable<Integer> untilClosed(ImageClassifier classifier) {
        return () -> {
            int predictions = 0;
            try {
                while (true) {
                    classifier.predict(Pictures.array(predictions % 4));
                    predictions++;
                }
            } catch (IllegalStateException closed) {
                assertThat(closed).hasMessageContaining("closed");
                return predictions;
            }
        };
    }
}
