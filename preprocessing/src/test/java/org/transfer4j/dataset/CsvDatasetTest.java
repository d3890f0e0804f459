package org.transfer4j.dataset;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.transfer4j.dataset.TestDatasets.jpeg;
import static org.transfer4j.dataset.TestDatasets.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.error.DatasetException;

class CsvDatasetTest {
    @TempDir
    Path root;

    @BeforeEach
    void writeImages() throws IOException {
        write(root.resolve("images/a.jpg"), jpeg(100));
        write(root.resolve("images/b, \"2\".jpg"), jpeg(200));
    }

    private Path list(String text) throws IOException {
        return Files.writeString(root.resolve("list.csv"), text);
    }

    private List<String> labels(String text) throws IOException {
        ImageDataset dataset = ImageDataset.csv(list(text));
        return java.util.stream.IntStream.range(0, dataset.size())
                .mapToObj(dataset::label)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void anyLineEnding(String end) throws IOException {
        String text = String.join(end, "images/a.jpg,cat", "", "  ", "images/a.jpg,dog");
        assertThat(labels(text)).containsExactly("cat", "dog");
        assertThat(labels(text + end)).containsExactly("cat", "dog");
    }

    @Test
    void quotedFieldsMayHoldAnything() throws IOException {
        ImageDataset dataset =
                ImageDataset.csv(list("\"images/b, \"\"2\"\".jpg\",\"big,\r\n\"\"dog\"\"\"\nimages/a.jpg,cat"));
        assertThat(dataset.label(0)).isEqualTo("big,\r\n\"dog\"");
        assertThat(dataset.sourceOf(0))
                .isEqualTo(root.resolve("images/b, \"2\".jpg").toString());
        assertThat(dataset.image(0).getInt(0, 0, 0, 0)).isBetween(197, 203);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "path,label",
                "File, Class",
                "\"filename\",category",
                "image_path,TARGET",
                "\uFEFFpath,label",
                "filename,breed"
            })
    void headersAreRecognised(String header) throws IOException {
        assertThat(labels(header + "\nimages/a.jpg,1")).containsExactly("1");
    }

    @Test
    void anImageMayHaveTheNameOfATitle() throws IOException {
        Files.copy(root.resolve("images/a.jpg"), root.resolve("image"));
        assertThat(labels("image,cat\nimages/a.jpg,dog")).containsExactly("cat", "dog");
    }

    @Test
    void byteOrderMarkAndWhiteSpaceAreDropped() throws IOException {
        assertThat(labels("\uFEFFimages/a.jpg, cat \n images/a.jpg ,\tcat")).containsExactly("cat", "cat");
    }

    @Test
    void absolutePathsAndParentsAreFollowed() throws IOException {
        Path deep = write(
                root.resolve("lists/deep.csv"),
                ("../images/a.jpg,x\n" + root.resolve("images/a.jpg") + ",y").getBytes(UTF_8));
        assertThat(ImageDataset.csv(deep).size()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "images/a.jpg,cat\\nimages/a.jpg | line 2: two fields, path,label, are expected but there are 1",
                "images/a.jpg;cat | there are 1: images/a.jpg;cat; fields are separated by commas",
                "images/a.jpg\\tcat | fields are separated by commas",
                "images/a.jpg,cat,dog | there are 3",
                "images/a.jpg,cat\\n,dog | line 2: the path is empty",
                "images/a.jpg, | line 1: the label is empty",
                "images/a\"b.jpg,cat | line 1: a quote inside a field that does not begin with one: images/a\"b.jpg",
                "\"images/a.jpg\"x,cat | line 1: text between",
                "path,label\\n\\n\"images/a.jpg,cat | line 3: a quoted field that is never closed",
                "images/a.jpg,\"cat\"\" | line 1: a quoted field that is never closed",
                "\"images/a.jpg\",\"cat\"\\nimages/a.jpg,\" | line 2: a quoted field that is never closed",
                "path,label | lists no images",
                "\\n | lists no images"
            })
    void badRowsAreNamed(String text, String reason) throws IOException {
        Path list = list(text.replace("\\n", "\n").replace("\\t", "\t"));
        assertThatThrownBy(() -> ImageDataset.csv(list))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith(list.toString())
                .hasMessageContaining(reason);
    }

    @Test
    void emptyMissingAndForeignFiles() throws IOException {
        assertThatThrownBy(() -> ImageDataset.csv(list("")))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("lists no images");
        assertThatThrownBy(() -> ImageDataset.csv(root.resolve("no.csv")))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("does not exist");
        Path latin = Files.write(root.resolve("latin.csv"), "images/a.jpg,caf\u00e9".getBytes(ISO_8859_1));
        assertThatThrownBy(() -> ImageDataset.csv(latin))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void aMissingImageIsNamedWithItsLine() throws IOException {
        Path list = list("path,label\nimages/a.jpg,cat\nimages/none.jpg,cat");
        assertThatThrownBy(() -> ImageDataset.csv(list))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(root.resolve("images/none.jpg") + " does not exist (line 3 of list.csv)");
        ImageDataset dataset = ImageDataset.csv(list, BrokenImages.SKIP);
        assertThat(dataset.size()).isEqualTo(1);
        assertThat(dataset.skipped())
                .containsExactly(
                        new SkippedImage(root.resolve("images/none.jpg"), "does not exist (line 3 of list.csv)"));
    }

    @Test
    void aFolderIsNoImage() throws IOException {
        Path list = list("images,cat");
        assertThatThrownBy(() -> ImageDataset.csv(list))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("is not a file but a folder");
    }

    @Test
    void aClassIsTheSameInAnyForm() throws IOException {
        Path list = list("images/a.jpg,caf\u00e9\nnone.png,cafe\u0301\n");
        assertThat(ImageDataset.csv(list, BrokenImages.SKIP).classNames()).containsExactly("caf\u00e9");
    }

    @Test
    void linesInsideQuotesAreCounted() throws IOException {
        Path list = list("images/a.jpg,\"x\ny\"\nimages/none.jpg,cat");
        assertThatThrownBy(() -> ImageDataset.csv(list)).hasMessageContaining("line 3 of list.csv");
    }

    /** Far more than any path or label; a quote that is closed much later, or never, in a file of any length. */
    @Test
    void aFieldHasABound() throws IOException {
        Path list = list("images/a.jpg,\"" + "cat,".repeat(500_000));
        assertThatThrownBy(() -> ImageDataset.csv(list))
                .isInstanceOf(DatasetException.class)
                .hasMessage(list
                        + ": line 1: a field of more than 1048576 characters; is there a quote that is never closed?");
    }

    @Test
    void aFolderIsNoCsvFile() {
        assertThatThrownBy(() -> ImageDataset.csv(root))
                .isInstanceOf(DatasetException.class)
                .hasMessage(root + ": is a folder, but a CSV file is needed");
    }
}
