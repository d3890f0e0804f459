package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class PredictionTest {
    private final Prediction prediction = new Prediction(List.of("a", "b", "c"), new float[] {0.25f, 0.125f, 0.625f});

    @Test
    void theMostProbableClassComesFirst() {
        assertThat(prediction.label()).isEqualTo("c");
        assertThat(prediction.classIndex()).isEqualTo(2);
        assertThat(prediction.probability()).isEqualTo(0.625);
        assertThat(prediction.top(2)).containsExactly(new ClassScore("c", 2, 0.625), new ClassScore("a", 0, 0.25));
        assertThat(prediction.top(1)).hasSize(1);
        assertThat(prediction.top(Integer.MAX_VALUE)).hasSize(3);
    }

    @Test
    void ofEqualOnesTheFirstClassComesFirst() {
        Prediction equal = new Prediction(List.of("x", "y", "z"), new float[] {0.2f, 0.4f, 0.4f});
        assertThat(equal.top(3)).extracting(ClassScore::label).containsExactly("y", "z", "x");
    }

    @Test
    void atLeastOneClassIsAskedFor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prediction.top(0))
                .withMessage("top(k) needs k of 1 or more, got 0");
    }

    @Test
    void itReadsTheSameInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(prediction).hasToString("c (62.5%)");
        } finally {
            Locale.setDefault(before);
        }
    }
}
