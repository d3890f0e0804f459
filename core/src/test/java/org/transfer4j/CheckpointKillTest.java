package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.error.CheckpointException;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.ChildProcess;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;

/** A process that trains is killed again and again; what it leaves leads to the weights of one that was not. */
class CheckpointKillTest {
    private static final int KILLS = 4;
    private static final int EPOCHS = 300;

    @TempDir
    Path folder;

    private static TransferLearner learner() {
        return TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .head(Head.flatten().dense(16).dropout(0.5))
                .validation(Pictures.dataset(5))
                .batchSize(4)
                .epochs(EPOCHS);
    }

    private static TransferLearner kept(Path folder) {
        return learner()
                .checkpoints(Checkpoints.in(folder.resolve("run")))
                .featureCache(FeatureCache.in(folder.resolve("features")));
    }

    /** The process: trains, saves, and says so; or stands still before it could come to the end unkilled. */
    public static final class Training {
        private Training() {}

        public static void main(String[] args) {
            int most = Integer.parseInt(args[1]);
            FitListener telling = new FitListener() {
                private int epochs;

                @Override
                public void epochFinished(EpochRecord record) {
                    System.out.println("epoch " + record.epoch());
                    if (++epochs == most) {
                        standStill();
                    }
                }
            };
            Path folder = Path.of(args[0]);
            try (ImageClassifier classifier = kept(folder).listener(telling).fit(Pictures.dataset(40))) {
                classifier.save(folder.resolve("model.t4j"));
            }
            System.out.println("saved");
        }

        private static void standStill() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts it", e);
            }
        }
    }

    @Test
    void killedAtAnyMomentItEndsInTheSameBits() throws Exception {
        Random random = new Random(3);
        for (int kill = 0; kill < KILLS; kill++) {
            try (ChildProcess training =
                    new ChildProcess(Training.class, folder.toString(), "" + EPOCHS / (KILLS + 1))) {
                // when it tells of the second epoch, what followed the first is on the disk
                for (int line = 0; line < 2 + random.nextInt(10); line++) {
                    training.await("epoch");
                }
                Thread.sleep(random.nextInt(50));
                training.kill();
            }
        }
        try (ChildProcess training = new ChildProcess(Training.class, folder.toString(), "" + (EPOCHS + 1))) {
            assertThat(training.await("epoch")).as("it went on").isNotEqualTo("epoch 1");
            training.await("saved");
        }
        try (ImageClassifier resumed = ImageClassifier.load(folder.resolve("model.t4j"));
                ImageClassifier uninterrupted = learner().fit(Pictures.dataset(40))) {
            assertThat(Bits.of(resumed.toComputationGraph())).isEqualTo(Bits.of(uninterrupted.toComputationGraph()));
            assertThat(resumed.history().withoutTiming())
                    .isEqualTo(uninterrupted.history().withoutTiming());
        }
    }

    @Test
    void aFolderIsOfOneProcessUntilItEnds() throws Exception {
        try (ChildProcess training = new ChildProcess(Training.class, folder.toString(), "2")) {
            training.await("epoch 2");
            assertThatThrownBy(() -> kept(folder).epochs(2).fit(Pictures.dataset(12)))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll(
                            folder.resolve("run").toString(), "another training writes its checkpoints there now");
            training.kill();
        }
        try (ImageClassifier classifier = kept(folder).fit(Pictures.dataset(40))) {
            assertThat(classifier.history().epochs()).hasSize(EPOCHS);
        }
    }
}
