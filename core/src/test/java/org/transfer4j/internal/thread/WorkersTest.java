package org.transfer4j.internal.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

class WorkersTest {
    @Test
    void eachPieceIsDoneOnce() {
        AtomicIntegerArray done = new AtomicIntegerArray(1000);
        Workers.run(1000, done::incrementAndGet);
        for (int i = 0; i < 1000; i++) {
            assertThat(done.get(i)).isEqualTo(1);
        }
        Workers.run(0, index -> {
            throw new AssertionError("nothing to do");
        });
    }

    @Test
    void whatGoesWrongIsThrownAsItIs() {
        assertThatThrownBy(() -> Workers.run(10, index -> {
                    throw new IllegalStateException("piece " + index);
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("piece ");
        assertThatThrownBy(() -> Workers.run(1, index -> {
                    throw new AssertionError("an error");
                }))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void anInterruptedCallerWaitsAndStaysInterrupted() {
        AtomicIntegerArray done = new AtomicIntegerArray(100);
        Thread.currentThread().interrupt();
        Workers.run(100, done::incrementAndGet);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(done.toString()).doesNotContain("0");
    }

    @Test
    void nativeCodeHasOneThreadThereAndAsManyAsBeforeHere() {
        NativeOps openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
        int before = openMp.ompGetMaxThreads();
        AtomicIntegerArray threads = new AtomicIntegerArray(20);
        Workers.run(20, index -> threads.set(index, openMp.ompGetMaxThreads()));
        for (int i = 0; i < 20; i++) {
            assertThat(threads.get(i)).isEqualTo(1);
        }
        assertThat(openMp.ompGetMaxThreads()).isEqualTo(before);
    }
}
