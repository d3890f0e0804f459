package org.transfer4j.internal.augment;

import static org.assertj.core.api.Assertions.assertThat;

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
        Geometry drawn = new GeometryRange(true, true, degrees, translation, smallest, 1.5, padding)
                .draw(new SplittableRandom(seed), 20, 40);
        assertThat(drawn.degrees()).isBetween(-degrees, degrees);
        assertThat(drawn.zoom()).isBetween(smallest, 1.5);
        assertThat(Math.abs(drawn.shiftY())).isLessThanOrEqualTo(20 * translation + padding);
        assertThat(Math.abs(drawn.shiftX())).isLessThanOrEqualTo(40 * translation + padding);
    }

    @Test
    void drawsNothingWhereNothingIsChosen() {
        SplittableRandom random = new SplittableRandom(1);
        assertThat(GeometryRange.NONE.draw(random, 20, 40).isIdentity()).isTrue();
        assertThat(random.nextLong()).isEqualTo(new SplittableRandom(1).nextLong());
    }

    @Test
    void cropsDrawEveryWholeShiftEquallyOften() {
        int[] seen = new int[9];
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 9000; i++) {
            Geometry drawn = GeometryRange.NONE.withPadding(4).draw(random, 32, 32);
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
            mirrored +=
                    GeometryRange.NONE.withHorizontalFlip().draw(random, 9, 9).mirrored() ? 1 : 0;
            upsideDown +=
                    GeometryRange.NONE.withVerticalFlip().draw(random, 9, 9).upsideDown() ? 1 : 0;
        }
        assertThat(mirrored).isBetween(440, 560);
        assertThat(upsideDown).isBetween(440, 560);
    }
}
