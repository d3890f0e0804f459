package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.dnnl.memory;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.network.Extent;

class PackedWeightsTest {
    /** A large network is packed for a second or more, for which its closing would wait. */
    @Test
    void whoPacksAheadGivesUpWhenItIsClosedButNobodyElse() throws Exception {
        Filter filter = new Filter(2, 2, 1, new Extent(1, 1), new float[] {1, 2, 3, 4}, new float[] {10, 20});
        memory.desc layout = Descriptions.plainWeights(filter.dimensions());
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (PackedWeights weights = new PackedWeights(OneDnn.library().cpu(), 1)) {
            weights.stopAhead();
            Thread ahead = new PackedWeights.Ahead(() -> weights.weights(filter, layout));
            ahead.setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
            ahead.start();
            ahead.join();

            assertThat(thrown.get()).isInstanceOf(CancellationException.class);
            assertThat(weights.weights(filter, layout)).isNotNull();
        }
    }
}
