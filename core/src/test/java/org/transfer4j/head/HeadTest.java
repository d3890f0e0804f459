package org.transfer4j.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadTest {
    @Test
    void layersComeInTheOrderOfTheCalls() {
        Head head = Head.globalAveragePooling().dense(256).dropout(0.5).dense(8).classes(10);

        assertThat(head.layers())
                .containsExactly(
                        new HeadLayer.GlobalAveragePooling(),
                        new HeadLayer.Dense(256),
                        new HeadLayer.Dropout(0.5),
                        new HeadLayer.Dense(8));
        assertThat(head.classCount()).hasValue(10);
        assertThat(head)
                .hasToString("GlobalAveragePooling[] > Dense[units=256] > Dropout[rate=0.5] > Dense[units=8]"
                        + " > Softmax[10]");
    }

    @Test
    void eachCallGivesANewHead() {
        Head flat = Head.flatten();
        Head dense = flat.dense(4);
        Head counted = dense.classes(3);

        assertThat(flat.layers()).containsExactly(new HeadLayer.Flatten());
        assertThat(dense.layers()).hasSize(2);
        assertThat(dense.classCount()).isEmpty();
        assertThat(counted.dropout(0).classCount()).hasValue(3);
        assertThat(counted.classes(5).classCount()).hasValue(5);
        assertThat(flat).hasToString("Flatten[] > Softmax[classes of the data]");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void aDenseLayerHasUnits(int units) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Head.flatten().dense(units))
                .withMessage("a dense layer needs 1 unit or more, got " + units);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, -0.1, 2, Double.NaN, Double.POSITIVE_INFINITY})
    void aDropoutRateIsAFraction(double rate) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Head.flatten().dropout(rate))
                .withMessage("a dropout rate is at least 0 and less than 1, got " + rate);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 0, -5})
    void thereAreTwoClassesOrMore(int classes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Head.flatten().classes(classes))
                .withMessage("a head needs 2 classes or more, got " + classes);
    }

    @Test
    void soMuchDropoutThatNothingIsLeftIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Head.flatten().dropout(1 - 1e-10))
                .withMessage("a dropout rate is at least 0 and less than 1, got 0.9999999999, which is 1.0 as a float");
    }
}
