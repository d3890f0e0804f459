package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.transfer4j.dataset.TestDatasets.numbers;
import static org.transfer4j.dataset.TestDatasets.ofCounts;
import static org.transfer4j.dataset.TestDatasets.ofLabels;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.image.TestImages;
import org.transfer4j.preprocessing.ImagePreprocessing;

class ImageDatasetTest {
    @Test
    void wholeNumbersAreOrderedByValue() {
        assertThat(ofLabels(List.of("10", "9", "-1", "9")).classNames()).containsExactly("-1", "9", "10");
        assertThat(ofLabels(List.of("1", "01", "+1", "99999999999999999999")).classNames())
                .containsExactly("+1", "01", "1", "99999999999999999999");
    }

    @Test
    void otherLabelsAreOrderedByCodePoint() {
        assertThat(ofLabels(List.of("ant", "Zebra", "10", "9", "", "an")).classNames())
                .containsExactly("", "10", "9", "Zebra", "an", "ant");
        String beyondThePlane = "\uD83D\uDE00";
        String endOfThePlane = "\uFF5E";
        assertThat(ofLabels(List.of(beyondThePlane, endOfThePlane)).classNames())
                .containsExactly(endOfThePlane, beyondThePlane);
    }

    @Test
    void labelsOfArraysNeedNotBeDense() {
        ImageDataset dataset = ImageDataset.of(Nd4j.zeros(3, 3, 2, 2), new int[] {7, 3, 7});
        assertThat(dataset.classNames()).containsExactly("3", "7");
        assertThat(dataset.classIndex(0)).isEqualTo(1);
        assertThat(dataset.label(1)).isEqualTo("3");
        assertThat(dataset.classCounts()).containsExactly(1, 2);
        assertThat(dataset.image(2).shape()).containsExactly(1, 3, 2, 2);
    }

    @Test
    void imagesOfArraysKeepTheirValues() {
        INDArray images = Nd4j.arange(2 * 3 * 2 * 2).reshape(2, 3, 2, 2).divi(100);
        ImageDataset dataset = ImageDataset.of(images, List.of("a", "b"));
        assertThat(dataset.image(1).data().asFloat())
                .containsExactly(0.12f, 0.13f, 0.14f, 0.15f, 0.16f, 0.17f, 0.18f, 0.19f, 0.2f, 0.21f, 0.22f, 0.23f);
    }

    @Test
    void refusesArraysThatAreNotImages() {
        for (INDArray array : new INDArray[] {Nd4j.zeros(2, 2), Nd4j.zeros(2, 4, 4, 3), Nd4j.zeros(1, 2, 4, 4)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ImageDataset.of(array, new int[] {1}))
                    .withMessageContaining(Arrays.toString(array.shape()));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.of(Nd4j.zeros(2, 1, 4, 4), new int[] {1, 2, 3}))
                .withMessageContaining("2 images")
                .withMessageContaining("3 labels");
    }

    @Test
    void showsAPixelThatIsNotANumberAndRefusesItWhereItIsUsed() {
        INDArray images = Nd4j.zeros(3, 1, 2, 2);
        images.putScalar(new int[] {2, 0, 1, 0}, Float.NaN);
        ImageDataset dataset = ImageDataset.of(images, new int[] {0, 1, 1});
        assertThat(dataset.image(2).getFloat(0, 0, 1, 0)).isNaN();
        try (ImageBatches batches = dataset.batches(BatchSettings.of(2, 2, ImagePreprocessing.unit()))) {
            assertThatThrownBy(batches::next)
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("image 2 of the array")
                    .hasMessageContaining("NaN (channel 0, row 1, column 0)");
        }
        assertThat(dataset.image(1).sumNumber().intValue()).isZero();
    }

    @Test
    void encodedImagesAreOpenedWhenNeededAndClosed() {
        AtomicInteger opened = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        Supplier<InputStream> content = () -> {
            opened.incrementAndGet();
            return new ByteArrayInputStream(TestImages.grayPng(2, 3)) {
                @Override
                public void close() throws IOException {
                    closed.incrementAndGet();
                    super.close();
                }
            };
        };
        ImageDataset dataset = ImageDataset.encoded(List.of(
                EncodedImage.of("first", "x", content), EncodedImage.of("second", "y", TestImages.grayPng(4, 4))));
        assertThat(opened).hasValue(0);
        assertThat(dataset.image(0).shape()).containsExactly(1, 1, 2, 3);
        assertThat(dataset.image(1).shape()).containsExactly(1, 1, 4, 4);
        assertThat(opened).hasValue(1);
        assertThat(closed).hasValue(1);
        assertThat(dataset.sourceOf(1)).isEqualTo("second");
        assertThat(dataset.toString()).isEqualTo("2 images, 2 classes: x (1), y (1)");
    }

