package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.transfer4j.dataset.TestDatasets.numbers;
import static org.transfer4j.dataset.TestDatasets.ofLabels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.DatasetException;

class RegressionDatasetTest {
    private final RegressionDataset dataset = RegressionDataset.of(
                    ofLabels(List.of("x", "x", "x", "x")), new double[][] {{1.5, 9}, {-2, 9}, {1.5, 9}, {4, 8}})
            .named("age", "size");

    @TempDir
    private Path folder;

    @Test
    void eachImageHasItsNumbers() {
        assertThat(dataset.size()).isEqualTo(4);
        assertThat(dataset.targetNames()).containsExactly("age", "size");
        assertThat(dataset.targets(0)).containsExactly(1.5, 9);
        assertThat(dataset.targets(3)).containsExactly(4, 8);
        assertThat(dataset)
                .hasToString(
                        "4 images with 2 targets: age -2.000 to 4.000 (mean 1.250), size 8.000 to 9.000 (mean 8.750)");
        assertThat(dataset.images().label(0)).isEqualTo("[1.5, 9.0]");
        assertThat(dataset.images().classNames()).hasSize(3);
        dataset.targets(0)[0] = 7;
        assertThat(dataset.targets(0)).containsExactly(1.5, 9);
    }

    @Test
    void namesAreGivenWhereThereAreNone() {
        assertThat(RegressionDataset.of(Nd4j.zeros(2, 1, 2, 2), 1, 2).targetNames())
                .containsExactly("target");
        assertThat(RegressionDataset.of(Nd4j.zeros(1, 1, 2, 2), new double[][] {{1, 2}})
                        .targetNames())
                .containsExactly("target 1", "target 2");
        assertThat(dataset.named(" u\u0308ber ", "b").targetNames()).containsExactly("\u00fcber", "b");
    }

    @Test
    void derivedDatasetsKeepTheNumbers() {
        RegressionDataset derived = dataset.select(3, 3, 0).limit(2);
        assertThat(derived.size()).isEqualTo(2);
        assertThat(derived.targets(1)).containsExactly(4, 8);
        assertThat(derived.targetNames()).containsExactly("age", "size");
        RegressionDataset shuffled = dataset.shuffle(3);
        assertThat(numbers(shuffled.images()))
                .containsExactly(numbers(dataset.images().shuffle(3)));
        int[] order = numbers(shuffled.images());
        for (int i = 0; i < order.length; i++) {
            assertThat(shuffled.targets(i)).containsExactly(dataset.targets(order[i]));
        }
    }

    @Property(tries = 50)
    void partsHaveAllImagesOnceAndInOrder(
            @ForAll @IntRange(min = 2, max = 60) int size,
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double fraction,
            @ForAll long seed) {
        RegressionDataset all = RegressionDataset.of(
                Nd4j.zeros(size, 1, 1, 1),
                IntStream.range(0, size).mapToDouble(i -> i / 2.0).toArray());
        RegressionSplit split = all.split(fraction, seed);
        assertThat(split.train().size()).isEqualTo((int) Math.max(1, Math.min(size - 1, Math.round(size * fraction))));
        assertThat(split.test().size()).isEqualTo(size - split.train().size());
        assertThat(values(split.train())).isSorted();
        assertThat(values(split.test())).isSorted();
        assertThat(Stream.concat(values(split.train()).stream(), values(split.test()).stream())
                        .sorted())
                .isEqualTo(values(all));
        assertThat(values(all.split(fraction, seed).train())).isEqualTo(values(split.train()));
    }

    private static List<Double> values(RegressionDataset data) {
        return IntStream.range(0, data.size()).mapToObj(i -> data.targets(i)[0]).toList();
    }

