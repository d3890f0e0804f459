package org.transfer4j.inspection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ImageLookTest {
    /** A picture of stripes that is the same at all sizes but for its pixels. */
    private static ImageLook stripes(int height, int width) {
        float[] pixels = new float[height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double across = (x + 0.5) / width;
                double down = (y + 0.5) / height;
                pixels[y * width + x] = (float) (128 + 100 * Math.sin(25 * across + 9 * down));
            }
        }
        try (INDArray image = Nd4j.createFromArray(pixels).reshape(1, 1, height, width)) {
            return ImageLook.of(image);
        }
    }

    /** Sizes that the 16 cells don't divide too. */
    @ParameterizedTest
    @ValueSource(ints = {45, 58, 63, 100, 131})
    void aPictureIsAlikeAtAllItsSizes(int side) {
        assertThat(stripes(side, side).distance(stripes(64, 64))).isLessThan(0.02);
        assertThat(stripes(side, 64).distance(stripes(64, side))).isLessThan(0.02);
    }

    @Test
    void eachPixelOfATinyImageIsSeenInItsPlace() {
        try (INDArray two = Nd4j.createFromArray(new float[] {0, 255, 255, 0}).reshape(1, 1, 2, 2);
                INDArray three = Nd4j.createFromArray(new float[] {0, 255, 0, 255, 0, 255, 0, 255, 0})
                        .reshape(1, 1, 3, 3)) {
            ImageLook look = ImageLook.of(two);
            for (int cell = 0; cell < 256; cell++) {
                boolean bright = cell % 16 < 8 != cell < 128;
                assertThat(look.small().get(cell)).isEqualTo((byte) (bright ? 255 : 0));
            }
            // the cell in which two pixels of a row meet, a third of it being the first's
            assertThat(ImageLook.of(three).small().get(5) & 0xFF).isBetween(168, 172);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 45})
    void anImageOfOneValueHasNoContrast(int side) {
        try (INDArray image = Nd4j.valueArrayOf(new long[] {1, 3, side, side}, 77.7f)) {
            ImageLook look = ImageLook.of(image);
            assertThat(look.small().array()).containsOnly(0);
            assertThat(look.gray()).isTrue();
        }
    }
}
