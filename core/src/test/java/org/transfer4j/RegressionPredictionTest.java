package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.fitted.Answering.Answer;

class RegressionPredictionTest {
    @Test
    void aTargetIsFoundByTheDecomposedFormOfItsName() {
        RegressionPrediction prediction = new RegressionPrediction(
                List.of("h\u00f6he", "age"), new Answer(new float[] {2, 30}, 0), FittedCalibration.NONE);
        assertThat(prediction.value("ho\u0308he")).isEqualTo(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prediction.value("width"))
                .withMessage("the regressor has no target \"width\"; it has [h\u00f6he, age]");
    }
}
