package org.transfer4j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void cellsStandUnderEachOtherAndNoLineEndsInBlanks() {
        TextTable table = new TextTable("%-5s  %4s  %4s")
                .row("a", "b", "c")
                .line("")
                .row("long", 1.5, "")
                .line("as it stands ");

        assertThat(table).hasToString("a         b     c\n\nlong    1.5\nas it stands \n");
    }

    @Test
    void isTheSameInEveryLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(new TextTable("%,9d").row(1234567)).hasToString("1,234,567\n");
        } finally {
            Locale.setDefault(before);
        }
    }

    /** As C and Python print it: 0.125 is a tie, 0.375 too, and 2.675 is below one. */
    @Test
    void roundsHalvesToEven() {
        assertThat(TextTable.decimals(0.125, 2)).isEqualTo("0.12");
        assertThat(TextTable.decimals(0.375, 2)).isEqualTo("0.38");
        assertThat(TextTable.decimals(2.675, 2)).isEqualTo("2.67");
        assertThat(TextTable.decimals(0, 2)).isEqualTo("0.00");
    }

    @Test
    void namesAreCutBetweenCharactersAndStayOnOneLine() {
        assertThat(TextTable.cut("two\nlines", 9)).isEqualTo("two lines");
        assertThat(TextTable.cut("x".repeat(10), 9)).isEqualTo("xxxxxxx..");
        assertThat(TextTable.cut("xxxxxx\ud83d\ude00xx", 9)).isEqualTo("xxxxxx..");
    }
}
