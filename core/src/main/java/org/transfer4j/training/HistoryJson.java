package org.transfer4j.training;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.json.Json;

/**
 * A history as JSON and back; what is not finite is "NaN", "Infinity" or "-Infinity". Properties that this version does not
 * know are left alone.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record HistoryJson(int version, List<Epoch> epochs) {
    private static final int VERSION = 1;
    private static final String WHAT = "the JSON of a history";

    /** Far beyond any training. */
    private static final BigDecimal LONGEST_SECONDS = BigDecimal.valueOf(1_000_000_000_000_000L);

    static String write(TrainingHistory history) {
        return Json.write(new HistoryJson(
                VERSION, history.epochs().stream().map(Epoch::of).toList()));
    }

    static TrainingHistory read(String json) {
        Json.requireVersion(Json.read(json, WHAT, Version.class).version(), VERSION, "a history");
        return TrainingHistory.of(Json.read(json, WHAT, HistoryJson.class).epochs().stream()
                .map(Epoch::record)
                .toList());
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Version(int version) {}

    /** One epoch; what was written before there were phases has one. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Epoch(
            int epoch,
            @Nullable Integer phase,
            long iterations,
            double loss,
            double accuracy,
            @Nullable Double validationLoss,
            @Nullable Double validationAccuracy,
            double learningRate,
            BigDecimal seconds,
            double imagesPerSecond) {
        static Epoch of(EpochRecord record) {
            return new Epoch(
                    record.epoch(),
                    record.phase(),
                    record.iterations(),
                    record.loss(),
                    record.accuracy(),
                    OptimizerJson.boxed(record.validationLoss()),
                    OptimizerJson.boxed(record.validationAccuracy()),
                    record.learningRate(),
                    HistoryCsv.seconds(record.wallTime()),
                    record.imagesPerSecond());
        }

        EpochRecord record() {
            EpochRecord.Builder builder = EpochRecord.builder(epoch)
                    .phase(phase == null ? 1 : phase)
                    .iterations(iterations)
                    .training(loss, accuracy)
                    .learningRate(learningRate)
                    .timing(time(), imagesPerSecond);
            if (validationLoss != null && validationAccuracy != null) {
                builder.validation(validationLoss, validationAccuracy);
            } else if (validationLoss != null || validationAccuracy != null) {
                throw new IllegalArgumentException(
                        "validationLoss and validationAccuracy of an epoch must both be there, or neither, but are "
                                + validationLoss + " and " + validationAccuracy);
            }
            return builder.build();
        }

        private Duration time() {
            if (seconds.signum() < 0 || seconds.compareTo(LONGEST_SECONDS) > 0) {
                throw new IllegalArgumentException(
                        "seconds of an epoch must be from 0 to " + LONGEST_SECONDS + ", but is " + seconds);
            }
            BigDecimal exact = seconds.setScale(9, RoundingMode.HALF_EVEN);
            return Duration.ofSeconds(
                    exact.longValue(),
                    exact.remainder(BigDecimal.ONE).movePointRight(9).longValue());
        }
    }
}
