package org.transfer4j.internal.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.transfer4j.head.Head;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.Loss;

class AnswerKindTest {
    @ParameterizedTest
    @EnumSource
    void headLossAndNetworkAreOfOneKind(AnswerKind kind) {
        Head head = kind.ending(Head.flatten());
        NetworkPlan plan = NetworkPlan.of(TinyBackbones.plain(), 16, 16, head, 3, Freeze.ALL);

        assertThat(AnswerKind.of(head)).isEqualTo(kind);
        assertThat(AnswerKind.of(kind.head(head, 3))).isEqualTo(kind);
        assertThat(kind.wanted(head)).isEmpty();
        assertThat(kind.wanted(kind.head(head, 3))).hasValue(3);
        assertThat(AnswerKind.of(kind.loss())).isEqualTo(kind);
        assertThat(plan.answers()).isEqualTo(kind);
        assertThat(AnswerKind.of(plan.head())).isEqualTo(kind);
    }

    @Test
    void votesAreForOneClassAndABackboneSaysNothing() {
        NetworkPlan plan = NetworkPlan.of(TinyBackbones.plain(), 16, 16, Head.flatten(), 3, Freeze.ALL);

        assertThat(plan.voting(10, 3, 0.1).answers()).isEqualTo(AnswerKind.ONE_CLASS);
        assertThat(AnswerKind.of(SizedBackbone.of(TinyBackbones.plain(), 16, 16).network()))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aLossIsForOneKind(AnswerKind kind) {
        for (AnswerKind other : AnswerKind.values()) {
            if (kind == other) {
                kind.require(other.loss());
            } else {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> kind.require(other.loss()))
                        .withMessageContaining(other.loss().toString());
            }
        }
        assertThat(AnswerKind.of(Loss.focal(2))).isEqualTo(AnswerKind.ONE_CLASS);
        assertThat(AnswerKind.of(Loss.huber(1))).isEqualTo(AnswerKind.NUMBERS);
    }
}
