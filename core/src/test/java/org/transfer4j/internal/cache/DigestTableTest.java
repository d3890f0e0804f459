package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.cache.DatasetContents.DigestTable;
import org.transfer4j.internal.file.Sha256;

class DigestTableTest {
    /** Digests that collide in the table: they start with the same bytes. */
    private static byte[] digest(int number) {
        byte[] digest = new byte[Sha256.BYTES];
        digest[Sha256.BYTES - 1] = (byte) number;
        return digest;
    }

    @Property(tries = 200)
    void numbersAreThoseOfTheFirstOccurrence(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 30) Integer> sequence) {
        DigestTable table = new DigestTable(sequence.size());
        Map<Integer, Integer> expected = new LinkedHashMap<>();
        for (int number : sequence) {
            expected.putIfAbsent(number, expected.size());
            assertThat(table.add(digest(number), 0)).isEqualTo(expected.get(number));
        }
        assertThat(table.size()).isEqualTo(expected.size());
        for (int number = 0; number <= 31; number++) {
            assertThat(table.find(digest(number), 0)).isEqualTo(expected.getOrDefault(number, -1));
        }
    }

    @Test
    void digestsAreFoundAtAnOffsetAndGivenBack() {
        byte[] two = new byte[2 * Sha256.BYTES];
        Arrays.fill(two, Sha256.BYTES, two.length, (byte) 9);
        DigestTable table = new DigestTable(2);
        table.add(two, 0);
        int second = table.add(two, Sha256.BYTES);
        byte[] copy = new byte[Sha256.BYTES + 1];
        table.copy(second, copy, 1);
        assertThat(second).isEqualTo(1);
        assertThat(Arrays.copyOfRange(copy, 1, copy.length)).containsOnly(9);
    }
}
