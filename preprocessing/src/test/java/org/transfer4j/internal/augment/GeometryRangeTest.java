package org.transfer4j.internal.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.DoubleSummaryStatistics;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GeometryRangeTest {
    @Property(tries = 200)
    void staysWithinTheRange(
            @ForAll @DoubleRange(min = 0, max = 180) double degrees,
            @ForAll @DoubleRange(min = 0, max = 1) double translation,
            @ForAll @DoubleRange(min = 0.5, max = 1) double smallest,
            @ForAll @IntRange(min = 0, max = 9) int padding,
            @ForAll long seed) {
        Geometry drawn = new Geometry.Range(1, true, true, degrees, translation, smallest, 1.5, padding)
                .draw(new SplittableRandom(seed), 2, 20, 40);
        assertThat(drawn.degrees()).isBetween(-degrees, degrees);
        assertThat(drawn.zoom()).isBetween(smallest, 1.5);
        assertThat(Math.abs(drawn.shiftY())).isLessThanOrEqualTo(20 * translation + padding);
        assertThat(Math.abs(drawn.shiftX())).isLessThanOrEqualTo(40 * translation + padding);
    }

    @Test
    void drawsNothingWhereNothingIsChosen() {
        SplittableRandom random = new SplittableRandom(1);
        assertThat(Geometry.Range.NONE.draw(random, 2, 20, 40).isIdentity()).isTrue();
        assertThat(random.nextLong()).isEqualTo(new SplittableRandom(1).nextLong());
    }

    @Test
    void cropsDrawEveryWholeShiftEquallyOften() {
        int[] seen = new int[9];
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 9000; i++) {
            Geometry drawn = Geometry.Range.NONE.withPadding(4).draw(random, 1, 32, 32);
            assertThat(drawn.isWholePixels()).isTrue();
            seen[(int) drawn.shiftX() + 4]++;
        }
        for (int count : seen) {
            assertThat(count).isBetween(850, 1150);
        }
    }

    @Test
    void flipsHalfOfTheImages() {
        SplittableRandom random = new SplittableRandom(3);
        int mirrored = 0;
        int upsideDown = 0;
        for (int i = 0; i < 1000; i++) {
            mirrored += Geometry.Range.NONE
                            .withHorizontalFlip()
                            .draw(random, 1, 9, 9)
                            .mirrored()
                    ? 1
                    : 0;
            upsideDown +=
                    Geometry.Range.NONE.withVerticalFlip().draw(random, 1, 9, 9).upsideDown() ? 1 : 0;
        }
        assertThat(mirrored).isBetween(440, 560);
        assertThat(upsideDown).isBetween(440, 560);
    }

    @Property(tries = 200)
    void partsLieInsideAndAreNeitherSmallNorLong(
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double smallestArea,
            @ForAll @DoubleRange(min = 0.1, max = 10) double imageRatio,
            @ForAll long seed) {
        Geometry.Part part = Geometry.Range.NONE
                .withSmallestArea(smallestArea)
                .draw(new SplittableRandom(seed), imageRatio, 32, 32)
                .part();
        assertThat(part.x()).isGreaterThanOrEqualTo(0);
        assertThat(part.y()).isGreaterThanOrEqualTo(0);
        assertThat(part.x() + part.width()).isLessThanOrEqualTo(1 + 1e-12);
        assertThat(part.y() + part.height()).isLessThanOrEqualTo(1 + 1e-12);
        double ratio = part.width() / part.height() * imageRatio;
        assertThat(ratio).isBetween(0.75 - 1e-9, 4.0 / 3 + 1e-9);
        // of a strip no part is both large and not too long: then it is the largest that is not
        double largest = Math.min(1, Math.min(4.0 / 3 / imageRatio, 4.0 / 3 * imageRatio));
        assertThat(part.width() * part.height()).isGreaterThanOrEqualTo(Math.min(smallestArea, largest) - 1e-9);
    }

    @Test
    void partsOfASquareHaveAreasAndRatiosFromTheWholeRange() {
        SplittableRandom random = new SplittableRandom(4);
        DoubleSummaryStatistics area = new DoubleSummaryStatistics();
        DoubleSummaryStatistics ratio = new DoubleSummaryStatistics();
        for (int i = 0; i < 4000; i++) {
            Geometry.Part part = Geometry.Range.NONE
                    .withSmallestArea(0.1)
                    .draw(random, 1, 64, 64)
                    .part();
            area.accept(part.width() * part.height());
            ratio.accept(Math.log(part.width() / part.height()));
        }
        assertThat(area.getMin()).isLessThan(0.11);
        assertThat(area.getMax()).isGreaterThan(0.95);
        // even from 0.1 to 0.75, beyond that long parts of the full area do not fit
        assertThat(area.getAverage()).isBetween(0.45, 0.56);
        assertThat(ratio.getMin()).isBetween(-Math.log(4.0 / 3), -0.27);
        assertThat(ratio.getMax()).isBetween(0.27, Math.log(4.0 / 3));
        assertThat(ratio.getAverage()).isBetween(-0.02, 0.02);
    }
}