    private Path list(String text) throws IOException {
        for (String name : List.of("a.jpg", "b.jpg", "c.jpg")) {
            TestDatasets.write(folder.resolve(name), TestDatasets.jpeg(1));
        }
        return TestDatasets.write(folder.resolve("list.csv"), text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aListWithAHeadingNamesTheTargets() throws IOException {
        RegressionDataset data = RegressionDataset.csv(
                list("\uFEFFFile, age ,\"height, m\"\na.jpg,31,1.75\n\n b.jpg , -4e-1 ,.5\r\na.jpg,7.,+2\n"));
        assertThat(data.targetNames()).containsExactly("age", "height, m");
        assertThat(data.size()).isEqualTo(3);
        assertThat(data.targets(0)).containsExactly(31, 1.75);
        assertThat(data.targets(1)).containsExactly(-0.4, 0.5);
        // the same file may be there with other numbers
        assertThat(data.targets(2)).containsExactly(7, 2);
        assertThat(data.images().sourceOf(1)).endsWith("b.jpg");
    }

    @Test
    void aListWithoutAHeading() throws IOException {
        RegressionDataset data = RegressionDataset.csv(list("a.jpg,1\nb.jpg,2\n"));
        assertThat(data.targetNames()).containsExactly("target");
        assertThat(data.targets(1)).containsExactly(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "path,age/a.jpg,1/b.jpg,| line 3: age must be a finite number, but is \"\"",
                "path,age/a.jpg,1/b.jpg,NaN| line 3: age must be a finite number, but is \"NaN\"",
                "path,age/a.jpg,Infinity| line 2: age must be a finite number, but is \"Infinity\"",
                "path,age/a.jpg,1e39| line 2: age must be a finite number, at most 3.4028235E38, but is 1.0E39",
                "path,age/a.jpg,0x1p3| line 2: age must be a finite number",
                "path,age/a.jpg,1,2| line 2: 2 fields, path,age, are expected but there are 3: a.jpg,1,2",
                "path,age/a.jpg| line 2: 2 fields, path,age, are expected but there are 1: a.jpg",
                "path,age/a.jpg;3| line 2: 2 fields, path,age, are expected but there are 1: a.jpg;3",
                "a.jpg,young| line 1: target must be a finite number, but is \"young\"; a heading begins with",
                "a.jpg| line 1: 2 fields, path,number, are expected but there are 1: a.jpg",
                "path/a.jpg| line 1: an image has one target or more",
                "path,age,age/a.jpg,1,2| line 1: targets have different names",
                "path,age,/a.jpg,1,2| line 1: a target has a name, but one of [age, ] is empty",
                "path,age| lists no images: rows of path,number are expected",
                ",1| line 1: the path is empty",
                "path,age/x.jpg,1| 1 of 1 images can't be used: ",
            })
    void whatIsNoSuchListIsRefusedWithItsRow(String text, String message) throws IOException {
        Path list = list(text.replace('/', '\n') + "\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> RegressionDataset.csv(list))
                .withMessageContaining(message)
                .withMessageContaining("list.csv");
    }

    @Test
    void brokenFilesMayBeLeftOutWithTheirNumbers() throws IOException {
        Path list = list("a.jpg,1\nx.jpg,2\nb.jpg,3\n");
        RegressionDataset data = RegressionDataset.csv(list, BrokenImages.SKIP);
        assertThat(values(data)).containsExactly(1.0, 3.0);
        assertThat(data.images().skipped()).hasSize(1);
        Path none = TestDatasets.write(folder.resolve("none.csv"), "x.jpg,2\n".getBytes(StandardCharsets.UTF_8));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> RegressionDataset.csv(none, BrokenImages.SKIP))
                .withMessageContaining("no image can be used; 1 of 1 images can't be used");
    }

    @Test
    void filesOfAFolderTellTheirNumbers() throws IOException {
        Files.createDirectories(folder.resolve("deep/.hidden"));
        TestDatasets.write(folder.resolve("deep/30_a.jpg"), TestDatasets.jpeg(1));
        TestDatasets.write(folder.resolve("10_b.jpg"), TestDatasets.jpeg(2));
        TestDatasets.write(folder.resolve("e20_c.jpg"), TestDatasets.jpeg(3));
        TestDatasets.write(folder.resolve("deep/.hidden/x.txt"), new byte[1]);
        RegressionDataset data = RegressionDataset.folder(folder, RegressionDatasetTest::number);
        assertThat(values(data)).containsExactly(10.0, 30.0, 20.0);
        assertThat(data.images().sourceOf(1)).endsWith("30_a.jpg");
        assertThat(RegressionDataset.folder(folder, BrokenImages.SKIP, file -> new double[] {number(file), 1})
                        .targetNames())
                .containsExactly("target 1", "target 2");
    }

    @Test
    @Timeout(600)
    void aLinkInACircleIsNamed() throws IOException {
        TestDatasets.write(folder.resolve("deep/1_a.jpg"), TestDatasets.jpeg(1));
        Files.createSymbolicLink(folder.resolve("deep/again"), folder);
        Files.createSymbolicLink(folder.resolve("deep/self"), folder.resolve("deep"));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> RegressionDataset.folder(folder, RegressionDatasetTest::number))
                .withMessageContaining("is a link to a folder in which it lies");
    }

    @Test
    @Timeout(600)
    void whatIsHiddenNeedNotBeReadable() throws IOException {
        TestDatasets.write(folder.resolve("deep/1_a.jpg"), TestDatasets.jpeg(1));
        Files.createSymbolicLink(folder.resolve("deep/.snapshot"), folder);
        Path trash = Files.createDirectories(folder.resolve(".Trash-0"));
        Files.setPosixFilePermissions(trash, Set.of());
        try {
            assertThat(values(RegressionDataset.folder(folder, RegressionDatasetTest::number)))
                    .containsExactly(1.0);
        } finally {
            Files.setPosixFilePermissions(trash, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void linksElsewhereAreFollowed(@TempDir Path elsewhere) throws IOException {
        TestDatasets.write(elsewhere.resolve("1_a.jpg"), TestDatasets.jpeg(1));
        Files.createSymbolicLink(folder.resolve("link"), elsewhere);
        RegressionDataset data = RegressionDataset.folder(folder, RegressionDatasetTest::number);
        assertThat(values(data)).containsExactly(1.0);
    }

    @Test
    @Timeout(600)
    void whatIsNoNumberIsFoundAtOnce() throws IOException {
        String digits = "1".repeat(1_000_000);
        for (String field : List.of(digits + "x", digits + "e", "." + digits + ".")) {
            assertThatExceptionOfType(DatasetException.class)
                    .isThrownBy(() -> RegressionDataset.csv(list("a.jpg," + field + "\n")))
                    .withMessageContaining("must be a finite number");
        }
    }

    private static double number(Path file) {
        return Double.parseDouble(file.getFileName().toString().replaceFirst("^e?(\\d+)_.*", "$1"));
    }

    @Test
    void whatAFileDoesNotTellIsRefusedWithItsName() throws IOException {
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> RegressionDataset.folder(folder, RegressionDatasetTest::number))
                .withMessageContaining("has no files");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> RegressionDataset.folder(folder.resolve("x"), RegressionDatasetTest::number))
                .withMessageContaining("does not exist");
        TestDatasets.write(folder.resolve("1_a.jpg"), TestDatasets.jpeg(1));
        TestDatasets.write(folder.resolve("two.jpg"), TestDatasets.jpeg(2));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> RegressionDataset.folder(folder, RegressionDatasetTest::number))
                .withMessageContaining("two.jpg")
                .withMessageContaining("its number can't be told: java.lang.NumberFormatException");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> RegressionDataset.folder(folder, file -> Double.NaN))
                .withMessageContaining("1_a.jpg")
                .withMessageContaining("target must be a finite number");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> RegressionDataset.folder(
                        folder,
                        BrokenImages.FAIL,
                        file -> new double[file.toString().contains("two") ? 2 : 1]))
                .withMessageContaining("two.jpg")
                .withMessageContaining("but there are 2: [0.0, 0.0]");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> RegressionDataset.folder(folder, BrokenImages.FAIL, file -> new double[0]))
                .withMessageContaining("a number for each of [target], but there are 0");
    }

    @Test
    void numbersThatDoNotFitAreRefusedWithTheirRow() {
        ImageDataset images = ofLabels(List.of("x", "x"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegressionDataset.of(images, 1))
                .withMessage("as many rows of targets as images are needed: 2 images, 1 rows");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegressionDataset.of(images, 1, Double.POSITIVE_INFINITY))
                .withMessageStartingWith("row 1 (")
                .withMessageContaining("target must be a finite number");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegressionDataset.of(images, new double[][] {{1, 2}, {3}}))
                .withMessageContaining("row 1")
                .withMessageContaining("a number for each of [target 1, target 2], but there are 1: [3.0]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegressionDataset.of(Nd4j.zeros(2, 1, 2, 2), 1, 2, 3))
                .withMessageContaining("2 images, 3 labels");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset.named("a"))
                .withMessage("each of 2 targets has a name, but these are [a]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset.named("a", " a "))
                .withMessageContaining("different names");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset.named("a", "\uFFFD"))
                .withMessageContaining("U+FFFD");
        assertThatIllegalArgumentException().isThrownBy(() -> dataset.limit(0));
        assertThatIllegalArgumentException().isThrownBy(() -> dataset.select());
        assertThatIllegalArgumentException().isThrownBy(() -> dataset.split(1, 0));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> dataset.limit(1).split(0.5, 0))
                .withMessageContaining("a split needs two images");
    }
}
