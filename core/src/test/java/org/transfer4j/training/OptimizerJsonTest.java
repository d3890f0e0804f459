package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.learning.config.Nadam;

class OptimizerJsonTest {
    static List<Optimizer> optimizers() {
        return List.of(
                Optimizer.sgd(0.1),
                Optimizer.sgd(0.1).momentum(0.9).clipValue(0.5),
                Optimizer.sgd(1.0 / 3).nesterov(0.9).decay(1e-5),
                Optimizer.adam(1e-3).schedule(Schedule.cosine()),
                Optimizer.adamW(1e-3)
                        .schedule(Schedule.warmUp(2, Schedule.cosine(0.1)))
                        .clipNorm(1),
                Optimizer.adam(1e-3).schedule(Schedule.oneCycle().over(12)),
                Optimizer.rmsProp(1e-3).schedule(Schedule.step(3, 0.1)).weightDecay(1e-4),
                Optimizer.rmsProp(1e-3).schedule(Schedule.reduceOnPlateau(0.1, 7)));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void comesBack(Optimizer optimizer) {
        Optimizer read = Optimizer.fromJson(optimizer.toJson().orElseThrow());
        assertThat(read).hasToString(optimizer.toString()).hasSameClassAs(optimizer);
        assertThat(read.updater()).isEqualTo(optimizer.updater());
        assertThat(read.toJson()).isEqualTo(optimizer.toJson());
    }

    /** What was written once must be read for ever. */
    @Test
    void theFormatIsStable() {
        assertThat(Optimizer.sgd(0.05)
                        .nesterov(0.9)
                        .schedule(Schedule.warmUp(2, Schedule.cosine()))
                        .toJson())
                .contains("{\"name\":\"sgd\",\"version\":1,\"learningRate\":0.05,\"nesterov\":0.9,"
                        + "\"schedule\":{\"name\":\"warmUp\",\"epochs\":2,"
                        + "\"then\":{\"name\":\"cosine\",\"minimum\":0.0}}}");
    }

    @Test
    void updatersOfNd4jHaveNone() {
        assertThat(Optimizer.of(new Nadam(1e-3)).toJson()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"name\":\"sgd\",\"version\":2,\"learningRate\":1}",
                "{\"name\":\"sgd\",\"version\":1}",
                "{\"name\":\"sgd\",\"version\":1,\"learningRate\":0}",
                "{\"name\":\"sgd\",\"version\":1,\"learningRate\":1e999}",
                "{\"name\":\"sgd\",\"version\":1,\"learningRate\":\"1\"}",
                "{\"name\":\"sgd\",\"version\":1,\"learningRate\":1,\"learningRate\":1}",
                "{\"name\":\"sgd\",\"version\":1,\"learningRate\":1} x",
                "{\"name\":\"sgd\",\"version\":1,\"learningRate\":1,\"momentum\":1}",
                "{\"name\":\"sgd\",\"version\":1,\"learningRate\":1,\"momentum\":0.9,\"nesterov\":0.9}",
                "{\"name\":\"adam\",\"version\":1,\"learningRate\":1,\"momentum\":0.9}",
                "{\"name\":\"lion\",\"version\":1,\"learningRate\":1}",
                "{\"name\":\"adam\",\"version\":1,\"learningRate\":1,\"weightDecay\":-1}",
                "{\"name\":\"adam\",\"version\":1,\"learningRate\":1,\"schedule\":{\"name\":\"step\",\"epochs\":0,\"factor\":0.5}}",
                "{\"name\":\"adam\",\"version\":1,\"learningRate\":1,\"schedule\":{\"name\":\"cosine\"}}",
                "{\"name\":\"adam\",\"version\":1,\"learningRate\":1,\"schedule\":{\"name\":\"oneCycle\",\"x\":1}}",
                "{\"name\":\"adam\",\"version\":1,\"learningRate\":1,\"schedule\":\"oneCycle\"}"
            })
    void whatIsNoneIsRefused(String json) {
        assertThatIllegalArgumentException().isThrownBy(() -> Optimizer.fromJson(json));
    }

    @Test
    void deepNestingEndsInTheSameWay() {
        String inner = "{\"name\":\"over\",\"epochs\":1,\"schedule\":";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Optimizer.fromJson("{\"name\":\"adam\",\"version\":1,\"learningRate\":1,\"schedule\":"
                        + inner.repeat(100_000) + "{}" + "}".repeat(100_000) + "}"));
    }
}
