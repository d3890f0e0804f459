package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.trunk.IdentityTrunk;
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

    /** Gives the images themselves as features, and interrupts its thread. */
    private static final class InterruptingTrunk implements Trunk {
        private final Trunk identity = new IdentityTrunk(GatedTrunk.SIZE, GatedTrunk.SIZE);

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
