package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ArenaLayoutTest {
    private static final long MEGABYTE = 1 << 20;

    @Property
    void buffersNeededAtTheSameTimeDoNotOverlap(@ForAll("lifetimes") List<ArenaLayout.Lifetime> lifetimes) {
        ArenaLayout layout = ArenaLayout.of(lifetimes);

        for (int i = 0; i < lifetimes.size(); i++) {
            ArenaLayout.Lifetime one = lifetimes.get(i);
            assertThat(layout.offsets()[i]).isNotNegative();
            assertThat(layout.offsets()[i] % 4096).isZero();
            assertThat(layout.offsets()[i] + one.bytes()).isLessThanOrEqualTo(layout.bytes());
            for (int j = 0; j < i; j++) {
                ArenaLayout.Lifetime other = lifetimes.get(j);
                boolean apart = layout.offsets()[i] + one.bytes() <= layout.offsets()[j]
                        || layout.offsets()[j] + other.bytes() <= layout.offsets()[i];
                assertThat(apart || !one.overlaps(other)).isTrue();
            }
        }
    }

    @Provide
    Arbitrary<List<ArenaLayout.Lifetime>> lifetimes() {
        Arbitrary<Long> bytes = Arbitraries.longs().between(1, 100_000);
        Arbitrary<Integer> first = Arbitraries.integers().between(0, 20);
        Arbitrary<Integer> duration = Arbitraries.integers().between(0, 5);
        return Combinators.combine(bytes, first, duration)
                .as((size, start, length) -> new ArenaLayout.Lifetime(size, start, start + length))
                .list()
                .ofMaxSize(25);
    }

    @Test
    void aChainOfLayersUsesTwoBuffersInTurns() {
        ArenaLayout layout = ArenaLayout.of(List.of(
                new ArenaLayout.Lifetime(10 * MEGABYTE, 0, 1),
                new ArenaLayout.Lifetime(10 * MEGABYTE, 1, 2),
                new ArenaLayout.Lifetime(10 * MEGABYTE, 2, 3),
                new ArenaLayout.Lifetime(10 * MEGABYTE, 3, 4)));

        assertThat(layout.bytes()).isEqualTo(20 * MEGABYTE);
    }

    @Test
    void scratchMemoryLiesWhereOtherStepsHaveTheirBuffers() {
        ArenaLayout layout = ArenaLayout.of(List.of(
                new ArenaLayout.Lifetime(10 * MEGABYTE, 0, 1),
                new ArenaLayout.Lifetime(10 * MEGABYTE, 1, 2),
                new ArenaLayout.Lifetime(2 * MEGABYTE, 2, 3),
                new ArenaLayout.Lifetime(8 * MEGABYTE, 2, 2)));

        assertThat(layout.bytes()).isEqualTo(20 * MEGABYTE);
    }

    @Test
    void nothingNeedsNothing() {
        assertThat(ArenaLayout.of(List.of()).bytes()).isZero();
    }
}
