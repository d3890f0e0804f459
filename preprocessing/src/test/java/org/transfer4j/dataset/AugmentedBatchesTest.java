package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.ImageException;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;

class AugmentedBatchesTest {
    private static final BatchSettings SETTINGS = BatchSettings.of(12, 10, ImagePreprocessing.caffe());
    private static final ImageDataset DIGITS = SampleDatasets.digits().limit(40);
    private static final int[] ALL = IntStream.range(0, 40).toArray();
    private static final Augmentation AUGMENTATION =
            Augmentation.photos().randomErasing(0.5).crop(2);
    private static final IntFunction<SplittableRandom> BY_PLACE = SplittableRandom::new;

    /** One row of values for each image. */
    private static float[][] read(ImageBatches opened, int[] expectedImages) {
        float[][] rows = new float[expectedImages.length][];
        int done = 0;
        try (ImageBatches batches = opened) {
            while (batches.hasNext()) {
                ImageBatch batch = batches.next();
                float[] values = batch.features().dup('c').data().asFloat();
                int length = values.length / batch.size();
                for (int i = 0; i < batch.size(); i++, done++) {
                    rows[done] = Arrays.copyOfRange(values, i * length, (i + 1) * length);
                    assertThat(batch.classIndices()[i]).isEqualTo(DIGITS.classIndex(expectedImages[done]));
                }
            }
        }
        assertThat(done).isEqualTo(expectedImages.length);
        return rows;
    }

    private static float[][] augmented(int[] images, BatchSettings settings) {
        return read(DIGITS.augmentedBatches(images, AUGMENTATION, BY_PLACE, settings), images);
    }

    @Test
    void threadsAndBatchSizeDoNotMatter() {
        float[][] alone = augmented(ALL, SETTINGS.withThreads(1).withBatchSize(1));
        assertThat(augmented(ALL, SETTINGS.withThreads(4).withBatchSize(7))).isDeepEqualTo(alone);
        assertThat(augmented(ALL, SETTINGS)).isDeepEqualTo(alone);
        assertThat(read(DIGITS.batches(SETTINGS), ALL)[7]).isNotEqualTo(alone[7]);
    }

    @Test
    void anImageMayBeReadOftenAndIsAnotherEachTime() {
        int[] twice = {3, 3, 9, 3};
        float[][] rows = augmented(twice, SETTINGS);
        assertThat(rows[0]).isNotEqualTo(rows[1]);
        assertThat(rows[3]).isNotEqualTo(rows[1]);
    }

    @Test
    void noneIsWhatComesWithoutAugmentation() {
        int[] backwards = {39, 12, 0};
        float[][] plain = read(DIGITS.select(backwards).batches(SETTINGS), backwards);
        assertThat(read(DIGITS.augmentedBatches(backwards, Augmentation.none(), BY_PLACE, SETTINGS), backwards))
                .isDeepEqualTo(plain);
    }

    @Test
    void fractionalArraysKeepTheirRangeUnderNone() {
        INDArray values = Nd4j.rand(6, 3, 8, 8).subi(5);
        ImageDataset dataset = ImageDataset.of(values, new int[] {0, 1, 0, 1, 0, 1});
        BatchSettings settings = BatchSettings.of(8, 8, ImagePreprocessing.none());
        int[] all = {0, 1, 2, 3, 4, 5};
        try (ImageBatches batches =
                dataset.augmentedBatches(all, Augmentation.digits().horizontalFlip(), BY_PLACE, settings)) {
            INDArray features = batches.next().features();
            assertThat(features.minNumber().floatValue()).isBetween(-5f, -4f);
            assertThat(features.maxNumber().floatValue()).isBetween(-5f, -4f);
            assertThat(features).isNotEqualTo(values);
        }
        try (ImageBatches batches =
                dataset.augmentedBatches(all, Augmentation.none().brightness(0.1), BY_PLACE, settings)) {
            assertThatThrownBy(batches::next)
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("ImagePreprocessing.none()");
        }
    }

    /** Red, green and blue stay what they are on the way through OpenCV, which has them the other way round. */
    @Test
    void channelsKeepTheirOrder() {
        INDArray image = Nd4j.zeros(1, 3, 8, 8);
        image.slice(0).slice(0).assign(10);
        image.slice(0).slice(1).assign(20);
        image.slice(0).slice(2).assign(30);
        for (ImagePreprocessing mode :
                new ImagePreprocessing[] {ImagePreprocessing.none(), ImagePreprocessing.unit()}) {
            ImageDataset dataset = ImageDataset.of(image, new int[] {0});
            BatchSettings settings = BatchSettings.of(8, 8, mode);
            try (ImageBatches batches =
                    dataset.augmentedBatches(new int[] {0}, Augmentation.digits(), BY_PLACE, settings)) {
                INDArray features = batches.next().features();
                for (int channel = 0; channel < 3; channel++) {
                    assertThat(features.slice(0).slice(channel).toFloatMatrix())
                            .isDeepEqualTo(Nd4j.valueArrayOf(8L, 8L, 0)
                                    .castTo(features.dataType())
                                    .addi(mode.apply(channel, 10 * (channel + 1)))
                                    .toFloatMatrix());
                }
            }
        }
    }

    /** Each image is w times itself and 1 - w times another one, and so are its classes. */
    @Test
    void mixedImagesSayWhatTheyAreMadeOf() {
        int images = 30;
        INDArray values = Nd4j.arange(images).reshape(images, 1, 1, 1).castTo(DataType.FLOAT);
        int[] labels = IntStream.range(0, images).toArray();
        ImageDataset dataset = ImageDataset.of(values, labels);
        BatchSettings settings = BatchSettings.of(6, 6, ImagePreprocessing.none());
        for (Augmentation mixing :
                List.of(Augmentation.none().mixUp(1), Augmentation.none().cutMix(1))) {
            int other = 0;
            try (ImageBatches batches = dataset.augmentedBatches(labels, mixing, BY_PLACE, settings)) {
                ImageBatch batch = batches.next();
                for (int i = 0; i < images; i++) {
                    double weight = batch.weights()[i];
                    int partner = Integer.parseInt(dataset.classNames().get(batch.mixedClassIndices()[i]));
                    assertThat(batch.classIndices()[i]).isEqualTo(dataset.classIndex(i));
                    assertThat(batch.features().slice(i).meanNumber().doubleValue())
                            .isCloseTo(weight * i + (1 - weight) * partner, within(1e-4));
                    other += partner == i ? 0 : 1;
                }
            }
            assertThat(other).isGreaterThan(20);
        }
    }

    @Test
    void whatIsNotMixedHasOneClass() {
        try (ImageBatches batches = DIGITS.augmentedBatches(ALL, AUGMENTATION, BY_PLACE, SETTINGS)) {
            ImageBatch batch = batches.next();
            assertThat(batch.mixedClassIndices()).containsExactly(batch.classIndices());
            assertThat(batch.weights()).containsOnly(1);
        }
    }

    @Test
    void refusesNoImagesAndUnknownOnes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DIGITS.augmentedBatches(new int[0], AUGMENTATION, BY_PLACE, SETTINGS));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> DIGITS.augmentedBatches(new int[] {40}, AUGMENTATION, BY_PLACE, SETTINGS));
    }
}
