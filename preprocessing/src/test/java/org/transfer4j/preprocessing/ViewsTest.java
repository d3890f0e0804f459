package org.transfer4j.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.dataset.ImageBatches;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.augment.Pixels;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.internal.pixel.BilinearResize;

class ViewsTest {
    private static final ImageDataset DIGITS = SampleDatasets.digits().limit(5);
    private static final BatchSettings SETTINGS =
            BatchSettings.of(12, 10, ImagePreprocessing.unit()).withBatchSize(4);

    private static int[] view(Views views, Mat image, int height, int width, int view) {
        try (Mat result = views.apply(image, height, width, view)) {
            assertThat(result.type()).isEqualTo(image.type());
            assertThat(result.rows()).isEqualTo(height);
            assertThat(result.cols()).isEqualTo(width);
            return Pixels.of(result);
        }
    }

    private static Mat noise(int channels) {
        return Pixels.noise(23, 17, channels, new SplittableRandom(3));
    }

    /** Left and right of pixels, row by row. */
    private static int[] mirrored(int[] pixels, int width, int channels) {
        return IntStream.range(0, pixels.length)
                .map(i -> {
                    int pixel = i / channels;
                    int column = pixel % width;
                    return pixels[(pixel - column + width - 1 - column) * channels + i % channels];
                })
                .toArray();
    }

    @Test
    void theFirstViewIsTheImageAsItIs() {
        Augmentation random = Augmentation.photos().randomErasing(1);
        for (Views views : List.of(Views.none(), Views.flipped(), Views.crops(0.5), Views.of(random, 3, 1))) {
            for (int channels : new int[] {1, 3}) {
                try (Mat image = noise(channels);
                        Mat resized = new BilinearResize(9, 14).resize(image)) {
                    assertThat(view(views, image, 9, 14, 0)).containsExactly(Pixels.of(resized));
                }
            }
        }
        assertThat(Views.none().count()).isEqualTo(1);
    }

    @Test
    void theMirrorImageHasLeftAndRightExchanged() {
        for (int channels : new int[] {1, 3}) {
            try (Mat image = noise(channels)) {
                int[] plain = view(Views.flipped(), image, 9, 14, 0);
                assertThat(view(Views.flipped(), image, 9, 14, 1))
                        .containsExactly(mirrored(plain, 14, channels))
                        .isNotEqualTo(plain);
            }
        }
        assertThat(Views.flipped().count()).isEqualTo(2);
    }

    /** Half of 8 x 8 pixels, for a network of 4 x 4: nothing is interpolated. */
    @Test
    void cropsAreTheCornersAndTheCentre() {
        Views crops = Views.crops(0.5);
        assertThat(crops.count()).isEqualTo(6);
        int[] rows = {0, 0, 4, 4, 2};
        int[] columns = {0, 4, 0, 4, 2};
        try (Mat image = Pixels.gray(8, 8, IntStream.range(0, 64).toArray())) {
            for (int crop = 0; crop < 5; crop++) {
                int first = 8 * rows[crop] + columns[crop];
                assertThat(view(crops, image, 4, 4, crop + 1))
                        .containsExactly(IntStream.range(0, 16)
                                .map(i -> first + 8 * (i / 4) + i % 4)
                                .toArray());
            }
            Views both = crops.andFlipped();
            assertThat(both.count()).isEqualTo(12);
            for (int i = 0; i < 6; i++) {
                assertThat(view(both, image, 4, 4, 6 + i)).containsExactly(mirrored(view(crops, image, 4, 4, i), 4, 1));
            }
            assertThat(both.andFlipped()).isSameAs(both);
        }
    }

    @Test
    void aPartKeepsTheRatioOfTheImage() {
        try (Mat wide = Pixels.gray(2, 4, 0, 0, 200, 200, 0, 0, 200, 200)) {
            assertThat(view(Views.crops(0.5), wide, 1, 2, 1)).containsExactly(0, 0);
            assertThat(view(Views.crops(0.5), wide, 1, 2, 4)).containsExactly(200, 200);
            assertThat(view(Views.crops(0.5), wide, 1, 2, 5)).containsExactly(0, 200);
        }
    }

