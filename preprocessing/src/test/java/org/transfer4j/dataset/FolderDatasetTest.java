package org.transfer4j.dataset;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.transfer4j.dataset.TestDatasets.jpeg;
import static org.transfer4j.dataset.TestDatasets.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.image.TestImages;

class FolderDatasetTest {
    @TempDir
    Path root;

    private void writeTwoClasses() throws IOException {
        write(root.resolve("dog/b.jpg"), jpeg(200));
        write(root.resolve("dog/a.jpg"), jpeg(100));
        write(root.resolve("Cat/z.png"), TestImages.grayPng(4, 6));
    }

    private static String[] names(ImageDataset dataset) {
        return IntStream.range(0, dataset.size())
                .mapToObj(i -> Path.of(dataset.sourceOf(i)).getFileName().toString())
                .toArray(String[]::new);
    }

    @Test
    void foldersAreClassesInTheOrderOfTheirNames() throws IOException {
        writeTwoClasses();
        ImageDataset dataset = ImageDataset.folder(root);
        assertThat(dataset.classNames()).containsExactly("Cat", "dog");
        assertThat(names(dataset)).containsExactly("z.png", "a.jpg", "b.jpg");
        assertThat(dataset.label(2)).isEqualTo("dog");
        assertThat(dataset.image(0).shape()).containsExactly(1, 1, 4, 6);
        assertThat(dataset.image(2).getInt(0, 0, 0, 0)).isBetween(197, 203);
        assertThat(dataset.skipped()).isEmpty();
    }

    @Test
    void hiddenFilesAndFilesBesideTheClassesAreIgnored() throws IOException {
        writeTwoClasses();
        write(root.resolve(".DS_Store"), new byte[5]);
        write(root.resolve("dog/.DS_Store"), new byte[5]);
        write(root.resolve(".cache/x"), new byte[5]);
        write(root.resolve("dog/.thumbnails/x"), new byte[5]);
        write(root.resolve("README.txt"), new byte[5]);
        assertThat(ImageDataset.folder(root).size()).isEqualTo(3);
    }

    @Test
    void aClassWithoutImagesIsAnError() throws IOException {
        writeTwoClasses();
        Files.createDirectory(root.resolve("empty"));
        assertThatThrownBy(() -> ImageDataset.folder(root))
                .isInstanceOf(DatasetException.class)
                .hasMessage(root.resolve("empty") + ": is a class without images");
    }

    @Test
    void aFolderWithoutClassesIsAnError() throws IOException {
        write(root.resolve("a.jpg"), jpeg(1));
        assertThatThrownBy(() -> ImageDataset.folder(root))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no class folders");
        assertThatThrownBy(() -> ImageDataset.folder(root.resolve("a.jpg")))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("is not a folder");
        assertThatThrownBy(() -> ImageDataset.folder(root.resolve("b")))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("does not exist");
    }

    @Test
    void oneLevelTooHighIsAnError() throws IOException {
        write(root.resolve("train/dog/a.jpg"), jpeg(1));
        assertThatThrownBy(() -> ImageDataset.folder(root))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("contains a folder, dog");
    }

    private void writeBroken() throws IOException {
        writeTwoClasses();
        byte[] jpeg = jpeg(50);
        write(root.resolve("dog/cut.jpg"), TestImages.truncated(jpeg, 40));
        write(root.resolve("dog/text.png"), "no image".getBytes(US_ASCII));
        write(root.resolve("Cat/empty.jpg"), new byte[0]);
    }

    @Test
    void failingListsAllThatIsWrong() throws IOException {
        writeBroken();
        assertThatThrownBy(() -> ImageDataset.folder(root))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("3 of 6 images can't be used")
                .hasMessageContaining(root.resolve("Cat/empty.jpg") + " is empty")
                .hasMessageContaining(root.resolve("dog/cut.jpg") + " is truncated")
                .hasMessageContaining(root.resolve("dog/text.png") + " is text");
    }

    @Test
    void skippingReportsWhatIsLeftOut() throws IOException {
        writeBroken();
        ImageDataset dataset = ImageDataset.folder(root, BrokenImages.SKIP);
        assertThat(names(dataset)).containsExactly("z.png", "a.jpg", "b.jpg");
        assertThat(dataset.skipped())
                .extracting(image -> root.relativize(image.file()).toString())
                .containsExactly("Cat/empty.jpg", "dog/cut.jpg", "dog/text.png");
        assertThat(dataset.skipped().get(1).reason()).contains("truncated");
        assertThat(dataset.limit(1).skipped()).hasSize(3);
    }

    /** Damage between header and end shows in the decoder alone. */
    @Test
    void onlySkippingDecodesAtOpening() throws IOException {
        writeTwoClasses();
        byte[] png = TestImages.grayPng(8, 8);
        png[png.length - 14] ^= 1;
        Path damaged = write(root.resolve("dog/damaged.png"), png);
        ImageDataset failing = ImageDataset.folder(root);
        assertThat(failing.size()).isEqualTo(4);
        assertThatThrownBy(() -> failing.image(3))
                .isInstanceOf(ImageException.class)
                .hasMessageStartingWith(damaged + ": is damaged");
        assertThat(ImageDataset.folder(root, BrokenImages.SKIP).skipped()).hasSize(1);
    }

    /** The data end early, and a marker of the end follows, which deceives those who look at the tail. */
    @Test
    void halfJpegsAreReported() throws IOException {
        writeTwoClasses();
        byte[] whole = jpeg(50);
        byte[] half = TestImages.truncated(whole, 3);
        half[half.length - 2] = (byte) 0xFF;
        half[half.length - 1] = (byte) 0xD9;
        Path file = write(root.resolve("dog/half.jpg"), half);
        ImageDataset skipping = ImageDataset.folder(root, BrokenImages.SKIP);
        assertThat(skipping.skipped()).singleElement().satisfies(skipped -> {
            assertThat(skipped.file()).isEqualTo(file);
            assertThat(skipped.reason()).startsWith("is truncated: its data end early, after ");
        });
        ImageDataset failing = ImageDataset.folder(root);
        assertThatThrownBy(() -> failing.image(3))
                .isInstanceOf(ImageException.class)
                .hasMessageStartingWith(file + ": is truncated: its data end early");
    }

    @Test
    void losingAWholeClassIsAnErrorEvenWhenSkipping() throws IOException {
        writeTwoClasses();
        write(root.resolve("bird/cut.jpg"), TestImages.truncated(jpeg(50), 40));
        assertThatThrownBy(() -> ImageDataset.folder(root, BrokenImages.SKIP))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("\"bird\"")
                .hasMessageContaining("cut.jpg");
    }

    @Test
    void aLongListOfProblemsIsCutShort() throws IOException {
        for (int i = 0; i < 13; i++) {
            write(root.resolve("dog/" + i + ".jpg"), new byte[0]);
        }
        assertThatThrownBy(() -> ImageDataset.folder(root))
                .hasMessageContaining("13 of 13")
                .hasMessageEndingWith("and 3 more");
    }
}
