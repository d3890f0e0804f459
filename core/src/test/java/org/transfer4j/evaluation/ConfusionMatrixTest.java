package org.transfer4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
    private final ConfusionMatrix matrix =
            new ConfusionMatrix(List.of("cat", "hippopotamus"), new long[][] {{12, 3}, {0, 1_000_000}});

    @Test
    void countsByNameAndIndex() {
        assertThat(matrix.count("cat", "hippopotamus")).isEqualTo(3);
        assertThat(matrix.count(0, 1)).isEqualTo(3);
        assertThat(matrix.count("hippopotamus", "cat")).isZero();
        assertThat(matrix.actualCount(0)).isEqualTo(15);
        assertThat(matrix.predictedCount(1)).isEqualTo(1_000_003);
    }

    @Test
    void namesTheClassesThatAreThere() {
        assertThatThrownBy(() -> matrix.count("dog", "cat"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no class \"dog\"; the classes are [cat, hippopotamus]");
        assertThatThrownBy(() -> matrix.count(0, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A class index must be from 0 to 1, but is 2");
        assertThatThrownBy(() -> matrix.predictedCount(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> large().count("x", "y")).hasMessageContaining("and more");
    }

    @Test
    void printsATable() {
        assertThat(matrix.toString()).isEqualTo("""
                        actual \\ predicted  cat  hippopot..
                        cat                  12           3
                        hippopotamus          0     1000000
                        """);
    }

    /** A letter is about 9 wide. */
    @Test
    void theTitleOfASmallPictureIsNotCutOff() {
        String title = "How often each class was taken for each other";
        String svg = new ConfusionMatrix(List.of("a", "b"), new long[][] {{1, 0}, {0, 1}}).toSvg();
        assertThat(svg).contains(title);
        assertThat(Integer.parseInt(svg.replaceFirst("^<svg.*? width=\"(\\d+)\".*$", "$1")))
                .isGreaterThan(9 * title.length());
    }

    @Test
    void isBoundedInWidth() {
        String table = large().toString();

        assertThat(table.lines()).allMatch(line -> line.length() <= 120);
        assertThat(table).endsWith(" of 1000 classes)\n");
        assertThat(table.lines().count()).isLessThan(40);
    }

    @Test
    void isEqualToThatOfTheSameNamesAndCounts() {
        ConfusionMatrix matrix = new ConfusionMatrix(List.of("a", "b"), new long[][] {{1, 2}, {3, 4}});

        assertThat(matrix).isEqualTo(new ConfusionMatrix(List.of("a", "b"), new long[][] {{1, 2}, {3, 4}}));
        assertThat(matrix).isNotEqualTo(new ConfusionMatrix(List.of("a", "c"), new long[][] {{1, 2}, {3, 4}}));
        assertThat(matrix).isNotEqualTo(new ConfusionMatrix(List.of("a", "b"), new long[][] {{99, 2}, {3, 4}}));
        assertThat(matrix).hasSameHashCodeAs(new ConfusionMatrix(List.of("a", "b"), new long[][] {{1, 2}, {3, 4}}));
    }

    private static ConfusionMatrix large() {
        List<String> names =
                IntStream.range(0, 1000).mapToObj(i -> "class number " + i).toList();
        return new ConfusionMatrix(names, new long[1000][1000]);
    }

    @Test
    void howManyAreListedIsNotNegative() {
        assertThatThrownBy(() -> matrix.mostConfused(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("how many are listed must be 0 or more, got -1");
    }
}
