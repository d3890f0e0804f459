package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.DownloadException;

class PublishedDatasetsTest {
    @TempDir
    Path folder;

    @Test
    void theDigitsAreAllThere() {
        ImageDataset digits = SampleDatasets.digits();
        assertThat(digits.size()).isEqualTo(1797);
        assertThat(digits.classNames()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        assertThat(digits.classCounts()).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
        assertThat(digits.label(0)).isEqualTo("0");
        assertThat(digits.label(1796)).isEqualTo("8");
        assertThat(digits.sourceOf(3)).isEqualTo("image 3 of the sample dataset");
    }

    /** The first row of the file begins 0, 0, 5, 13, 9, its second 0, 0, 13, 15; the second image has ink of 16. */
    @Test
    void theInkOfTheDigitsIsScaled() {
        INDArray zero = SampleDatasets.digits().image(0);
        assertThat(zero.shape()).containsExactly(1, 1, 8, 8);
        assertThat(zero.getInt(0, 0, 0, 2)).isEqualTo(80);
        assertThat(zero.getInt(0, 0, 0, 3)).isEqualTo(207);
        assertThat(zero.getInt(0, 0, 0, 4)).isEqualTo(143);
        assertThat(zero.getInt(0, 0, 1, 3)).isEqualTo(239);
        assertThat(SampleDatasets.digits().image(1).maxNumber().intValue()).isEqualTo(255);
    }

    private void writeFiles(String images, String labels, boolean compressed) throws IOException {
        for (String part : new String[] {"train", "t10k"}) {
            byte[] pixels = IdxDatasetTest.images(part.equals("train") ? 3 : 2, 28, 28);
            byte[] numbers = part.equals("train") ? IdxDatasetTest.labels(5, 0, 9) : IdxDatasetTest.labels(7, 7);
            Files.write(folder.resolve(part + images), compressed ? IdxDatasetTest.gzip(pixels) : pixels);
            Files.write(folder.resolve(part + labels), compressed ? IdxDatasetTest.gzip(numbers) : numbers);
        }
    }

    @Test
    void bothPartsHaveAllClasses() throws IOException {
        writeFiles("-images-idx3-ubyte.gz", "-labels-idx1-ubyte.gz", true);
        for (DatasetSplit split : new DatasetSplit[] {Mnist.folder(folder), FashionMnist.folder(folder)}) {
            assertThat(split.train().size()).isEqualTo(3);
            assertThat(split.test().size()).isEqualTo(2);
            assertThat(split.test().classNames())
                    .hasSize(10)
                    .isEqualTo(split.train().classNames());
            assertThat(split.train().label(2)).isEqualTo("9");
            assertThat(split.test().classIndex(0)).isEqualTo(7);
        }
        assertThat(FashionMnist.garments()).hasSize(10).contains("Sneaker");
    }

    @Test
    void unpackedFilesMayHaveADotInTheirNames() throws IOException {
        writeFiles("-images.idx3-ubyte", "-labels.idx1-ubyte", false);
        assertThat(Mnist.folder(folder).train().size()).isEqualTo(3);
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        writeFiles("-images-idx3-ubyte", "-labels-idx1-ubyte", false);
        Files.delete(folder.resolve("t10k-labels-idx1-ubyte"));
        assertThatThrownBy(() -> Mnist.folder(folder))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith(folder.toString())
                .hasMessageContaining("t10k-labels-idx1-ubyte, t10k-labels-idx1-ubyte.gz");
    }

    @Test
    void aLabelThatIsNoDigitIsRefused() throws IOException {
        writeFiles("-images-idx3-ubyte", "-labels-idx1-ubyte", false);
        Path labels = Files.write(folder.resolve("train-labels-idx1-ubyte"), IdxDatasetTest.labels(1, 10, 2));
        assertThatThrownBy(() -> Mnist.folder(folder))
                .isInstanceOf(DatasetException.class)
                .hasMessage(labels + ": labels must be 0 to 9, but one is 10");
    }

    @Test
    void withoutANetworkTheErrorSaysWhatIsMissing() {
        DownloadSettings offline =
                DownloadSettings.defaults().withCacheFolder(folder).withOffline(true);
        assertThatThrownBy(() -> Mnist.fetched(offline))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("mnist")
                .hasMessageContaining("train-images-idx3-ubyte.gz");
        assertThatThrownBy(() -> FashionMnist.fetched(offline))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("fashion-mnist");
    }
}
