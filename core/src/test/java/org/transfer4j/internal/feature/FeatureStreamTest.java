package org.transfer4j.internal.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.trunk.Trunk;

class FeatureStreamTest {
    private static final int IMAGES = 3;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 40})
    void featuresComeInTheOrderOfTheirImages(int atOnce) {
        Doubling trunk = new Doubling(atOnce);
        List<Float> seen = new ArrayList<>();
        try (FeatureStream features = new FeatureStream(new Numbers(20, 99), trunk)) {
            while (features.hasNext()) {
                Batch batch = features.next();
                seen.add(batch.features().getFloat(0, 0, 0, 0));
                assertThat(batch.classIndices()).containsOnly((int) (seen.get(seen.size() - 1) / 2));
            }
            assertThatThrownBy(features::next).isInstanceOf(NoSuchElementException.class);
        }
        assertThat(seen).hasSize(20);
        for (int i = 0; i < 20; i++) {
            assertThat(seen.get(i)).isEqualTo(2f * i);
        }
        trunk.assertAllFreed();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 40})
    void whatWasReadBeforeAnImageThatFailsIsComputed(int atOnce) {
        Doubling trunk = new Doubling(atOnce);
        int computed = 0;
        try (FeatureStream features = new FeatureStream(new Numbers(20, 7), trunk)) {
            while (computed < 7) {
                assertThat(features.hasNext()).isTrue();
                assertThat(features.next().features().getFloat(0, 0, 0, 0)).isEqualTo(2f * computed);
                computed++;
            }
            for (int again = 0; again < 2; again++) {
                assertThat(features.hasNext()).isTrue();
                assertThatThrownBy(features::next)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("no image 7");
            }
        }
        trunk.assertAllFreed();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aBatchThatCantBeComputedFailsAtItsPlace(int atOnce) {
        Doubling trunk = new Doubling(atOnce);
        trunk.failing = 5;
        try (FeatureStream features = new FeatureStream(new Numbers(20, 99), trunk)) {
            for (int i = 0; i < 5; i++) {
                assertThat(features.next().features().getFloat(0, 0, 0, 0)).isEqualTo(2f * i);
            }
            assertThatThrownBy(features::next)
                    .isInstanceOf(ArithmeticException.class)
                    .hasMessage("no features of 5");
            assertThat(features.next().features().getFloat(0, 0, 0, 0)).isEqualTo(12f);
        }
        trunk.assertAllFreed();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 40})
    void closingEarlyWaitsForWhatIsComputedAndFreesIt(int atOnce) {
        Doubling trunk = new Doubling(atOnce);
        Numbers images = new Numbers(20, 99);
        FeatureStream features = new FeatureStream(images, trunk);
        features.next();
        features.close();

        assertThat(images.closed).isTrue();
        assertThat(trunk.running.get()).isZero();
        trunk.assertAllFreed();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void anInterruptedCallerHasItsFeaturesAndStaysInterrupted(int atOnce) {
        Thread.currentThread().interrupt();
        try (FeatureStream features = new FeatureStream(new Numbers(3, 99), new Doubling(atOnce))) {
            for (int i = 0; i < 3; i++) {
                assertThat(features.next().features().getFloat(0, 0, 0, 0)).isEqualTo(2f * i);
            }
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    /** Batches whose values and classes are their number, in one array that is used again for the next. */
    private static final class Numbers implements BatchStream {
        private final INDArray room = Nd4j.create(DataType.FLOAT, IMAGES, 1, 2, 2);
        private final int count;
        private final int broken;
        private int next;
        private boolean closed;

        Numbers(int count, int broken) {
            this.count = count;
            this.broken = broken;
        }

        @Override
        public boolean hasNext() {
            return next < count;
        }

        @Override
        public Batch next() {
            if (next == broken) {
                throw new IllegalStateException("no image " + next);
            }
            room.assign(next);
            int[] classes = {next, next, next};
            next++;
            return new Batch(room, classes);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** Twice the images, some time later. */
    private static final class Doubling implements Trunk {
        private final int atOnce;
        private final AtomicInteger running = new AtomicInteger();
        private final Queue<INDArray> given = new ConcurrentLinkedQueue<>();
        private float failing = -1;

        Doubling(int atOnce) {
            this.atOnce = atOnce;
        }

        @Override
        public long[] featureShape() {
            return new long[] {1, 2, 2};
        }

        @Override
        public INDArray infer(INDArray images) {
            running.incrementAndGet();
            try {
                for (int i = 0; i < 100; i++) {
                    Thread.onSpinWait();
                }
                float value = images.getFloat(0, 0, 0, 0);
                if (value == failing) {
                    throw new ArithmeticException("no features of " + (int) value);
                }
                INDArray features = images.mul(2);
                given.add(features);
                return features;
            } finally {
                running.decrementAndGet();
            }
        }

        @Override
        public int batchesAtOnce(int images) {
            return atOnce;
        }

        void assertAllFreed() {
            assertThat(given).isNotEmpty().allMatch(INDArray::wasClosed);
        }

        @Override
        public String engine() {
            return "twice";
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
