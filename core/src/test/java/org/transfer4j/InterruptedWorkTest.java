package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.BrokenImages;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.testing.Leftovers;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;

/** Work on a thread that is interrupted before, or in the midst of it. */
class InterruptedWorkTest {
    private static final int IMAGES = 200;

    @TempDir
    private Path folder;

    private final TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
            .weights(Weights.random())
            .batchSize(10)
            .epochs(2);
    private ImageClassifier classifier;

    @BeforeEach
    void train() {
        classifier = learner.fit(Pictures.dataset(20));
    }

    @AfterEach
    void close() {
        Thread.interrupted();
        classifier.close();
        assertThat(Leftovers.threads()).isEmpty();
    }

    /** Long work on a dataset. */
    private enum Work {
        FIT {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.learner.fit(data);
            }
        },
        FIT_OF_IMAGES {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.learner.unfreezeAll().fit(data);
            }
        },
        FIT_WITH_CACHE {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.learner.featureCache(test.cache()).fit(data);
            }
        },
        FIT_WITH_CHECKPOINTS {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.learner
                        .checkpoints(Checkpoints.in(test.folder.resolve("run")))
                        .fit(data);
            }
        },
        FEATURES {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.learner.features(data);
            }
        },
        FEATURES_WITH_CACHE {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.learner.featureCache(test.cache()).features(data);
            }
        },
        LEARNING_RATE_FINDER {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.learner.learningRateFinder(data);
            }
        },
        ESTIMATE {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.learner.estimate(data);
            }
        },
        PREDICT {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.classifier.predict(data);
            }
        },
        EVALUATE {
            @Override
            Object on(InterruptedWorkTest test, ImageDataset data) {
                return test.classifier.evaluate(data);
            }
        };

        abstract Object on(InterruptedWorkTest test, ImageDataset data);

        boolean isFit() {
            return name().startsWith("FIT");
        }
    }

    private FeatureCache cache() {
        return FeatureCache.in(folder.resolve("cache"));
    }

    private static void assertCancelled(Work work, Throwable thrown) {
        assertThat(Thread.interrupted()).as("the thread stays interrupted").isTrue();
        if (work.isFit()) {
            assertThat(thrown).isInstanceOf(TrainingStoppedException.class);
            try (ImageClassifier soFar = ((TrainingStoppedException) thrown).classifier()) {
                assertThat(soFar.predict(Pictures.dataset(2))).hasSize(2);
            }
        } else {
            assertThat(thrown).isInstanceOf(CancellationException.class);
        }
        assertThat(thrown).hasMessageContaining("interrupted");
    }

    @ParameterizedTest
    @EnumSource(Work.class)
    void interruptedBefore(Work work) {
        Thread.currentThread().interrupt();

        assertCancelled(work, catchThrowable(() -> work.on(this, Pictures.dataset(20))));
        assertThat(work.on(this, Pictures.dataset(20)))
                .as("it works afterwards")
                .isNotNull();
    }

    /** The thirtieth image to be read has the thread interrupted that waits for all of them. */
    @ParameterizedTest
    @EnumSource(Work.class)
    void interruptedMeanwhile(Work work) {
        Thread worker = Thread.currentThread();
        AtomicInteger opened = new AtomicInteger();
        List<EncodedImage> images = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            byte[] png = Pictures.png(i);
            images.add(EncodedImage.of("picture " + i, i % 2 == 0 ? "red" : "blue", () -> {
                if (opened.incrementAndGet() == 30) {
                    worker.interrupt();
                }
                return new ByteArrayInputStream(png);
            }));
        }

        assertCancelled(work, catchThrowable(() -> work.on(this, ImageDataset.encoded(images))));
    }

    private Path pictures(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            Path file = folder.resolve("pictures/" + (i % 2 == 0 ? "red" : "blue") + "/" + i + ".png");
            Files.createDirectories(file.getParent());
            Files.write(file, Pictures.png(i));
        }
        return folder.resolve("pictures");
    }

    @ParameterizedTest
    @EnumSource(BrokenImages.class)
    void noImageIsCalledBrokenThatWasNotChecked(BrokenImages broken) throws Exception {
        Path pictures = pictures(40);
        Thread.currentThread().interrupt();

        Throwable thrown = catchThrowable(() -> ImageDataset.folder(pictures, broken));

        assertThat(thrown).isInstanceOf(CancellationException.class).hasMessageContaining(pictures.toString());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(ImageDataset.folder(pictures, broken).skipped()).isEmpty();
    }

    @Test
    void noImageIsCalledBrokenThatWasInterrupted() throws Exception {
        Path pictures = pictures(40);
        Thread worker = Thread.currentThread();
        for (int i = 0; i < 20; i++) {
            Thread interrupting = new Thread(worker::interrupt);
            interrupting.start();
            try {
                assertThat(ImageDataset.folder(pictures, BrokenImages.SKIP).skipped())
                        .isEmpty();
            } catch (CancellationException e) {
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            }
            while (interrupting.isAlive()) {
                Thread.onSpinWait();
            }
            Thread.interrupted();
        }
    }

    @Test
    void whatWasLearnedCanBeSavedAndUsedOnTheInterruptedThread() throws Exception {
        Path file = folder.resolve("model.t4j");
        Path image = Files.write(folder.resolve("1.png"), Pictures.png(1));
        Path weights = folder.resolve("weights.safetensors");
        List<ClassScore> expected = classifier.predict(image).top(2);
        Thread.currentThread().interrupt();

        classifier.save(file);
        classifier.saveBackboneWeights(weights);
        try (ImageClassifier loaded = ImageClassifier.load(file);
                InputStream encoded = new ByteArrayInputStream(Pictures.png(1))) {
            assertThat(loaded.predict(image).top(2)).isEqualTo(expected);
            assertThat(loaded.predict(encoded).top(2)).isEqualTo(expected);
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    /** A checkpoint is due when the interrupt has come. */
    @Test
    void theLastEpochIsKeptOnDiskToo() throws Exception {
        FitListener interrupting = new FitListener() {
            @Override
            public void epochFinished(EpochRecord record) {
                Thread.currentThread().interrupt();
            }
        };
        TransferLearner kept = learner.checkpoints(
                Checkpoints.in(folder.resolve("run")).bestModel().modelEvery(1));

        Throwable thrown = catchThrowable(() -> kept.listener(interrupting).fit(Pictures.dataset(20)));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(thrown).isInstanceOf(TrainingStoppedException.class).hasMessageContaining("1 complete epochs");
        ((TrainingStoppedException) thrown).classifier().close();
        assertThat(folder.resolve("run")).isDirectoryContaining("glob:**/" + Checkpoints.FILE);
        assertThat(folder.resolve("run")).isDirectoryContaining("glob:**/" + Checkpoints.BEST_FILE);
        assertThat(folder.resolve("run")).isDirectoryContaining("glob:**/epoch-0001.t4j");
    }
}
