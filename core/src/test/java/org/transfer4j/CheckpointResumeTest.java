package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.CheckpointException;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.CsvLogger;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.HistoryPlotter;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Metric;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;
import org.transfer4j.training.Schedule;

/** A training that was cut off goes on as if it had not been. */
class CheckpointResumeTest {
    private static final int COUNT = 24;

    @TempDir
    Path folder;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .validation(Pictures.dataset(9))
            .batchSize(5)
            .epochs(5);

    private static FitListener dyingAt(int step) {
        return new FitListener() {
            @Override
            public void batchFinished(long iteration, long images, double loss) {
                if (iteration == step) {
                    throw new CancellationException("killed");
                }
            }
        };
    }

    static Stream<UnaryOperator<TransferLearner>> kinds() {
        return Stream.of(
                learner -> learner.optimizer(Optimizer.adam(1e-2)),
                learner -> learner.head(Head.flatten().dense(7).dropout(0.4)).optimizer(Optimizer.rmsProp(1e-3)),
                learner -> learner.optimizer(Optimizer.sgd(0.05).nesterov(0.9).schedule(Schedule.cosine())),
                learner -> TransferLearner.of(TinyBackbones.residual())
                        .weights(Weights.random())
                        .unfreezeAll()
                        .head(Head.globalAveragePooling().dense(6).dropout(0.3))
                        .batchSize(5)
                        .epochs(5),
                learner -> learner.freezeUpTo("pool1").optimizer(Optimizer.adamW(1e-3)),
                learner -> learner.unfreezeAll().averageWeights(0.8),
                learner -> learner.head(Head.globalAveragePooling())
                        .averageWeights(0.8)
                        .fineTune(
                                Phase.all().epochs(2).inputSize(12, 12),
                                Phase.all().epochs(3).inputSize(16, 16).schedule(Schedule.cosine())),
                learner -> learner.averageWeights(0.9)
                        .earlyStopping(EarlyStopping.patience(2).monitor(Metric.VALIDATION_ACCURACY)),
                learner -> learner.unfreezeAll()
                        .augmentation(Augmentation.none().horizontalFlip().mixUp(0.2)),
                learner -> learner.optimizer(Optimizer.sgd(0.3))
                        .earlyStopping(EarlyStopping.patience(2).monitor(Metric.VALIDATION_ACCURACY)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itEndsInTheBitsOfTheUninterruptedOne(UnaryOperator<TransferLearner> kind) {
        TransferLearner whole = kind.apply(learner);
        TransferLearner kept = whole.checkpoints(Checkpoints.in(folder));
        for (int step : new int[] {2, 8, 9, 17}) {
            try {
                kept.listener(dyingAt(step)).fit(Pictures.dataset(COUNT)).close();
                assertThat(whole.settings().training().earlyStopping())
                        .as("only a rule ends it before")
                        .isPresent();
            } catch (TrainingStoppedException expected) {
                expected.classifier().close();
            }
        }
        try (ImageClassifier resumed = kept.fit(Pictures.dataset(COUNT));
                ImageClassifier uninterrupted = whole.fit(Pictures.dataset(COUNT))) {
            assertThat(Bits.of(resumed.toComputationGraph())).isEqualTo(Bits.of(uninterrupted.toComputationGraph()));
            assertThat(resumed.history().withoutTiming())
                    .isEqualTo(uninterrupted.history().withoutTiming());
        }
    }

    @Test
    void itStartsWhereTheCheckpointIs() {
        RecordingListener recording = new RecordingListener();
        TransferLearner kept = learner.checkpoints(Checkpoints.in(folder));
        assertThatThrownBy(() -> kept.listener(dyingAt(13)).fit(Pictures.dataset(COUNT)))
                .isInstanceOf(TrainingStoppedException.class);

        kept.listener(recording).fit(Pictures.dataset(COUNT)).close();

        // 5 steps an epoch: two were complete
        assertThat(recording.events)
                .filteredOn(event -> event.startsWith("epoch"))
                .first()
                .isEqualTo("epoch 3/5 of 24");
        assertThat(recording.events)
                .filteredOn(event -> event.startsWith("step"))
                .first()
                .isEqualTo("step 11 images 5");
    }

    /** The curve of a training that was cut off and gone on with, twice, is one curve; so are the rows of its figures. */
    @Test
    void listenersHearOfTheEpochsBefore() throws Exception {
        Path csv = folder.resolve("figures.csv");
        Path plot = folder.resolve("plot.png");
        Path expected = folder.resolve("expected.png");
        TransferLearner kept = learner.listener(new CsvLogger(csv))
                .listener(new HistoryPlotter(plot))
                .checkpoints(Checkpoints.in(folder.resolve("run")));
        assertThatThrownBy(() -> kept.listener(dyingAt(13)).fit(Pictures.dataset(COUNT)))
                .isInstanceOf(TrainingStoppedException.class);

        try (ImageClassifier resumed = kept.fit(Pictures.dataset(COUNT))) {
            assertThat(csv).hasContent(resumed.history().toCsv());
            resumed.history().plot(expected);
            assertThat(plot).hasSameBinaryContentAs(expected);

            Files.writeString(csv, "of another");
            TransferLearner further =
                    resumed.learner().epochs(1).listener(new CsvLogger(csv)).listener(new HistoryPlotter(plot));
            try (ImageClassifier longer = further.fit(Pictures.dataset(COUNT))) {
                assertThat(csv).hasContent(longer.history().toCsv());
                longer.history().plot(expected);
                assertThat(plot).hasSameBinaryContentAs(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 18})
    void whoAsksForTheEndBeforeItGoesOnGetsTheCheckpoint(int step) {
        TransferLearner kept =
                learner.fineTune(Phase.head().epochs(2), Phase.all().epochs(3)).checkpoints(Checkpoints.in(folder));
        assertEndsAlike(kept, dyingAt(step), new FitListener() {
            @Override
            public void phaseStarted(int phase, int phases) {
                throw new CancellationException("not today");
            }
        });
    }

    private static void assertEndsAlike(TransferLearner kept, FitListener first, FitListener second) {
        TrainingStoppedException before = stopped(kept.listener(first));
        TrainingStoppedException after = stopped(kept.listener(second));
        try (ImageClassifier expected = before.classifier();
                ImageClassifier classifier = after.classifier()) {
            assertThat(after)
                    .hasMessageContaining("after " + expected.history().epochs().size() + " complete epoch");
            assertThat(classifier.history()).isEqualTo(expected.history());
            assertThat(Bits.of(classifier.toComputationGraph())).isEqualTo(Bits.of(expected.toComputationGraph()));
        }
    }

    private static TrainingStoppedException stopped(TransferLearner learner) {
        return catchThrowableOfType(TrainingStoppedException.class, () -> learner.fit(Pictures.dataset(COUNT)));
    }

    @Test
    void aCompleteTrainingIsNotRepeated() {
        TransferLearner kept = learner.checkpoints(Checkpoints.in(folder));
        RecordingListener recording = new RecordingListener();
        try (ImageClassifier first = kept.fit(Pictures.dataset(COUNT));
                ImageClassifier again = kept.listener(recording).fit(Pictures.dataset(COUNT))) {
            assertThat(Bits.of(again.toComputationGraph())).isEqualTo(Bits.of(first.toComputationGraph()));
            assertThat(again.history()).isEqualTo(first.history());
            assertThat(recording.events).noneMatch(event -> event.startsWith("epoch"));
        }
    }

    @Test
    void oneIsWrittenAsOftenAsAsked() {
        TransferLearner kept = learner.checkpoints(Checkpoints.in(folder).every(2));
        assertThatThrownBy(() -> kept.listener(dyingAt(5)).fit(Pictures.dataset(COUNT)))
                .isInstanceOf(TrainingStoppedException.class);
        assertThat(folder.resolve("training.checkpoint")).doesNotExist();
        assertThatThrownBy(() -> kept.listener(dyingAt(16)).fit(Pictures.dataset(COUNT)))
                .isInstanceOf(TrainingStoppedException.class);

        RecordingListener recording = new RecordingListener();
        kept.listener(recording).fit(Pictures.dataset(COUNT)).close();
        assertThat(recording.events)
                .filteredOn(event -> event.startsWith("epoch"))
                .first()
                .isEqualTo("epoch 3/5 of 24");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoints.in(folder).every(0));
    }

    @Test
    void modelsOfTheBestAndOfEveryOtherEpochAreKept() throws IOException {
        TransferLearner kept =
                learner.checkpoints(Checkpoints.in(folder).bestModel().modelEvery(2));
        try (ImageClassifier classifier = kept.fit(Pictures.dataset(COUNT))) {
            EpochRecord best = classifier.history().best().orElseThrow();
            assertThat(folder.toFile().list((in, name) -> !name.startsWith(".")))
                    .containsExactlyInAnyOrder("training.checkpoint", "best.t4j", "epoch-0002.t4j", "epoch-0004.t4j");
            assertModel("best.t4j", best.epoch());
            assertModel("epoch-0002.t4j", 2);
            assertModel("epoch-0004.t4j", 4);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoints.in(folder).modelEvery(0));
    }

    private void assertModel(String file, int epoch) {
        try (ImageClassifier loaded = ImageClassifier.load(folder.resolve(file));
                ImageClassifier soFar = learner.epochs(epoch).fit(Pictures.dataset(COUNT))) {
            assertThat(Bits.of(loaded.toComputationGraph())).isEqualTo(Bits.of(soFar.toComputationGraph()));
            assertThat(loaded.history().withoutTiming())
                    .isEqualTo(soFar.history().withoutTiming());
        }
    }

    /** However the other one came to be: here by a listener. */
    @Test
    void twoTrainingsAtATimeCantShareAFolder() throws IOException {
        TransferLearner kept = learner.checkpoints(Checkpoints.in(folder));
        List<Throwable> refused = new ArrayList<>();
        FitListener starting = new FitListener() {
            @Override
            public void epochFinished(EpochRecord record) {
                refused.add(catchThrowable(
                        () -> kept.epochs(7).fit(Pictures.dataset(COUNT)).close()));
            }
        };
        try (ImageClassifier classifier = kept.listener(starting).fit(Pictures.dataset(COUNT));
                ImageClassifier uninterrupted = learner.fit(Pictures.dataset(COUNT))) {
            assertThat(Bits.of(classifier.toComputationGraph())).isEqualTo(Bits.of(uninterrupted.toComputationGraph()));
        }

        assertThat(refused)
                .hasSize(5)
                .allSatisfy(e -> assertThat(e)
                        .isInstanceOf(CheckpointException.class)
                        .hasMessage(folder + ": another training writes its checkpoints there now, in this process or"
                                + " another one. Wait for its end, or name another folder: each training needs one of"
                                + " its own"));
        Files.delete(folder.resolve("training.checkpoint"));
        kept.epochs(7).fit(Pictures.dataset(COUNT)).close();
    }

    static Stream<UnaryOperator<TransferLearner>> others() {
        return Stream.of(
                learner -> learner.batchSize(6),
                learner -> learner.seed(43),
                learner -> learner.epochs(6),
                learner -> learner.averageWeights(0.99),
                learner -> learner.augmentation(Augmentation.digits()),
                learner -> learner.classWeights(Map.of("red", 2.0)),
                learner -> learner.loss(Loss.crossEntropy().labelSmoothing(0.1)),
                learner -> learner.optimizer(Optimizer.adam(1e-2)),
                learner -> learner.head(Head.flatten().dense(3)),
                learner -> learner.freezeUpTo("pool1"),
                learner -> learner.inputSize(20, 20),
                TransferLearner::tuned,
                learner -> learner.validation(Pictures.dataset(8)),
                learner -> learner.earlyStopping(EarlyStopping.patience(1)));
    }

    @ParameterizedTest
    @MethodSource("others")
    void anotherTrainingsIsRefusedBeforeAnyWork(UnaryOperator<TransferLearner> other) throws IOException {
        learner.checkpoints(Checkpoints.in(folder)).fit(Pictures.dataset(COUNT)).close();
        byte[] before = Files.readAllBytes(folder.resolve(Checkpoints.FILE));
        RecordingListener recording = new RecordingListener();
        TransferLearner changed =
                other.apply(learner).checkpoints(Checkpoints.in(folder)).listener(recording);

        assertThatThrownBy(() -> changed.fit(Pictures.dataset(COUNT)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("it is of another training")
                .hasMessageContaining("there, and");
        assertThat(recording.events).containsExactly("fit done 0");
        assertThat(folder.resolve(Checkpoints.FILE)).hasBinaryContent(before);
    }

    /** The features of a head that is trained by default are scaled. */
    @Test
    void theDefaultOptimizerThatIsNamedIsAnotherTraining() {
        TransferLearner byDefault = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .batchSize(COUNT)
                .checkpoints(Checkpoints.in(folder));
        assertThatThrownBy(() -> byDefault.listener(dyingAt(3)).fit(Pictures.dataset(COUNT)))
                .isInstanceOf(TrainingStoppedException.class);
        assertThatThrownBy(() -> byDefault.optimizer(Optimizer.adam(1e-3)).fit(Pictures.dataset(COUNT)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("by default is true there, and false here");
    }

    @Test
    void anotherNetworkOfTheSameNameAndWeightsIsAnotherTraining() {
        TransferLearner kept = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1);
        kept.checkpoints(Checkpoints.in(folder)).fit(Pictures.dataset(COUNT)).close();
        Backbone plain = TinyBackbones.plain();
        Backbone other = Backbone.builder(plain.name(), (height, width) -> {
                    ComputationGraphConfiguration graph = plain.topology().configure(height, width);
                    LayerVertex first = (LayerVertex) graph.getVertices().get("conv1");
                    ((BaseLayer) first.getLayerConf().getLayer()).setActivationFn(new ActivationTanH());
                    return graph;
                })
                .inputSize(plain.inputHeight(), plain.inputWidth())
                .minimumSize(plain.minimumSize())
                .preprocessing(plain.preprocessing())
                .defaultHead(plain.defaultHead())
                .build();
        assertThatThrownBy(() -> TransferLearner.of(other)
                        .weights(Weights.random())
                        .epochs(1)
                        .checkpoints(Checkpoints.in(folder))
                        .fit(Pictures.dataset(COUNT))
                        .close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("topology is ");
    }

    @Test
    void otherPhasesAreAnotherTraining() {
        Checkpoints checkpoints = Checkpoints.in(folder);
        TransferLearner brief = learner.epochs(1);
        brief.fineTune(Phase.head(), Phase.from("conv2"))
                .checkpoints(checkpoints)
                .fit(Pictures.dataset(COUNT))
                .close();
        for (Phase last : List.of(
                Phase.all(), Phase.from("conv2").epochs(2), Phase.from("conv2").blockFactor(0.5))) {
            TransferLearner other = brief.fineTune(Phase.head(), last).checkpoints(checkpoints);
            assertThatThrownBy(() -> other.fit(Pictures.dataset(COUNT)).close())
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("phases is [head, ");
        }
    }

    @Test
    void otherStartingWeightsAreAnotherTraining() {
        Checkpoints checkpoints = Checkpoints.in(folder);
        TransferLearner whole = learner.unfreezeAll().epochs(1);
        whole.checkpoints(checkpoints).fit(Pictures.dataset(COUNT)).close();
        try (ImageClassifier other = whole.seed(7).fit(Pictures.dataset(COUNT))) {
            TransferLearner further = other.learner()
                    .unfreezeAll()
                    .validation(Pictures.dataset(9))
                    .batchSize(5)
                    .epochs(1)
                    .checkpoints(checkpoints);
            assertThatThrownBy(() -> further.fit(Pictures.dataset(COUNT)).close())
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("starting weights is ");
        }
    }

    @Test
    void otherImagesAreAnotherTraining() {
        TransferLearner kept = learner.checkpoints(Checkpoints.in(folder));
        kept.fit(Pictures.dataset(COUNT)).close();

        assertThatThrownBy(() -> kept.fit(Pictures.dataset(COUNT - 1)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("training images is 24 with the digest")
                .hasMessageContaining("23 with the digest");
        assertThatThrownBy(() -> kept.fit(Pictures.dataset(COUNT).shuffle(1)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("training images");
    }

    @Test
    void oneCutInHalfIsRefusedAndLeftAlone() throws IOException {
        TransferLearner kept = learner.checkpoints(Checkpoints.in(folder));
        kept.fit(Pictures.dataset(COUNT)).close();
        Path file = folder.resolve(Checkpoints.FILE);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> kept.fit(Pictures.dataset(COUNT)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("truncated");
        assertThat(file).hasSize(whole.length / 2);
    }

    @Test
    void anIteratorCantBeToldFromAnother() {
        DataSet data = new DataSet(Pictures.arrays(4), Nd4j.eye(2).repeat(0, 2));
        TransferLearner kept = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .checkpoints(Checkpoints.in(folder));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kept.fit(new ListDataSetIterator<>(List.of(data), 1)))
                .withMessageContaining("checkpoints need an ImageDataset");
    }

    @Test
    void aFileInPlaceOfTheFolderIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> learner.checkpoints(Checkpoints.in(file)).fit(Pictures.dataset(COUNT)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void aFileIsNoFolderForCheckpoints() throws IOException {
        Path file = Files.writeString(folder.resolve("run"), "a file");
        assertThatThrownBy(() -> learner.checkpoints(Checkpoints.in(file)).fit(Pictures.dataset(COUNT)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("checkpoints need a folder, but " + file + " is a file");
    }

    @Test
    void whereTheyAreIsTold() {
        Path run = Path.of("run-7");
        assertThat(Checkpoints.in(run)).hasToString("checkpoints in run-7 every epoch");
        assertThat(Checkpoints.in(run).every(5).bestModel().modelEvery(10))
                .hasToString("checkpoints in run-7 every 5 epochs, the best model, a model every 10 epochs");
    }
}