    @Test
    @Timeout(600)
    void aStreamThatCanNotBeClosedKeepsNoMemory() {
        try (Mat pixels = TestImages.gray(4000, 4000)) {
            byte[] png = TestImages.encode(".png", pixels);
            ImageDataset dataset =
                    ImageDataset.encoded(List.of(EncodedImage.of("upload", "x", () -> new ByteArrayInputStream(png) {
                        @Override
                        public void close() throws IOException {
                            throw new IOException("connection reset");
                        }
                    })));
            // more than all images together may take at once
            for (int i = 0; i < 50; i++) {
                assertThatThrownBy(() -> dataset.image(0))
                        .isInstanceOf(java.io.UncheckedIOException.class)
                        .hasMessageContainingAll("upload", "connection reset");
            }
        }
    }

    @Test
    void errorsOfEncodedImagesNameThem() throws IOException {
        InputStream closed = InputStream.nullInputStream();
        closed.close();
        ImageDataset dataset = ImageDataset.encoded(List.of(
                EncodedImage.of("upload 7", "x", new byte[0]),
                EncodedImage.of("upload 8", "x", () -> {
                    throw new IllegalStateException("gone");
                }),
                EncodedImage.of("upload 9", "x", () -> closed)));
        assertThatThrownBy(() -> dataset.image(0))
                .isInstanceOf(ImageException.class)
                .hasMessage("upload 7: is empty: 0 bytes");
        assertThatThrownBy(() -> dataset.image(1))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll("upload 8", "gone");
        assertThatThrownBy(() -> dataset.image(2))
                .isInstanceOf(java.io.UncheckedIOException.class)
                .hasMessageContainingAll("upload 9", "closed");
    }

    @Test
    void encodedBytesAreCopied() {
        byte[] png = TestImages.grayPng(2, 2);
        EncodedImage image = EncodedImage.of("a", "x", png);
        Arrays.fill(png, (byte) 0);
        assertThat(ImageDataset.encoded(List.of(image)).image(0).getInt(0, 0, 1, 1))
                .isEqualTo(11);
        assertThat(image).hasToString("a (x)");
        assertThat(image.name()).isEqualTo("a");
    }

    @Test
    void anEmptyDatasetIsNone() {
        assertThatThrownBy(() -> ImageDataset.encoded(List.of()))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("empty");
        assertThatIllegalArgumentException().isThrownBy(() -> ofCounts(3).limit(0));
        assertThatIllegalArgumentException().isThrownBy(() -> ofCounts(3).select());
    }

    @Test
    void limitTakesTheFirstAndKeepsTheClassTable() {
        ImageDataset limited = ofCounts(2, 3).limit(2);
        assertThat(numbers(limited)).containsExactly(0, 1);
        assertThat(limited.classNames()).containsExactly("a", "b");
        assertThat(limited.classCounts()).containsExactly(2, 0);
        assertThat(ofCounts(2, 3).limit(99).size()).isEqualTo(5);
    }

    @Test
    void selectTakesAnyOrderAndRepeats() {
        ImageDataset selected = ofCounts(2, 3).select(4, 0, 4).select(0, 2, 1);
        assertThat(numbers(selected)).containsExactly(4, 4, 0);
        assertThat(selected.label(0)).isEqualTo("b");
        assertThat(selected.sourceOf(0)).isEqualTo("image 4 of the array");
        assertThatThrownBy(() -> selected.select(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> selected.label(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void manyClassesAreNotAllNamed() {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            labels.add(String.valueOf(i));
        }
        assertThat(ofLabels(labels).toString())
                .startsWith("30 images, 30 classes: 0 (1)")
                .endsWith("19 (1), ...");
    }

    /** The generator is specified by Java to the bit: this order must never change. */
    @Test
    void aSeedMeansTheSameForEver() {
        assertThat(numbers(ofCounts(10).shuffle(42))).containsExactly(4, 6, 2, 1, 7, 9, 8, 5, 3, 0);
        assertThat(numbers(ofCounts(4, 6).split(0.5, 42).train())).containsExactly(1, 3, 5, 8, 9);
    }

    @Test
    void splitRefusesWhatMakesNoSense() {
        for (double fraction : new double[] {0, 1, -0.5, 1.5, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ofCounts(4, 4).split(fraction, 1))
                    .withMessageContaining(String.valueOf(fraction));
        }
        assertThatThrownBy(() -> ofCounts(1, 1).split(0.5, 1))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no class has two images");
    }
}
