package org.transfer4j.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.augment.Pixels;
import org.transfer4j.internal.pixel.BilinearResize;

class AugmentationTest {
    private static final Augmentation ALL = Augmentation.photos()
            .verticalFlip()
            .translation(0.2)
            .crop(2)
            .randomErasing(0.5)
            .border(Border.BLACK);

    private static int[] applied(Augmentation augmentation, Mat image, int height, int width, long seed) {
        try (Mat result = augmentation.apply(image, height, width, new SplittableRandom(seed))) {
            assertThat(result.type()).isEqualTo(image.type());
            assertThat(result.rows()).isEqualTo(height);
            assertThat(result.cols()).isEqualTo(width);
            return Pixels.of(result);
        }
    }

    static List<ThrowingCallable> refused() {
        Augmentation none = Augmentation.none();
        return List.of(
                () -> none.rotation(-1),
                () -> none.rotation(180.1),
                () -> none.rotation(Double.NaN),
                () -> none.translation(1.1),
                () -> none.zoom(0, 1),
                () -> none.zoom(1.1, 1.0),
                () -> none.zoom(1, 11),
                () -> none.crop(-1),
                () -> none.crop(1001),
                () -> none.brightness(-0.1),
                () -> none.contrast(1.1),
                () -> none.randomErasing(2),
                () -> none.mixUp(-1),
                () -> none.cutMix(Double.POSITIVE_INFINITY),
                () -> none.randomResizedCrop(0),
                () -> none.randomResizedCrop(1.1));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesWhatIsOutOfRange(ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining("must be within");
    }

    @Test
    void messagesNameStepRangeAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Augmentation.none().rotation(200))
                .withMessage("rotation must be within 0.0 and 180.0, got 200.0");
    }

    @Test
    void stepsGiveNewAugmentations() {
        Augmentation none = Augmentation.none();
        assertThat(none.horizontalFlip().isNone()).isFalse();
        assertThat(none.isNone()).isTrue();
        assertThat(none.border(Border.BLACK).isNone()).isTrue();
    }

    @Test
    void equalIfTheyDoTheSameWhateverTheOrderOfTheSteps() {
        Augmentation one = Augmentation.none().rotation(5).crop(4).brightness(0.1);
        Augmentation other =
                Augmentation.none().brightness(0.3).crop(4).brightness(0.1).rotation(5);
        assertThat(one).isEqualTo(other).hasSameHashCodeAs(other).hasToString(other.toString());
        assertThat(one).isNotEqualTo(one.crop(3)).isNotEqualTo(one.border(Border.BLACK));
        assertThat(Augmentation.none().rotation(-0.0)).isEqualTo(Augmentation.none());
    }

    @Test
    void textNamesEveryStep() {
        assertThat(ALL)
                .hasToString("horizontalFlip, verticalFlip, rotation(10.0), translation(0.2), zoom(1.0, 1.1),"
                        + " crop(2), brightness(0.2), contrast(0.2), randomErasing(0.5), border(BLACK)");
        assertThat(Augmentation.none().randomResizedCrop(0.35))
                .hasToString("randomResizedCrop(0.35), border(REFLECT)")
                .isNotEqualTo(Augmentation.none());
        assertThat(Augmentation.none().randomResizedCrop(1)).isEqualTo(Augmentation.none());
        assertThat(Augmentation.none().mixUp(0.2).cutMix(1)).hasToString("mixUp(0.2), cutMix(1.0), border(REFLECT)");
        assertThat(Augmentation.none()).hasToString("border(REFLECT)");
        assertThat(Augmentation.digits().toString()).doesNotContain("Flip").contains("REPLICATE");
    }

    @Property(tries = 60)
    void parametersThatChangeNothingGiveTheResizedImage(
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll boolean gray,
            @ForAll long seed) {
        Augmentation nothing = Augmentation.none()
                .rotation(0)
                .translation(0)
                .zoom(1, 1)
                .crop(0)
                .brightness(0)
                .contrast(0)
                .randomErasing(0);
        try (Mat image = Pixels.noise(height, width, gray ? 1 : 3, new SplittableRandom(seed));
                Mat resized = new BilinearResize(32, 24).resize(image)) {
            assertThat(applied(nothing, image, 32, 24, seed)).containsExactly(Pixels.of(resized));
            assertThat(applied(nothing, image, height, width, seed)).containsExactly(Pixels.of(image));
        }
    }

    @Property(tries = 60)
    void sizeAndTypeAreKeptAndTheImageIsNotChanged(
            @ForAll @IntRange(min = 1, max = 50) int height,
            @ForAll @IntRange(min = 1, max = 50) int width,
            @ForAll @IntRange(min = 1, max = 50) int size,
            @ForAll boolean gray,
            @ForAll long seed) {
        try (Mat image = Pixels.noise(height, width, gray ? 1 : 3, new SplittableRandom(seed))) {
            int[] before = Pixels.of(image);
            int[] once = applied(ALL, image, size, size, seed);
            assertThat(Pixels.of(image)).containsExactly(before);
            assertThat(applied(ALL, image, size, size, seed)).containsExactly(once);
        }
    }

    /** Neither warp nor border may bring in values that are not in the image. */
    @Property(tries = 60)
    void geometryStaysWithinTheValuesOfTheImage(@ForAll @IntRange(min = 0, max = 255) int value, @ForAll long seed) {
        Augmentation geometry = Augmentation.photos()
                .brightness(0)
                .contrast(0)
                .translation(0.3)
                .rotation(180)
                .crop(9);
        try (Mat image = new Mat(13, 17, opencv_core.CV_8UC3, new Scalar(value, value, value, 0))) {
            assertThat(applied(geometry, image, 16, 16, seed)).containsOnly(value);
            assertThat(applied(geometry.border(Border.REPLICATE), image, 16, 16, seed))
                    .containsOnly(value);
        }
    }

    @Test
    void otherSeedsGiveOtherImages() {
        try (Mat image = Pixels.noise(20, 20, 3, new SplittableRandom(1))) {
            assertThat(applied(ALL, image, 20, 20, 1)).isNotEqualTo(applied(ALL, image, 20, 20, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void floatsOfAnyRangeAreMovedLikeBytes(long seed) {
        Augmentation moves = Augmentation.none().horizontalFlip().crop(3).border(Border.REPLICATE);
        int[] values = new SplittableRandom(seed).ints(48, 0, 256).toArray();
        try (Mat bytes = Pixels.gray(6, 8, values);
                Mat floats = new Mat(6, 8, opencv_core.CV_32FC1)) {
            for (int i = 0; i < values.length; i++) {
                new FloatPointer(floats.data()).put(i, values[i] / 256f - 3);
            }
            int[] expected = applied(moves, bytes, 6, 8, seed);
            try (Mat result = moves.apply(floats, 6, 8, new SplittableRandom(seed))) {
                float[] moved = new float[48];
                new FloatPointer(result.data()).get(moved);
                for (int i = 0; i < moved.length; i++) {
                    assertThat(moved[i]).isEqualTo(expected[i] / 256f - 3);
                }
            }
        }
    }

    @Test
    void refusesStepsThatMustKnowTheRangeOfFloats() {
        try (Mat floats = new Mat(6, 8, opencv_core.CV_32FC3)) {
            for (Augmentation step : List.of(
                    Augmentation.none().brightness(0.1),
                    Augmentation.none().contrast(0.1),
                    Augmentation.none().randomErasing(0.1))) {
                assertThatThrownBy(() -> step.apply(floats, 6, 8, new SplittableRandom(1)))
                        .isInstanceOf(ImageException.class)
                        .hasMessageContaining("0..255");
            }
        }
    }

    @Test
    void refusesMatsOfOtherTypesAndEmptyOnes() {
        try (Mat empty = new Mat();
                Mat deep = new Mat(4, 4, opencv_core.CV_16UC1, new Scalar(1))) {
            for (Mat mat : List.of(empty, deep)) {
                assertThatThrownBy(() -> ALL.apply(mat, 8, 8, new SplittableRandom(1)))
                        .isInstanceOf(ImageException.class);
            }
            assertThatIllegalArgumentException().isThrownBy(() -> ALL.apply(deep, 0, 8, new SplittableRandom(1)));
        }
    }
}
