package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.ChildProcess;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** What is saved comes back: the same predictions to the bit, and all that can be asked of a classifier. */
class ImageClassifierSaveTest {
    private static final ImageDataset DATA = Pictures.dataset(16);

    @TempDir
    Path folder;

    private static TransferLearner learner(Backbone backbone) {
        return TransferLearner.of(backbone).weights(Weights.random()).epochs(2).batchSize(8);
    }

    private static TransferLearner freeze(TransferLearner learner, String layer) {
        return switch (layer) {
            case "all" -> learner.freezeAll();
            case "none" -> learner.unfreezeAll();
            default -> learner.freezeUpTo(layer);
        };
    }

    private static List<List<ClassScore>> scores(ImageClassifier classifier) {
        List<List<ClassScore>> batch = classifier.predict(DATA).stream()
                .map(prediction -> prediction.top(2))
                .toList();
        List<List<ClassScore>> single = IntStream.range(0, 3)
                .mapToObj(i -> classifier.predict(Pictures.image(i)).top(2))
                .toList();
        return List.of(batch.get(0), batch.get(15), single.get(0), single.get(1), single.get(2));
    }

    private void assertComesBack(TransferLearner learner) {
        Path file = folder.resolve("model.t4j");
        try (ImageClassifier saved = learner.fit(DATA)) {
            saved.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(scores(loaded)).isEqualTo(scores(saved));
                assertThat(loaded.classNames()).isEqualTo(saved.classNames());
                assertThat(loaded.history()).isEqualTo(saved.history().withoutTiming());
                assertThat(loaded.summary()).isEqualTo(saved.summary());
                assertThat(loaded.evaluate(DATA)).isEqualTo(saved.evaluate(DATA));
                assertThat(Bits.of(loaded.toComputationGraph())).isEqualTo(Bits.of(saved.toComputationGraph()));
                assertSavedAgainIsTheSame(loaded, file);
            }
        }
    }

    private void assertSavedAgainIsTheSame(ImageClassifier loaded, Path file) {
        Path again = folder.resolve("again.t4j");
        loaded.save(again);
        assertThat(again).hasSameBinaryContentAs(file);
    }

    @Test
    void thePrecisionComesBackToo() {
        TransferLearner learner = learner(TinyBackbones.residual()).freezeUpTo("block_add");

        assertComesBack(learner.precision(Precision.BFLOAT16));

        try (ImageClassifier inFloat = learner.fit(DATA);
                ImageClassifier loaded = ImageClassifier.load(folder.resolve("model.t4j"))) {
            assertThat(scores(loaded).equals(scores(inFloat))).isNotEqualTo(OneDnn.supports(Precision.BFLOAT16));
        }
    }

    @Test
    void measuredAlgorithmsComeBackTooAndAreGoneOnWith() {
        TransferLearner learner = TransferLearner.vgg16()
                .weights(Weights.random())
                .inputSize(32, 32)
                .freezeUpTo("block2_pool")
                .head(Head.globalAveragePooling())
                .epochs(1)
                .tuned();
        assertComesBack(learner);

        try (ImageClassifier loaded = ImageClassifier.load(folder.resolve("model.t4j"))) {
            if (OneDnn.supports(Precision.BFLOAT16)) { // has AVX-512, and so Winograd's algorithm
                assertThat(loaded.learner().settings().network().algorithms().recorded())
                        .hasSize(8); // four layers, two batch sizes
            }
            assertThat(loaded.learner().settings().network().algorithms().measured())
                    .isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "plain, all",
        "plain, pool1",
        "plain, none",
        "residual, all",
        "residual, block_add",
        "residual, none",
        "upsampling, all",
        "upsampling, conv"
    })
    void everyFreeze(String name, String layer) {
        Backbone backbone = switch (name) {
            case "plain" -> TinyBackbones.plain();
            case "residual" -> TinyBackbones.residual();
            default -> TinyBackbones.upsampling();
        };
        assertComesBack(freeze(learner(backbone), layer));
    }

    static List<Head> heads() {
        return List.of(
                Head.globalAveragePooling(),
                Head.flatten().dense(7),
                Head.flatten().dropout(0.25).dense(5).dropout(0.5).dense(4).classes(2),
                Head.globalAveragePooling().dropout(0.1));
    }

    @ParameterizedTest
    @MethodSource("heads")
    void everyHead(Head head) {
        assertComesBack(learner(TinyBackbones.plain()).head(head));
        assertComesBack(learner(TinyBackbones.plain()).freezeUpTo("pool1").head(head));
    }

    static List<ImagePreprocessing> preprocessings() {
        return List.of(
                ImagePreprocessing.none(),
                ImagePreprocessing.unit(),
                ImagePreprocessing.tf(),
                ImagePreprocessing.torch(),
                ImagePreprocessing.caffe(),
                ImagePreprocessing.standardized(new float[] {0.1f, 0.2f, 0.3f}, new float[] {0.4f, 0.5f, 0.6f}));
    }

    @ParameterizedTest
    @MethodSource("preprocessings")
    void everyPreprocessing(ImagePreprocessing preprocessing) {
        assertComesBack(learner(TinyBackbones.plain()).inputSize(12, 20).preprocessing(preprocessing));
    }

    @Test
    void validationAndValidationlessHistories() {
        assertComesBack(learner(TinyBackbones.plain()).validationSplit(0.25));
    }

    @Test
    void classNamesOfAnyText() {
        List<String> names = List.of("Zürich", "日本", "a \"b\"\n\\c", "");
        ImageDataset data = ImageDataset.of(Pictures.arrays(4), names);
        Path file = folder.resolve("names.t4j");
        try (ImageClassifier saved = learner(TinyBackbones.plain()).fit(data)) {
            saved.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(loaded.classNames()).isEqualTo(data.classNames()).containsExactlyInAnyOrderElementsOf(names);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void everyUpdater(IUpdater updater) {
        assertComesBack(learner(TinyBackbones.plain()).freezeUpTo("pool1").optimizer(updater));
    }

    static List<IUpdater> updaters() {
        return List.of(new AMSGrad(), new Unknown());
    }

    /** An updater that only its user knows: a model file must not name it, and does not need it. */
    public static final class Unknown extends Sgd {
        /** With a rate of its own. */
        public Unknown() {
            super(0.01);
        }

        @Override
        public Unknown clone() {
            return new Unknown();
        }
    }

    @Test
    void aMissingFolderIsNamed() {
        Path file = folder.resolve("missing/model.t4j");
        try (ImageClassifier classifier = learner(TinyBackbones.plain()).fit(DATA)) {
            assertThatThrownBy(() -> classifier.save(file))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(file.toString());
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFolderIsNotReplaced() throws Exception {
        Path occupied = Files.createDirectory(folder.resolve("model.t4j"));
        try (ImageClassifier classifier = learner(TinyBackbones.plain()).fit(DATA)) {
            assertThatThrownBy(() -> classifier.save(occupied))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(occupied.toString());
        }
        assertThat(occupied).isEmptyDirectory();
        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(occupied));
    }

    @Test
    void aFileThatIsThereIsReplaced() throws Exception {
        Path file = Files.writeString(folder.resolve("model.t4j"), "an older file");
        try (ImageClassifier classifier = learner(TinyBackbones.plain()).fit(DATA)) {
            classifier.save(file);
        }
        ImageClassifier.load(file).close();
        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
    }

    /** VGG16 has 59 MB of weights: neither copies of the network nor its file find room in so small a heap. */
    @Test
    void savingWorksInTheMemoryThatTrainingTook() throws IOException {
        Path file = folder.resolve("model.t4j");
        try (ChildProcess process =
                new ChildProcess(Map.of("_JAVA_OPTIONS", "-Xmx256m"), SmallHeap.class, file.toString())) {
            assertThat(process.await("saved")).isEqualTo("saved of at most 256 MB");
        }
        assertThat(file).isNotEmptyFile();
    }

    /** What the other process does. */
    static final class SmallHeap {
        private SmallHeap() {}

        public static void main(String[] arguments) {
            TransferLearner learner = TransferLearner.vgg16()
                    .weights(Weights.random())
                    .inputSize(32, 32)
                    .epochs(1)
                    .batchSize(8);
            Path file = Path.of(arguments[0]);
            try (ImageClassifier classifier = learner.fit(DATA)) {
                classifier.save(file);
            }
            try (ImageClassifier classifier = ImageClassifier.load(file)) {
                classifier.predict(Pictures.image(0));
            }
            System.out.println("saved of at most " + (Runtime.getRuntime().maxMemory() >> 20) + " MB");
        }
    }
}
