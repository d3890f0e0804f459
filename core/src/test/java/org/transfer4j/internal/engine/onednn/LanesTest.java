package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.engine.onednn.Lanes.Lane;

class LanesTest {
    private static final int THREADS = 3;

    private final AtomicInteger made = new AtomicInteger();
    private final Lanes lanes = new Lanes(THREADS, () -> {
        made.incrementAndGet();
        return new Lane(OneDnn.library(), size -> {
            throw new OutOfMemoryError("no room for a plan");
        });
    });

    @Test
    void neverMoreAreMadeThanThreads() throws Exception {
        AtomicInteger atWork = new AtomicInteger();
        Set<Lane> used = ConcurrentHashMap.newKeySet();
        together(12, () -> {
            for (int i = 0; i < 200; i++) {
                lanes.use(1, lane -> {
                    assertThat(atWork.incrementAndGet()).isBetween(1, THREADS);
                    used.add(lane);
                    Thread.onSpinWait();
                    atWork.decrementAndGet();
                });
            }
            return true;
        });

        assertThat(made.get()).isBetween(1, THREADS).isEqualTo(used.size());
        assertThat(lanes.idle()).isEqualTo(made.get());
        lanes.close();
    }

    @Test
    void allThreadsTogetherAreAlone() throws Exception {
        AtomicInteger atWork = new AtomicInteger();
        together(6, () -> {
            for (int i = 0; i < 100; i++) {
                int turns = i % 2 == 0 ? THREADS : 1;
                lanes.use(turns, lane -> {
                    assertThat(atWork.addAndGet(turns)).isLessThanOrEqualTo(THREADS);
                    Thread.onSpinWait();
                    atWork.addAndGet(-turns);
                });
            }
            return true;
        });
        lanes.close();
    }

    @Test
    void whatFailsLeavesItsLaneToOthers() {
        for (int i = 0; i < 2 * THREADS; i++) {
            assertThatThrownBy(() -> lanes.use(1, lane -> lane.prepare(new Piece.Size(1, 1))))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessage("no room for a plan");
        }

        lanes.use(THREADS, lane -> assertThat(lane).isNotNull());
        assertThat(made.get()).isEqualTo(1);
        lanes.close();
        assertThat(lanes.idle()).isZero();
    }

    @Test
    void anInterruptedThreadHasItsTurnAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        lanes.use(THREADS, lane -> assertThat(lane).isNotNull());

        assertThat(Thread.interrupted()).isTrue();
        lanes.close();
    }

    private static void together(int threads, Callable<Boolean> work) throws Exception {
        ExecutorService all = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Boolean>> each =
                    IntStream.range(0, threads).mapToObj(i -> work).toList();
            for (Future<Boolean> done : all.invokeAll(each)) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            all.shutdown();
        }
    }
}
