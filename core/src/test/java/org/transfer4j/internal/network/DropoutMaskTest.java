package org.transfer4j.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutMaskTest {
    private static final int LENGTH = 40_000;

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.3, 0.5, 0.9, 1 - 1e-12})
    void keepsAsManyAsItShouldAndTheMean(double retained) {
        float[] values = masked(new DropoutMask(1, 2, 3, retained), 4);
        double kept = 0;
        double sum = 0;
        for (float value : values) {
            kept += value == 0 ? 0 : 1;
            sum += value;
        }
        // five standard deviations
        double tolerance = 1e-9 + 5 * Math.sqrt(retained * (1 - retained) / LENGTH);
        assertThat(kept / LENGTH).isCloseTo(retained, within(tolerance));
        assertThat(sum / LENGTH).isCloseTo(1, within(tolerance / retained + 1e-6));
    }

    @Test
    void isMadeAgainTheSame() {
        assertThat(masked(new DropoutMask(1, 2, 3, 0.5), 4)).isEqualTo(masked(new DropoutMask(1, 2, 3, 0.5), 4));
    }

    @Test
    void differsWithSeedStepLayerAndRow() {
        float[] one = masked(new DropoutMask(1, 2, 3, 0.5), 4);
        for (float[] other : new float[][] {
            masked(new DropoutMask(2, 2, 3, 0.5), 4),
            masked(new DropoutMask(1, 3, 3, 0.5), 4),
            masked(new DropoutMask(1, 2, 4, 0.5), 4),
            masked(new DropoutMask(1, 2, 3, 0.5), 5)
        }) {
            int alike = 0;
            for (int i = 0; i < LENGTH; i++) {
                alike += one[i] == other[i] ? 1 : 0;
            }
            assertThat(alike / (double) LENGTH).isCloseTo(0.5, within(0.0125));
        }
    }

    @Test
    void withoutDropoutAllIsKept() {
        DropoutMask mask = new DropoutMask(1, 2, 3, 1);
        assertThat(mask.keepsAll()).isTrue();
        assertThat(masked(mask, 1)).containsOnly(1f);
    }

    private static float[] masked(DropoutMask mask, int row) {
        float[] values = new float[LENGTH];
        Arrays.fill(values, 1);
        mask.apply(row, values);
        return values;
    }
}
