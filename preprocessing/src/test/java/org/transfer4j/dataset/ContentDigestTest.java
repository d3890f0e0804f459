package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ContentDigestTest {
    @TempDir
    private Path folder;

    private static INDArray twoImages() {
        return Nd4j.create(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, new long[] {2, 1, 2, 2}, 'c');
    }

    @Test
    void anEncodedImageIsKnownByItsBytesAlone() throws Exception {
        byte[] jpeg = TestDatasets.jpeg(10);
        TestDatasets.write(folder.resolve("a/first.jpg"), jpeg);
        TestDatasets.write(folder.resolve("b/other.png"), jpeg);
        ImageDataset files = ImageDataset.folder(folder);
        ImageDataset streams = ImageDataset.encoded(List.of(EncodedImage.of("upload", "c", jpeg)));

        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write("encoded\n".getBytes(StandardCharsets.US_ASCII));
        content.write(jpeg);
        byte[] expected = MessageDigest.getInstance("SHA-256").digest(content.toByteArray());
        assertThat(files.contentDigest(0)).isEqualTo(expected);
        assertThat(files.contentDigest(1)).isEqualTo(expected);
        assertThat(streams.contentDigest(0)).isEqualTo(expected);
    }

    @Test
    void aChangedFileIsAnotherImage() throws IOException {
        Path file = TestDatasets.write(folder.resolve("a/x.jpg"), TestDatasets.jpeg(10));
        ImageDataset files = ImageDataset.folder(folder);
        byte[] before = files.contentDigest(0);
        Files.write(file, TestDatasets.jpeg(200));
        assertThat(files.contentDigest(0)).isNotEqualTo(before);
    }

    @Test
    void theOrderPlaysNoPart() {
        ImageDataset digits = SampleDatasets.digits().limit(20);
        ImageDataset turned = digits.select(19, 3);
        assertThat(turned.contentDigest(0)).isEqualTo(digits.contentDigest(19));
        assertThat(turned.contentDigest(1)).isEqualTo(digits.contentDigest(3));
        assertThat(digits.contentDigest(3)).isNotEqualTo(digits.contentDigest(19));
    }

    @Test
    void arraysAreKnownByTheirValuesInWhateverTypeAndLayout() {
        ImageDataset floats = ImageDataset.of(twoImages(), new int[] {0, 1});
        ImageDataset bytes = ImageDataset.of(twoImages().castTo(DataType.UINT8), new int[] {1, 0});
        ImageDataset turned = ImageDataset.of(twoImages().dup('f'), new int[] {0, 1});
        for (int i = 0; i < 2; i++) {
            assertThat(bytes.contentDigest(i)).isEqualTo(floats.contentDigest(i));
            assertThat(turned.contentDigest(i)).isEqualTo(floats.contentDigest(i));
        }
        assertThat(floats.contentDigest(0)).isNotEqualTo(floats.contentDigest(1));
    }

    @Test
    void theSamePixelsInAnotherShapeAreAnotherImage() {
        ImageDataset square = ImageDataset.of(twoImages(), new int[] {0, 1});
        ImageDataset wide = ImageDataset.of(twoImages().reshape(2, 1, 1, 4), new int[] {0, 1});
        assertThat(wide.contentDigest(0)).isNotEqualTo(square.contentDigest(0));
    }

    @Test
    void onePixelMakesAnotherImage() {
        INDArray changed = twoImages();
        changed.putScalar(new int[] {1, 0, 1, 1}, 9);
        ImageDataset before = ImageDataset.of(twoImages(), new int[] {0, 1});
        ImageDataset after = ImageDataset.of(changed, new int[] {0, 1});
        assertThat(after.contentDigest(0)).isEqualTo(before.contentDigest(0));
        assertThat(after.contentDigest(1)).isNotEqualTo(before.contentDigest(1));
    }

    @Test
    void aFileThatIsGoneIsNamed() throws IOException {
        Path file = TestDatasets.write(folder.resolve("a/gone.jpg"), TestDatasets.jpeg(10));
        ImageDataset files = ImageDataset.folder(folder);
        Files.delete(file);
        assertThatThrownBy(() -> files.contentDigest(0))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("gone.jpg");
    }
}
