package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingHistoryTest {
    private static final EpochRecord FIRST = EpochRecord.builder(1)
            .iterations(57)
            .training(1.5, 0.25)
            .validation(1.25, 0.5)
            .learningRate(0.001)
            .timing(Duration.ofMillis(1_250), 1437.5)
            .build();
    private static final EpochRecord SECOND = EpochRecord.builder(2)
            .iterations(114)
            .training(1.0 / 3, 0.75)
            .validation(1.0, 0.625)
            .learningRate(0.0005)
            .timing(Duration.ofSeconds(3_600, 1), 0)
            .build();
    private static final EpochRecord THIRD =
            EpochRecord.builder(4).training(0.25, 1).validation(1.0, 0.625).build();

    private final TrainingHistory history = TrainingHistory.of(List.of(FIRST, SECOND, THIRD));

    @Test
    void keepsItsRecords() {
        assertThat(history.epochs()).containsExactly(FIRST, SECOND, THIRD);
        assertThat(history.last()).contains(THIRD);
        assertThat(TrainingHistory.empty().epochs()).isEmpty();
        assertThat(TrainingHistory.empty().last()).isEmpty();
        assertThat(TrainingHistory.empty().with(FIRST).with(SECOND).with(THIRD))
                .isEqualTo(history)
                .hasSameHashCodeAs(history);
        assertThatThrownBy(() -> history.epochs().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void keepsTheValuesOfAnEpoch() {
        assertThat(FIRST.epoch()).isEqualTo(1);
        assertThat(FIRST.iterations()).isEqualTo(57);
        assertThat(FIRST.loss()).isEqualTo(1.5);
        assertThat(FIRST.accuracy()).isEqualTo(0.25);
        assertThat(FIRST.validationLoss()).hasValue(1.25);
        assertThat(FIRST.validationAccuracy()).hasValue(0.5);
        assertThat(FIRST.learningRate()).isEqualTo(0.001);
        assertThat(FIRST.wallTime()).isEqualTo(Duration.ofMillis(1_250));
        assertThat(FIRST.imagesPerSecond()).isEqualTo(1437.5);
        assertThat(EpochRecord.builder(1).build().validationLoss()).isEmpty();
    }

    @Test
    void wantsRisingEpochs() {
        assertThatThrownBy(() -> history.with(FIRST))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The numbers of epochs must rise, but 1 comes after 4");
        assertThatThrownBy(() -> TrainingHistory.of(List.of(FIRST, FIRST)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesValuesThatCanNotBe() {
        assertImpossible(EpochRecord.builder(0), "Epochs are counted from 1, but the epoch is 0");
        assertImpossible(EpochRecord.builder(1).phase(0), "Phases are counted from 1, but the phase is 0");
        assertImpossible(EpochRecord.builder(1).iterations(-1), "must not be negative, but is -1");
        assertImpossible(EpochRecord.builder(1).training(1, 1.5), "An accuracy must be from 0 to 1, but is 1.5");
        assertImpossible(EpochRecord.builder(1).validation(1, -0.5), "An accuracy must be from 0 to 1, but is -0.5");
        for (Duration time : List.of(Duration.ofSeconds(-1), Duration.ZERO)) {
            double speed = time.isZero() ? Double.NaN : 1;
            assertImpossible(EpochRecord.builder(1).timing(time, speed), "must be finite and not negative");
        }
        assertImpossible(EpochRecord.builder(1).timing(Duration.ZERO, Double.POSITIVE_INFINITY), "must be finite");
    }

    private static void assertImpossible(EpochRecord.Builder builder, String message) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void isTheSameForTheSameSeedButForItsSpeed() {
        EpochRecord slower = EpochRecord.builder(1)
                .iterations(57)
                .training(1.5, 0.25)
                .validation(1.25, 0.5)
                .learningRate(0.001)
                .timing(Duration.ofMillis(9_999), 3)
                .build();
        TrainingHistory again = TrainingHistory.of(List.of(slower, SECOND, THIRD));

        assertThat(again).isNotEqualTo(history);
        assertThat(again.withoutTiming()).isEqualTo(history.withoutTiming()).hasSameHashCodeAs(history.withoutTiming());
        assertThat(history.withoutTiming().epochs().get(0).validationLoss()).hasValue(1.25);
        assertThat(history.with(EpochRecord.builder(5).build()).withoutTiming()).isNotEqualTo(again.withoutTiming());
    }

    @Test
    void findsTheBestEpoch() {
        assertThat(history.best()).contains(SECOND);
        assertThat(TrainingHistory.empty().best()).isEmpty();
        TrainingHistory unvalidated = TrainingHistory.of(List.of(loss(1, 0.5), loss(2, 0.25), loss(3, 0.25)));
        assertThat(unvalidated.best()).contains(loss(2, 0.25));
    }

    @Test
    void neverTakesNanForTheBest() {
        assertThat(TrainingHistory.of(List.of(loss(1, Double.NaN))).best()).isEmpty();
        assertThat(TrainingHistory.of(List.of(loss(1, Double.NaN), loss(2, 9), loss(3, Double.NaN)))
                        .best())
                .contains(loss(2, 9));
        assertThat(TrainingHistory.of(List.of(loss(1, Double.POSITIVE_INFINITY)))
                        .best())
                .isPresent();
        assertThat(TrainingHistory.of(List.of(
                                loss(1, 0.001),
                                EpochRecord.builder(2)
                                        .training(5, 0)
                                        .validation(5, 0)
                                        .build()))
                        .best()
                        .orElseThrow()
                        .epoch())
                .isEqualTo(2);
    }

    @Test
    void comesBackFromJson() {
        TrainingHistory odd = history.with(EpochRecord.builder(9)
                .training(Double.NaN, Double.NaN)
                .validation(Double.POSITIVE_INFINITY, 0)
                .learningRate(Double.MIN_VALUE)
                .timing(Duration.ofSeconds(1_000_000, 999_999_999), Double.MAX_VALUE)
                .build());

        assertThat(TrainingHistory.fromJson(odd.toJson())).isEqualTo(odd);
        assertThat(TrainingHistory.fromJson(TrainingHistory.empty().toJson())).isEqualTo(TrainingHistory.empty());
        assertThat(TrainingHistory.fromJson(
                                TrainingHistory.of(List.of(loss(3, 1))).toJson())
                        .last()
                        .orElseThrow()
                        .validationLoss())
                .isEmpty();
    }

    @Test
    void remembersPhases() {
        EpochRecord later = EpochRecord.builder(2).phase(2).training(1, 0).build();
        TrainingHistory phases = TrainingHistory.of(List.of(FIRST, later));

        assertThat(FIRST.phase()).isEqualTo(1);
        assertThat(later.withoutTiming().phase()).isEqualTo(2);
        assertThat(later).isNotEqualTo(EpochRecord.builder(2).training(1, 0).build());
        assertThat(TrainingHistory.fromJson(phases.toJson())).isEqualTo(phases);
        assertThat(TrainingHistory.fromJson(phases.toJson().replace("\"phase\":1,", "")))
                .as("what was written before there were phases")
                .isEqualTo(phases);
    }

    @Test
    void hasStableJson() {
        assertThat(TrainingHistory.of(List.of(FIRST)).toJson())
                .isEqualTo(
                        "{\"version\":1,\"epochs\":[{\"epoch\":1,\"phase\":1,\"iterations\":57,\"loss\":1.5,\"accuracy\":0.25,"
                                + "\"validationLoss\":1.25,\"validationAccuracy\":0.5,\"learningRate\":0.001,"
                                + "\"seconds\":1.250000000,\"imagesPerSecond\":1437.5}]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "null",
                "{'version':2,'epochs':[]}",
                "{'version':1}",
                "{'version':1,'epochs':{}}",
                "{'version':1,'epochs':[]} x",
                "{'version':1,'epochs':[7]}",
                "{'version':1,'epochs':[{'epoch':1.5}]}",
                "{'version':1,'epochs':[{'epoch':1,'phase':0,'iterations':1,'loss':1,'accuracy':1,'learningRate':0,"
                        + "'seconds':1,'imagesPerSecond':0}]}",
                "{'version':1,'epochs':[{'epoch':99999999999}]}",
                "{'version':1,'epochs':[{'epoch':1,'iterations':1,'loss':'much','accuracy':0}]}",
                "{'version':1,'epochs':[{'epoch':1,'iterations':1,'loss':1,'accuracy':7,'learningRate':0,'seconds':0,"
                        + "'imagesPerSecond':0}]}",
                "{'version':1,'epochs':[{'epoch':1,'iterations':1,'loss':1,'accuracy':1,'learningRate':0,"
                        + "'seconds':'NaN','imagesPerSecond':0}]}",
                "{'version':1,'epochs':[{'epoch':1,'iterations':1,'loss':1,'accuracy':1,'learningRate':0,"
                        + "'seconds':1e300,'imagesPerSecond':0}]}",
                "{'version':1,'epochs':[{'epoch':1,'iterations':1,'loss':1,'accuracy':1,'learningRate':0,"
                        + "'seconds':1,'imagesPerSecond':0,'validationLoss':1}]}",
            })
    void refusesJsonOfSomethingElse(String json) {
        assertThatThrownBy(() -> TrainingHistory.fromJson(json.replace('\'', '"')))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** An exact decimal of such a number would have a thousand million digits. */
    @Test
    void refusesNumbersOfAnyExponentAtOnce() {
        String json = TrainingHistory.of(List.of(FIRST)).toJson();

        assertThat(TrainingHistory.fromJson(json.replace("1.250000000", "1e-1000000000"))
                        .epochs()
                        .get(0)
                        .wallTime())
                .isZero();
        assertThatThrownBy(() -> TrainingHistory.fromJson(json.replace("1.250000000", "1e1000000000")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void givesCommaSeparatedValues() {
        assertThat(TrainingHistory.of(List.of(FIRST, loss(2, Double.NaN))).toCsv())
                .isEqualTo("""
                        epoch,phase,iterations,loss,accuracy,validationLoss,validationAccuracy,learningRate,seconds,imagesPerSecond
                        1,1,57,1.5,0.25,1.25,0.5,0.001,1.250000000,1437.5
                        2,1,0,NaN,0.0,,,0.0,0.000000000,0.0
                        """);
    }

    @Test
    void printsATable() {
        assertThat(TrainingHistory.of(List.of(FIRST, loss(12, 1e9))).toString()).isEqualTo("""
                        epoch        loss  accuracy    val_loss  val_accuracy  learning_rate   seconds  images/s
                            1      1.5000    0.2500      1.2500        0.5000       0.001000       1.3      1438
                           12   1.000e+09    0.0000           -             -          0.000       0.0         0
                        """);
        assertThat(FIRST.toString()).hasLineCount(2).contains("1.2500");
    }

    @Test
    void printsNoAccuracyOfNumbers() {
        EpochRecord first = EpochRecord.builder(1)
                .training(1.5, Double.NaN)
                .validation(1.25, Double.NaN)
                .learningRate(0.001)
                .timing(Duration.ofMillis(1_250), 1437.5)
                .build();
        EpochRecord second = EpochRecord.builder(2).training(0.5, Double.NaN).build();

        assertThat(TrainingHistory.of(List.of(first, second)).toString()).isEqualTo("""
                        epoch        loss    val_loss  learning_rate   seconds  images/s
                            1      1.5000      1.2500       0.001000       1.3      1438
                            2      0.5000           -          0.000       0.0         0
                        """);
    }

    @Test
    void printsTheSameInEveryLocale() {
        Locale before = Locale.getDefault();
        String expected = history + history.toCsv() + history.toJson();
        try {
            for (String tag : List.of("de-DE", "ar-EG-u-nu-arab", "tr-TR")) {
                Locale.setDefault(Locale.forLanguageTag(tag));
                assertThat(history + history.toCsv() + history.toJson()).isEqualTo(expected);
                assertThat(TrainingHistory.fromJson(history.toJson())).isEqualTo(history);
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    private static EpochRecord loss(int epoch, double loss) {
        return EpochRecord.builder(epoch).training(loss, 0).build();
    }
}
