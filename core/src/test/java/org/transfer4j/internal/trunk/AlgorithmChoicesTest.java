package org.transfer4j.internal.trunk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

class AlgorithmChoicesTest {
    @Test
    void whatIsRecordedLaterGoesBeforeAndNothingIsLost() {
        AlgorithmChoices first =
                AlgorithmChoices.TABLE.withRecorded(Map.of("a", Algorithm.DIRECT, "b", Algorithm.DIRECT));

        AlgorithmChoices later = first.andMeasured().withRecorded(Map.of("b", Algorithm.WINOGRAD));

        assertThat(later.recorded()).isEqualTo(Map.of("a", Algorithm.DIRECT, "b", Algorithm.WINOGRAD));
        assertThat(later.measured()).isTrue();
        assertThat(first.withRecorded(Map.of())).isEqualTo(first);
    }
}
