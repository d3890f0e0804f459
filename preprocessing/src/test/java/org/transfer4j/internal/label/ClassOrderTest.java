package org.transfer4j.internal.label;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassOrderTest {
    @Test
    void integersGoByValue() {
        assertThat(ClassOrder.sorted(List.of("10", "9", "-2", "-10", "0")))
                .containsExactly("-10", "-2", "0", "9", "10");
    }

    @Test
    void integersOfAnyLengthGoByValue() {
        String huge = "9".repeat(40);
        assertThat(ClassOrder.sorted(List.of(huge, "1" + "0".repeat(40), "-" + huge, "5")))
                .containsExactly("-" + huge, "5", huge, "1" + "0".repeat(40));
    }

    @Test
    void aPlusIsASign() {
        assertThat(ClassOrder.sorted(List.of("+1", "-1"))).containsExactly("-1", "+1");
        assertThat(ClassOrder.sorted(List.of("10", "9", "+3"))).containsExactly("+3", "9", "10");
        assertThat(ClassOrder.sorted(List.of("1", "+1", "01", "-0", "+0", "0")))
                .containsExactly("+0", "-0", "0", "+1", "01", "1");
        assertThat(ClassOrder.sorted(List.of("+1", "-1", "1.0"))).containsExactly("+1", "-1", "1.0");
    }

    /** As numbers they would take minutes. */
    @Test
    void aMillionDigitsAreNoWork() {
        String nines = "9".repeat(1_000_000);
        assertThat(ClassOrder.sorted(List.of("-" + nines, "8" + nines, "7" + nines, "-1" + nines)))
                .containsExactly("-1" + nines, "-" + nines, "7" + nines, "8" + nines);
    }

    @Test
    void leadingZerosMakeAnotherClassOfTheSameValue() {
        assertThat(ClassOrder.sorted(List.of("8", "7", "007", "07", "6"))).containsExactly("6", "007", "07", "7", "8");
        assertThat(ClassOrder.sorted(List.of("0", "-0"))).containsExactly("-0", "0");
    }

    @Test
    void oneTextAmongIntegersMakesAllOfThemText() {
        assertThat(ClassOrder.sorted(List.of("10", "9", "x"))).containsExactly("10", "9", "x");
        assertThat(ClassOrder.sorted(List.of("10", "9", " 3"))).containsExactly(" 3", "10", "9");
        assertThat(ClassOrder.sorted(List.of("10", "9", "+"))).containsExactly("+", "10", "9");
        assertThat(ClassOrder.sorted(List.of("10", "9", "--3"))).containsExactly("--3", "10", "9");
        assertThat(ClassOrder.sorted(List.of("10", "9", "\u22123"))).containsExactly("10", "9", "\u22123");
        assertThat(ClassOrder.sorted(List.of("10", "9", ""))).containsExactly("", "10", "9");
        assertThat(ClassOrder.sorted(List.of("10", "9", "1.5"))).containsExactly("1.5", "10", "9");
        assertThat(ClassOrder.sorted(List.of("10", "9", "\u0663"))).containsExactly("10", "9", "\u0663");
    }

    /** Java's own order of strings has an emoji, two chars from 0xD800 on, before 0xFF5E. */
    @Test
    void textGoesByCodePoint() {
        assertThat(ClassOrder.sorted(List.of("\uD83D\uDE00", "\uFF5E", "b", "a", "B", "\u00e9", "ab")))
                .containsExactly("B", "a", "ab", "b", "\u00e9", "\uFF5E", "\uD83D\uDE00");
    }

    @Test
    void noLabelsMakeNoClasses() {
        assertThat(ClassOrder.sorted(List.of())).isEmpty();
    }
}
