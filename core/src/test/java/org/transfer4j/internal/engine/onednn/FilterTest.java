package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.transfer4j.internal.engine.onednn.Filter.ChannelScale;
import org.transfer4j.internal.network.Extent;

class FilterTest {
    private static final Extent ONE = new Extent(1, 1);

    @Test
    void scalingScalesWeightsAndBiasOfEachOutput() {
        Filter filter = new Filter(2, 2, 1, ONE, new float[] {1, 2, 3, 4}, new float[] {10, 20});

        Filter scaled = filter.scaled(new ChannelScale(new float[] {2, -1}, new float[] {0.5f, 1}));

        assertThat(scaled.weights()).containsExactly(2, 4, -3, -4);
        assertThat(scaled.bias()).containsExactly(20.5f, -19);
        assertThat(filter.weights()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aPointwiseFilterHasAGroupForEachChannel() {
        Filter filter = Filter.pointwise(new ChannelScale(new float[] {2, 3, 4}, new float[] {5, 6, 7}));

        assertThat(filter.dimensions()).containsExactly(3, 1, 1, 1, 1);
        assertThat(filter.weights()).containsExactly(2, 3, 4);
        assertThat(filter.bias()).containsExactly(5, 6, 7);
    }

    @Test
    void sizesThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() -> new Filter(2, 2, 1, ONE, new float[3], new float[2]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Filter(2, 2, 1, ONE, new float[4], new float[1]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Filter(3, 1, 2, ONE, new float[3], new float[3]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ChannelScale(new float[1], new float[2]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
