package org.transfer4j.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
    /** What {@code tf.nn.max_pool2d(padding="SAME")} pads, by the formula in its documentation. */
    @ParameterizedTest
    @CsvSource({
        "224, 3, 1, 1, 1, 1, 224",
        "224, 3, 2, 1, 0, 1, 112",
        "225, 3, 2, 1, 1, 1, 113",
        "224, 7, 2, 1, 2, 3, 112",
        "7, 5, 2, 1, 2, 2, 4",
        "8, 4, 1, 1, 1, 2, 8",
        "8, 1, 2, 1, 0, 0, 4",
        "9, 3, 1, 2, 2, 2, 9",
        "10, 3, 2, 3, 2, 3, 5"
    })
    void samePadsAsTensorFlowDoes(
            int size, int kernel, int stride, int dilation, int before, int after, int positions) {
        Window window = Window.same(square(kernel), square(stride), square(dilation), square(size));

        assertThat(window.before()).isEqualTo(square(before));
        assertThat(window.after()).isEqualTo(square(after));
        assertThat(window.positions(square(size))).isEqualTo(square(positions));
    }

    @Property
    void sameGivesOnePositionForEachStride(
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 7) int kernel,
            @ForAll @IntRange(min = 1, max = 4) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation) {
        Extent image = new Extent(height, width);
        Window window = Window.same(square(kernel), square(stride), square(dilation), image);

        assertThat(window.positions(image))
                .isEqualTo(new Extent((height + stride - 1) / stride, (width + stride - 1) / stride));
        assertThat(window.after().height() - window.before().height()).isBetween(0, 1);
        assertThat(window.after().width() - window.before().width()).isBetween(0, 1);
    }

    /** Counted one by one. */
    @Property
    void positionsAreThoseWhereTheKernelFits(
            @ForAll @IntRange(min = 1, max = 30) int size,
            @ForAll @IntRange(min = 1, max = 6) int kernel,
            @ForAll @IntRange(min = 1, max = 4) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int padding) {
        int padded = size + 2 * padding;
        int last = (kernel - 1) * dilation;
        Assume.that(last < padded);
        int count = 0;
        for (int start = 0; start + last < padded; start += stride) {
            count++;
        }

        assertThat(Window.explicit(square(kernel), square(stride), square(dilation), square(padding))
                        .positions(square(size)))
                .isEqualTo(square(count));
    }

    @Test
    void aKernelThatDoesNotFitIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Window.whole(square(3)).positions(new Extent(2, 5)))
                .withMessage("its kernel is larger than its input of 2x5");
    }

    private static Extent square(int side) {
        return new Extent(side, side);
    }
}
