package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.cache.CachedFeaturePass.ComputingTurn;
import org.transfer4j.internal.cache.CachedFeaturePass.RowWriter;
import org.transfer4j.internal.cache.ChunkSearch.RowLocations;
import org.transfer4j.internal.cache.SpaceFolder.StoredFile;
import org.transfer4j.internal.file.Sha256;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.training.FitListener;

/** A pass whose thread is interrupted keeps all that was computed. Batches are of 16 images. */
@Timeout(600)
class InterruptedPassTest {
    private static final int IMAGES = 40;

    @TempDir
    private Path root;

    @AfterEach
    void noInterruptIsLeft() {
        Thread.interrupted();
    }

    private void interrupted(Trunk trunk, FitListener listener) {
        CachedFeaturePass pass = SamplePass.of(root, trunk, listener, ComputingTurn.PATIENCE);
        assertThatThrownBy(() -> SamplePass.run(pass, SamplePass.digits(IMAGES)))
                .isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).as("it stays interrupted").isTrue();
    }

    private int computedAfterwards() {
        GatedTrunk trunk = GatedTrunk.open();
        SamplePass.run(root, trunk, IMAGES);
        return trunk.images();
    }

    @Test
    void betweenTwoBatches() {
        interrupted(GatedTrunk.open(), new FitListener() {
            @Override
            public void featuresAdvanced(long images) {
                if (images == 16) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        assertThat(computedAfterwards()).isEqualTo(IMAGES - 16);
    }

    @Test
    void whileABatchIsComputed() {
        interrupted(new InterruptingTrunk(), new FitListener() {});
        assertThat(computedAfterwards()).isEqualTo(IMAGES - 16);
    }

    /** An interrupt in the midst of a write closes the file that it finds at work. */
    @Test
    void whileAChunkIsWritten() throws Exception {
        SpaceFolder folder = new SpaceFolder(root, SampleSpace.named(1));
        RowLocations locations = new RowLocations(200);
        Thread writing = Thread.currentThread();
        AtomicBoolean done = new AtomicBoolean();
        Thread interrupting = new Thread(() -> {
            while (!done.get()) {
                writing.interrupt();
            }
        });
        interrupting.start();
        try (RowWriter writer = new RowWriter(new CacheFolder(root), folder, Long.MAX_VALUE, locations)) {
            for (int number = 0; number < 200; number++) {
                writer.append(SampleSpace.row(number), new int[] {number}, SampleSpace.digest(number));
            }
            writer.finishChunk();
        } finally {
            done.set(true);
            Interruption.join(interrupting);
        }

        assertThat(Thread.interrupted()).as("it stays interrupted").isTrue();
        assertThat(locations.missing()).isEmpty();
        locations.close();
        Path file = StoredFile.in(folder.path(), SpaceFolder::isChunk).get(0).path();
        try (Chunk chunk = Chunk.open(folder.space(), file)) {
            assertThat(chunk.index()).hasSize(200 * Sha256.BYTES);
            chunk.verifyRows();
        }
    }

    /** Gives the images themselves as features, and interrupts its thread. */
    private static final class InterruptingTrunk implements Trunk {
        private final Trunk identity = new Trunk.Identity(GatedTrunk.SIZE, GatedTrunk.SIZE);

        @Override
        public long[] featureShape() {
            return identity.featureShape();
        }

        @Override
        public INDArray infer(INDArray batch) {
            INDArray features = identity.infer(batch);
            Thread.currentThread().interrupt();
            return features;
        }

        @Override
        public String engine() {
            return identity.engine();
        }

        @Override
        public void close() {
            identity.close();
        }
    }
}
