package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.LearnerTrial;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Loss;

class LearnerChoiceTest {
    private static final Duration AMPLE = Duration.ofHours(10);
    private static final ImageDataset DIGITS =
            SampleDatasets.digits().shuffle(1).limit(220);

    /** One size, since half of it would be too small. */
    private static final TransferLearner SMALL =
            TransferLearner.of(Backbone.tinyVgg()).inputSize(8, 8);

    private static LearnerChoice choice;

    @TempDir
    private Path folder;

    @BeforeAll
    static void choose() {
        choice = TransferLearner.choose(DIGITS, AMPLE, List.of(SMALL.weights(Weights.random()), SMALL));
    }

    @Test
    void allWereJudgedAndTheBestByAllImages() {
        List<LearnerTrial> trials = choice.trials();
        assertThat(choice.isComplete()).isTrue();
        // three cuts at 8 and 16 pixels, flattened too where that is neither the same nor wide
        assertThat(trials.stream().map(LearnerTrial::code).filter(code -> code.contains("globalAverage")))
                .hasSize(2 * 2 * 3);
        assertThat(trials.stream().map(LearnerTrial::code)).doesNotHaveDuplicates();
        assertThat(trials.get(0).images()).isEqualTo(DIGITS.size());
        assertThat(trials.get(0).accuracy())
                .isEqualTo(trials.stream()
                        .filter(trial -> trial.images() == DIGITS.size())
                        .mapToDouble(LearnerTrial::accuracy)
                        .max()
                        .orElseThrow());
        // at least ten images a class come first
        assertThat(trials.stream().mapToInt(LearnerTrial::images).min()).hasValue(100);
    }

    @Test
    void theCodeMakesTheLearner() throws Exception {
        assertThat(compiled(choice.code())).hasToString(choice.learner().toString());
    }

    @Test
    void theTableHasALineForEach() {
        assertThat(choice.toString().lines()).hasSize(choice.trials().size() + 1);
        assertThat(choice.toString().lines().skip(1).findFirst().orElseThrow())
                .startsWith("    220 ")
                .endsWith(choice.code());
    }

    @Test
    void itCanBeFitted() {
        try (ImageClassifier probe = choice.learner().probe(DIGITS);
                ImageClassifier fitted = choice.learner().epochs(2).fit(DIGITS)) {
            assertThat(probe.evaluate(DIGITS).accuracy()).isGreaterThan(0.9);
            assertThat(fitted.classNames()).isEqualTo(DIGITS.classNames());
        }
    }

    @Test
    void theSameDataGivesTheSameChoice() {
        LearnerChoice other = TransferLearner.choose(DIGITS, AMPLE, List.of(SMALL.weights(Weights.random()), SMALL));
        assertThat(other.trials()).isEqualTo(choice.trials());
    }

    /** Which have learned something. */
    @Test
    void pretrainedWeightsBeatRandomOnes() {
        assertThat(choice.code()).doesNotContain("random");
    }

    @Test
    void whatTheLearnersWereToldIsKept() throws Exception {
        Path weights = folder.resolve("own \"weights\".safetensors");
        try (ImageClassifier classifier = SMALL.epochs(1).fit(DIGITS)) {
            classifier.saveBackboneWeights(weights);
        }
        TransferLearner told = TransferLearner.of(Backbone.tinyVgg().upTo("block2_pool"))
                .inputSize(8, 8)
                .weights(Weights.file(weights))
                .preprocessing(ImagePreprocessing.unit())
                .epochs(3);
        LearnerChoice kept = TransferLearner.choose(DIGITS, AMPLE, List.of(told));
        assertThat(kept.learner().settings().training().epochs()).hasValue(3);
        assertThat(kept.trials()).noneMatch(trial -> trial.code().contains("block3"));
        assertThat(kept.code()).contains("Weights.file(", "ImagePreprocessing.unit()", "Backbone.tinyVgg().upTo(\"");
        assertThat(compiled(kept.code())).hasToString(kept.learner().toString());
    }

    /** Compiles an expression against the class path, and evaluates it. */
    private Object compiled(String code) throws Exception {
        Path source = folder.resolve("Chosen.java");
        Files.writeString(
                source,
                String.join(
                        "\n",
                        List.of(
                                "import java.nio.file.Path;",
                                "import org.transfer4j.TransferLearner;",
                                "import org.transfer4j.backbone.*;",
                                "import org.transfer4j.head.Head;",
                                "import org.transfer4j.preprocessing.ImagePreprocessing;",
                                "public class Chosen {",
                                "    public static TransferLearner learner() {",
                                "        return " + code + ";",
                                "    }",
                                "}")));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int status = compiler.run(
                null, null, null, "-proc:none", "-cp", System.getProperty("java.class.path"), source.toString());
        assertThat(status).as(code).isZero();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            return loader.loadClass("Chosen").getMethod("learner").invoke(null);
        }
    }

    @Test
    void whatCannotBeChosenFromIsRefusedBeforeAnyWork() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.choose(DIGITS, Duration.ZERO))
                .withMessageContaining("more than no time, got PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.choose(DIGITS, AMPLE, List.of()))
                .withMessageContaining("one learner or more");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> TransferLearner.choose(DIGITS, AMPLE, List.of(unread().loss(Loss.binaryCrossEntropy()))))
                .withMessageContaining("binary");
        try (ImageClassifier classifier = SMALL.epochs(1).fit(DIGITS)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TransferLearner.choose(DIGITS, AMPLE, List.of(classifier.learner())))
                    .withMessageContaining("goes on from a classifier");
        }
    }

    /** Its weights are not there: who comes to read them has begun with the work. */
    private TransferLearner unread() {
        return SMALL.weights(Weights.file(folder.resolve("missing.safetensors")));
    }

    @Test
    void dataThatSaysNothingIsRefusedBeforeAnyWork() {
        List<TransferLearner> learners = List.of(unread());
        int[] ones = IntStream.range(0, DIGITS.size())
                .filter(i -> DIGITS.classIndex(i) == 1)
                .toArray();
        assertThatThrownBy(() -> TransferLearner.choose(DIGITS.select(ones), AMPLE, learners))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("2 classes or more");
        int[] seen = new int[10];
        int[] singles = IntStream.range(0, DIGITS.size())
                .filter(i -> seen[DIGITS.classIndex(i)]++ == 0)
                .toArray();
        assertThatThrownBy(() -> TransferLearner.choose(DIGITS.select(singles), AMPLE, learners))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("2 images of a class or more");
    }

    @Test
    void aBudgetThatIsTooShortIsRefusedWithWhatItNeeds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.choose(DIGITS, Duration.ofNanos(1), List.of(SMALL)))
                .withMessageMatching(
                        "a first look at \\d+ combinations .* with 100 images takes about \\d+ s here, got a"
                                + " budget of PT0.000000001S: .*");
    }

    @Test
    void anInterruptionEndsIt() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> TransferLearner.choose(DIGITS, AMPLE, List.of(SMALL)))
                    .isInstanceOf(CancellationException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }
}
