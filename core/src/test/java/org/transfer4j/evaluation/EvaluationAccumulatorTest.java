package org.transfer4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class EvaluationAccumulatorTest {
    private static final List<String> ABC = List.of("a", "b", "c");

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 39, 40})
    void givesTheSameForEveryBatchSize(int batchSize) {
        INDArray probabilities = Forty.probabilities();
        EvaluationAccumulator accumulator = new EvaluationAccumulator(Forty.NAMES);
        for (int start = 0; start < Forty.SIZE; start += batchSize) {
            int end = Math.min(Forty.SIZE, start + batchSize);
            accumulator.add(
                    probabilities.get(NDArrayIndex.interval(start, end), NDArrayIndex.all()),
                    Arrays.copyOfRange(Forty.actual(), start, end));
        }

        assertThat(accumulator.report().confusionMatrix())
                .isEqualTo(Forty.report().confusionMatrix());
        assertThat(accumulator.report().loss()).isEqualTo(Forty.report().loss(), within(1e-14));
    }

    @Test
    void takesEveryOrderAndType() {
        for (INDArray probabilities : List.of(
                Forty.probabilities().dup('f'),
                Forty.probabilities().castTo(DataType.DOUBLE),
                Forty.probabilities().castTo(DataType.FLOAT16),
                Forty.probabilities().transpose().dup().transpose())) {
            EvaluationAccumulator accumulator = new EvaluationAccumulator(Forty.NAMES);
            accumulator.add(probabilities, Forty.actual());
            assertThat(accumulator.report().confusionMatrix())
                    .isEqualTo(Forty.report().confusionMatrix());
        }
    }

    @Test
    void breaksTiesByTheLowestIndex() {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(ABC);
        accumulator.add(rows(new float[] {0.25f, 0.375f, 0.375f}), new int[] {2});
        accumulator.add(rows(new float[] {0.25f, 0.375f, 0.375f}), new int[] {1});

        EvaluationReport report = accumulator.report();

        assertThat(report.confusionMatrix().count("c", "b")).isEqualTo(1);
        assertThat(report.confusionMatrix().count("b", "b")).isEqualTo(1);
        assertThat(report.accuracy()).isEqualTo(0.5);
        assertThat(report.topK(2)).isEqualTo(1);
    }

    /** keras.losses.categorical_crossentropy of these two rows by Keras 3.15 has the mean 8.05904769897461 in float32. */
    @Test
    void clipsAsKerasDoes() {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(ABC);
        accumulator.add(rows(new float[] {0, 1, 0}, new float[] {0, 1, 0}), new int[] {0, 1});

        assertThat(accumulator.report().loss()).isEqualTo((-Math.log(1e-7) - Math.log(1 - 1e-7)) / 2, within(1e-12));
        assertThat(accumulator.report().loss()).isEqualTo(8.05904769897461, within(1e-6));
    }

    @Test
    void dividesByTheSumAsKerasDoes() {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(ABC);
        accumulator.add(rows(new float[] {0.5f, 0.25f, 0.255f}), new int[] {0});

        assertThat(accumulator.report().loss()).isEqualTo(-Math.log(0.5 / (0.75 + 0.255f)), within(1e-12));
    }

    @Test
    void refusesWhatIsNotAProbability() {
        assertRefused(new float[] {Float.NaN, 0.5f, 0.5f}, "one of image 1 of the batch is NaN");
        assertRefused(new float[] {-0.5f, 1, 0.5f}, "one of image 1 of the batch is -0.5");
        assertRefused(new float[] {Float.POSITIVE_INFINITY, 0, 0}, "is Infinity");
        assertRefused(new float[] {2, 0, 0}, "is 2.0");
        assertRefused(new float[] {0.5f, 0.25f, 0}, "must have the sum 1, but those of image 1 of the batch have 0.75");
        assertRefused(new float[] {0, 0, 0}, "have 0.0");
    }

    @Test
    void countsNothingOfARefusedBatch() {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(ABC);
        INDArray batch = rows(new float[] {1, 0, 0}, new float[] {Float.NaN, 0, 0});
        assertThatThrownBy(() -> accumulator.add(batch, new int[] {0, 0})).isInstanceOf(IllegalArgumentException.class);

        assertThatThrownBy(accumulator::report)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("An evaluation needs at least one image");
    }

    @Test
    void refusesShapesThatDoNotFit() {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(ABC);
        for (INDArray wrong : List.of(
                Nd4j.ones(DataType.FLOAT, 2, 4),
                Nd4j.ones(DataType.FLOAT, 1, 3),
                Nd4j.ones(DataType.FLOAT, 3),
                Nd4j.ones(DataType.FLOAT, 2, 3, 1),
                Nd4j.ones(DataType.INT32, 2, 3))) {
            assertThatThrownBy(() -> accumulator.add(wrong, new int[] {0, 0}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("of shape [2, 3] (images, classes), but are " + wrong.dataType());
        }
    }

    @Test
    void refusesAClassThatIsNotThere() {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(ABC);
        for (int wrong : new int[] {-1, 3}) {
            assertThatThrownBy(() -> accumulator.add(rows(new float[] {1, 0, 0}), new int[] {wrong}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be an index from 0 to 2, but is " + wrong);
        }
    }

    @Test
    void refusesNoNamesAndNamesThatAreThereTwice() {
        assertThatThrownBy(() -> new EvaluationAccumulator(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EvaluationAccumulator(List.of("a", "b", "a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[a, b, a]");
    }

    private static void assertRefused(float[] row, String message) {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(ABC);
        assertThatThrownBy(() -> accumulator.add(rows(new float[] {1, 0, 0}, row), new int[] {0, 0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static INDArray rows(float[]... rows) {
        return Nd4j.createFromArray(rows);
    }
}
