package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartsOfABatchTest {
    // of convolutions of 1,000 weights on images of 14x14, 7x7 and 4x4
    @ParameterizedTest
    @CsvSource({
        "32, 2, 196, 2",
        "32, 1, 196, 1",
        "32, 4, 196, 4",
        "32, 16, 196, 1",
        "32, 2, 49, 2",
        "16, 2, 49, 1",
        "32, 2, 16, 1",
        "64, 2, 16, 2",
        "3, 4, 10000, 1",
        "4, 4, 10000, 4"
    })
    void eachThreadHasItsPartWhereWeightsAreUsedOften(int batch, int threads, int places, int parts) {
        assertThat(OneDnnBody.parts(batch, threads, 1000L * places, 1000)).isEqualTo(parts);
    }
}
