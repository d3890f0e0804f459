package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.plan.AnswerKind;

class PredictionTest {
    private final Prediction prediction =
            uncalibrated(List.of("a", "b", "c"), new float[] {0.25f, 0.125f, 0.625f}, false);

    private static Prediction uncalibrated(List<String> classNames, float[] probabilities, boolean multiLabel) {
        return new Prediction(
                classNames,
                new Answer(probabilities, Float.NaN),
                multiLabel ? AnswerKind.LABELS : AnswerKind.ONE_CLASS,
                FittedCalibration.NONE);
    }

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
        Prediction equal = uncalibrated(List.of("x", "y", "z"), new float[] {0.2f, 0.4f, 0.4f}, false);
        assertThat(equal.top(3)).extracting(ClassScore::label).containsExactly("y", "z", "x");
    }

    @Test
    void atLeastOneClassIsAskedFor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prediction.top(0))
                .withMessage("top(k) needs k of 1 or more, got 0");
    }

    @Test
    void labelsAreWhatIsAboveAThreshold() {
        Prediction several = uncalibrated(List.of("a", "b", "c"), new float[] {0.3f, 0.5f, 0.9f}, true);
        assertThat(several.labels()).containsExactly("c");
        assertThat(several.labels(0.2)).containsExactly("c", "b", "a");
        assertThat(several.labels(0.3)).as("not what equals it").containsExactly("c", "b");
        assertThat(several.labels(0.95)).isEmpty();
        assertThat(several.probability("b")).isEqualTo(0.5);
        assertThat(several).hasToString("c (90.0%)");
        assertThat(uncalibrated(List.of("a", "b"), new float[] {0.6f, 0.75f}, true))
                .hasToString("b (75.0%), a (60.0%)");
        assertThat(uncalibrated(List.of("a", "b"), new float[] {0.25f, 0.125f}, true))
                .hasToString("no a (25.0%)");
    }

    @Test
    void whatIsNoThresholdOrNoClassIsRefused() {
        for (double threshold : new double[] {0, 1, 1.5, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> prediction.labels(threshold))
                    .withMessage("a threshold is above 0 and below 1, got " + threshold);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prediction.probability("d"))
                .withMessage("the classifier has no class \"d\"; it has [a, b, c]");
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