    @Test
    void drawsComeFromTheSeedAlone() {
        Augmentation augmentation = Augmentation.photos();
        Views views = Views.of(augmentation, 4, 42);
        assertThat(views.count()).isEqualTo(5);
        try (Mat image = noise(3)) {
            List<int[]> seen = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                int[] pixels = view(views, image, 9, 14, i);
                assertThat(view(Views.of(augmentation, 4, 42), image, 9, 14, i)).containsExactly(pixels);
                assertThat(seen).doesNotContain(pixels);
                seen.add(pixels);
            }
            assertThat(view(Views.of(augmentation, 4, 43), image, 9, 14, 1)).isNotEqualTo(seen.get(1));
            // fewer of the same seed are the first of them
            assertThat(view(Views.of(augmentation, 2, 42), image, 9, 14, 2)).containsExactly(seen.get(2));
        }
    }

    @Test
    void aDatasetGivesAllViewsOfAnImageOneAfterTheOther() {
        Views views = Views.crops(0.8);
        INDArray plain = read(DIGITS.batches(SETTINGS), 5);
        INDArray all = read(DIGITS.batches(views, SETTINGS), 30);
        for (int image = 0; image < 5; image++) {
            assertThat(all.slice(6L * image)).isEqualTo(plain.slice(image));
            try (DecodedImage own = DecodedImage.of(DIGITS.image(image), ImageOrigin.UNNAMED)) {
                float[] expected = new float[3 * 12 * 10];
                new ImageConverter(12, 10, ImagePreprocessing.unit())
                        .convert(own, "digit", views, 5, FloatBuffer.wrap(expected));
                assertThat(all.slice(6L * image + 5).dup('c').data().asFloat()).containsExactly(expected);
            }
        }
        try (ImageBatches batches = DIGITS.batches(views, SETTINGS)) {
            assertThat(batches.next().classIndices())
                    .containsExactly(
                            DIGITS.classIndex(0), DIGITS.classIndex(0), DIGITS.classIndex(0), DIGITS.classIndex(0));
        }
    }

    private static INDArray read(ImageBatches batches, int rows) {
        INDArray all = Nd4j.create(rows, 3, 12, 10);
        int row = 0;
        try (batches) {
            while (batches.hasNext()) {
                INDArray features = batches.next().features();
                for (int i = 0; i < features.size(0); i++) {
                    all.slice(row++).assign(features.slice(i));
                }
            }
        }
        assertThat(row).isEqualTo(rows);
        return all;
    }

    /** Values of a network without preprocessing are moved as they are. */
    @Test
    void anyValuesAreMoved() {
        INDArray values = Nd4j.createFromArray(-5f, 0f, 7f, 1000f).reshape(1, 2, 2);
        try (DecodedImage.Floats image = new DecodedImage.Floats(values)) {
            float[] planes = new float[12];
            new ImageConverter(2, 2, ImagePreprocessing.none())
                    .convert(image, "values", Views.flipped(), 1, FloatBuffer.wrap(planes));
            assertThat(planes).startsWith(0f, -5f, 1000f, 7f);
            Views bright = Views.of(Augmentation.none().brightness(0.1), 1, 1);
            assertThatThrownBy(() -> new ImageConverter(2, 2, ImagePreprocessing.none())
                            .convert(image, "values", bright, 1, FloatBuffer.wrap(planes)))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("need pixels of 0..255");
        }
    }

    @Test
    void equalViewsDoTheSame() {
        assertThat(Views.crops(0.9)).isEqualTo(Views.crops(0.9)).hasSameHashCodeAs(Views.crops(0.9));
        assertThat(Views.crops(0.9)).isNotEqualTo(Views.crops(0.8)).isNotEqualTo(Views.flipped());
        assertThat(Views.of(Augmentation.photos(), 2, 1))
                .isEqualTo(Views.of(Augmentation.photos(), 2, 1))
                .isNotEqualTo(Views.of(Augmentation.photos(), 2, 2));
        assertThat(Views.flipped()).hasToString("the image; the image, mirrored");
        assertThat(Views.crops(0.75).toString()).contains("0.750 of it from 0.250, 0.000");
    }

    @Test
    void manyViewsThatAreFlippedAreTheSameFlippedAgain() {
        Views many = Views.of(Augmentation.photos(), 499, 1).andFlipped();
        assertThat(many.count()).isEqualTo(1000);
        assertThat(many.andFlipped()).isSameAs(many);
    }

    static List<ThrowingCallable> refused() {
        Augmentation photos = Augmentation.photos();
        return List.of(
                () -> Views.crops(0.09),
                () -> Views.crops(1),
                () -> Views.crops(Double.NaN),
                () -> Views.of(photos, 0, 1),
                () -> Views.of(photos, 1000, 1),
                () -> Views.of(photos.mixUp(0.2), 4, 1),
                () -> Views.of(photos.cutMix(1), 4, 1),
                () -> Views.of(Augmentation.none(), 4, 1),
                () -> Views.of(photos, 500, 1).andFlipped());
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatMakesNoSenseIsRefused(ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call);
    }

    @Test
    void aViewThatIsNotThereIsRefused() {
        try (Mat image = noise(1)) {
            assertThatThrownBy(() -> Views.flipped().apply(image, 4, 4, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
