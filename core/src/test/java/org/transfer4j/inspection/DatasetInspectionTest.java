package org.transfer4j.inspection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.BrokenImages;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.DatasetException;
import org.transfer4j.testing.Pictures;

class DatasetInspectionTest {
    private static final TransferLearner LEARNER = TransferLearner.tinyVgg();
    private static final int IMAGES = 40;

    @TempDir
    private Path folder;

    private static EncodedImage picture(int number) {
        return EncodedImage.of(number + ".png", number % 2 == 0 ? "red" : "blue", Pictures.png(number));
    }

    private static List<EncodedImage> pictures() {
        return new ArrayList<>(IntStream.range(0, IMAGES)
                .mapToObj(DatasetInspectionTest::picture)
                .toList());
    }

    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, format, bytes);
        return bytes.toByteArray();
    }

    private static List<String> names(Finding finding) {
        return finding.images().stream().map(InspectedImage::image).toList();
    }

    private static DatasetInspection inspected(List<EncodedImage> images) {
        return DatasetInspection.of(LEARNER, ImageDataset.encoded(images));
    }

    /** 0.83 was measured, 22 of 30 among 23 suspects; by chance it would be 0.05. */
    @Test
    void flippedLabelsOfDigitsAreFound() {
        ImageDataset digits = SampleDatasets.digits().shuffle(1).limit(600);
        Random random = new Random(7);
        List<String> labels = new ArrayList<>(
                IntStream.range(0, digits.size()).mapToObj(digits::label).toList());
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, digits.size()).boxed().toList());
        Collections.shuffle(order, random);
        Set<Integer> flipped = new HashSet<>(order.subList(0, 30));
        flipped.forEach(i -> labels.set(i, Integer.toString((digits.classIndex(i) + 1 + random.nextInt(9)) % 10)));
        INDArray pixels = Nd4j.concat(
                0, IntStream.range(0, digits.size()).mapToObj(digits::image).toArray(INDArray[]::new));
        List<SuspectLabel> suspects =
                DatasetInspection.of(LEARNER, ImageDataset.of(pixels, labels)).suspectLabels();

        long found =
                suspects.stream().filter(each -> flipped.contains(each.index())).count();
        assertThat(2.0 * found / (suspects.size() + flipped.size()))
                .as("F1 of %s suspects, %s found of %s", suspects.size(), found, flipped.size())
                .isGreaterThan(0.75);
        long rightlySuggested = suspects.stream()
                .filter(each -> flipped.contains(each.index()))
                .filter(each -> each.suggestion().equals(digits.label(each.index())))
                .count();
        assertThat(rightlySuggested).isGreaterThan(found * 8 / 10);
        assertThat(suspects).allSatisfy(each -> {
            assertThat(each.suggestion()).isNotEqualTo(each.label()).isEqualTo(each.suggestion());
            assertThat(each.label()).isEqualTo(labels.get(each.index()));
            assertThat(each.probability()).isBetween(each.labelProbability(), 1.0);
        });
    }

    @Test
    void soundDataHasNoCopiesAndIsAllSound() {
        DatasetInspection inspection = inspected(pictures());
        assertThat(inspection.size()).isEqualTo(IMAGES);
        assertThat(inspection.findings(RepeatedImage.class)).isEmpty();
        assertThat(inspection.findings(UnreadableImage.class)).isEmpty();
        assertThat(inspection.findings(RareClass.class)).isEmpty();
        assertThat(inspection.suspectLabels()).isEmpty();
        assertThat(inspection.soundImages())
                .containsExactly(IntStream.range(0, IMAGES).toArray());
        assertThat(inspection.forms()).containsExactly(new DatasetInspection.ImageForm(16, 16, 3, IMAGES));
        assertThat(inspection.classes())
                .containsExactly(
                        new DatasetInspection.ClassCount("", "blue", IMAGES / 2),
                        new DatasetInspection.ClassCount("", "red", IMAGES / 2));
    }

    @Test
    void copiesAreFoundAndUnderWhichLabels() throws IOException {
        List<EncodedImage> images = pictures();
        images.add(EncodedImage.of("copy.png", "red", Pictures.png(4)));
        images.add(EncodedImage.of("other label.png", "blue", Pictures.png(8)));
        images.add(EncodedImage.of("again.bmp", "red", encoded(Pictures.image(12), "bmp")));
        DatasetInspection inspection = inspected(images);

        assertThat(inspection.findings(RepeatedImage.class))
                .extracting(DatasetInspectionTest::names, RepeatedImage::identical)
                .containsExactlyInAnyOrder(
                        tuple(List.of("4.png", "copy.png"), true),
                        tuple(List.of("8.png", "other label.png"), true),
                        tuple(List.of("12.png", "again.bmp"), false));
        assertThat(inspection.findings(ContradictoryLabels.class))
                .extracting(DatasetInspectionTest::names)
                .containsExactly(List.of("8.png", "other label.png"));
        assertThat(inspection.findings(LeakedImage.class)).isEmpty();
        assertThat(inspection.soundImages())
                .hasSize(IMAGES - 1)
                .doesNotContain(8, IMAGES, IMAGES + 1, IMAGES + 2)
                .contains(4, 12);
    }

    /** Copies have no distance from each other, by which others could be measured. */
    @Test
    void oneUnderMostlyCopiesIsNoInfinitelyFarImage() throws IOException {
        List<EncodedImage> images = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            images.add(EncodedImage.of("copy" + i + ".png", i % 2 == 0 ? "red" : "blue", withText(Pictures.png(4), i)));
        }
        IntStream.range(10, 20).mapToObj(DatasetInspectionTest::picture).forEach(images::add);
        DatasetInspection inspection = inspected(images);

        assertThat(inspection.findings(Outlier.class))
                .allSatisfy(outlier -> assertThat(outlier.distance()).isFinite())
                .flatExtracting(DatasetInspectionTest::names)
                .noneMatch(name -> name.startsWith("copy"));
        assertThat(inspection.toString()).contains("nearly the same 50 times");
        assertThat(inspection.toJson()).doesNotContain("Infinity", "NaN");
        inspection.html(folder.resolve("inspection.html"));
    }

    /** The same pixels under other bytes. */
    private static byte[] withText(byte[] png, int number) {
        byte[] chunk = ("tEXtn\0" + number).getBytes(StandardCharsets.ISO_8859_1);
        CRC32 checksum = new CRC32();
        checksum.update(chunk);
        int behindTheHead = 33;
        return ByteBuffer.allocate(png.length + chunk.length + 8)
                .put(png, 0, behindTheHead)
                .putInt(chunk.length - 4)
                .put(chunk)
                .putInt((int) checksum.getValue())
                .put(png, behindTheHead, png.length - behindTheHead)
                .array();
    }

    @Test
    void partsAreComparedWithEachOther() {
        ImageDataset all = ImageDataset.encoded(pictures());
        int[] first = IntStream.range(0, 30).toArray();
        ImageDataset test = all.select(
                IntStream.concat(IntStream.range(30, IMAGES), IntStream.of(5)).toArray());
        DatasetInspection inspection = DatasetInspection.of(LEARNER, new DatasetSplit(all.select(first), test));

        assertThat(inspection.findings(LeakedImage.class)).singleElement().satisfies(leak -> {
            assertThat(leak.images()).extracting(InspectedImage::part).containsExactly("training", "test");
            assertThat(leak.images()).extracting(InspectedImage::index).containsExactly(5, 10);
        });
        assertThat(inspection.soundImages()).hasSize(29).doesNotContain(5);
        DatasetInspection three =
                DatasetInspection.of(LEARNER, all.select(first), all.select(30, 31, 32), all.select(33, 34, 30));
        assertThat(three.findings(LeakedImage.class))
                .singleElement()
                .satisfies(leak -> assertThat(leak.images())
                        .extracting(InspectedImage::part)
                        .containsExactly("validation", "test"));
    }

    private static EncodedImage enlarged(ImageDataset digits, int index, String format) throws IOException {
        float[][] pixels = digits.image(index).reshape(8, 8).toFloatMatrix();
        BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 32 * 32; i++) {
            image.getRaster().setSample(i % 32, i / 32, 0, Math.round(pixels[i / 32 / 4][i % 32 / 4]));
        }
        return EncodedImage.of(index + "." + format, digits.label(index), encoded(image, format));
    }

    /** 12 of 12 and 111 of 120 were measured. */
    @Test
    void copiesAreFoundHoweverManyThereAre() throws IOException {
        ImageDataset digits = SampleDatasets.digits().shuffle(1).limit(120);
        List<EncodedImage> originals = new ArrayList<>();
        List<EncodedImage> copies = new ArrayList<>();
        for (int i = 0; i < digits.size(); i++) {
            originals.add(enlarged(digits, i, "png"));
            copies.add(enlarged(digits, i, "jpg"));
        }
        ImageDataset training = ImageDataset.encoded(originals);
        ImageDataset test = ImageDataset.encoded(copies);
        for (int count : new int[] {12, 120}) {
            assertThat(DatasetInspection.of(LEARNER, new DatasetSplit(training, test.limit(count)))
                            .findings(LeakedImage.class))
                    .as("%s copies", count)
                    .hasSizeBetween(count * 85 / 100, count);
        }
        assertThat(DatasetInspection.of(LEARNER, training).findings(RepeatedImage.class))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 64, 128})
    void mostImagesMayBeTheSame(int gray) throws IOException {
        List<EncodedImage> images = pictures();
        for (int i = 0; i < 60; i++) {
            BufferedImage blank = new BufferedImage(20 + i, 20 + i, BufferedImage.TYPE_BYTE_GRAY);
            Arrays.fill(((DataBufferByte) blank.getRaster().getDataBuffer()).getData(), (byte) gray);
            images.add(EncodedImage.of("blank" + i + ".png", i % 2 == 0 ? "red" : "blue", encoded(blank, "png")));
        }
        assertThat(inspected(images).findings(RepeatedImage.class))
                .singleElement()
                .satisfies(blank -> assertThat(blank.images()).hasSize(60));
    }

    @Test
    void whatTheHeapCannotHoldIsRefused() {
        int classes = 30;
        List<EncodedImage> images = pictures();
        IntStream.range(2, classes)
                .mapToObj(c -> EncodedImage.of(c + ".png", "class " + c, Pictures.png(c + IMAGES)))
                .forEach(images::add);
        long width = Runtime.getRuntime().maxMemory() / (5L * classes * 144) + 1;
        assertThatThrownBy(() -> DatasetInspection.of(
                        data -> Nd4j.zeros(DataType.FLOAT, data.size(), width), ImageDataset.encoded(images)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "an inspection of 68 images with " + width + " features each and 30 classes needs ")
                .hasMessageContaining(" MB of heap, but -Xmx is ");
    }

    @Test
    void brokenOddAndRareImagesAreFound() throws IOException {
        List<EncodedImage> images = pictures();
        byte[] whole = encoded(Pictures.image(50), "jpg");
        images.add(EncodedImage.of("half.jpg", "red", Arrays.copyOf(whole, whole.length / 2)));
        images.add(EncodedImage.of("notes.png", "blue", "not an image".getBytes(StandardCharsets.UTF_8)));
        images.add(EncodedImage.of(
                "blank.png", "red", encoded(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "png")));
        images.add(EncodedImage.of("long.png", "red", encoded(Pictures.image(60).getSubimage(0, 0, 16, 4), "png")));
        images.add(EncodedImage.of("twin.png", "Red ", Pictures.png(70)));
        DatasetInspection inspection = inspected(images);

        assertThat(inspection.findings(UnreadableImage.class))
                .extracting(UnreadableImage::image)
                .containsExactly("half.jpg", "notes.png");
        assertThat(inspection.withoutPaths().findings(UnreadableImage.class))
                .extracting(UnreadableImage::toString)
                .allSatisfy(line -> assertThat(line).doesNotContain("half.jpg", "notes.png"))
                .element(1)
                .asString()
                .startsWith("image 41: is text or of an unknown format");
        assertThat(inspection.findings(OddImage.class).toString())
                .contains("blank.png (red): all of one colour")
                .contains("long.png (red): of another shape, 16x4 pixels");
        assertThat(inspection.findings(RareClass.class)).containsExactly(new RareClass("", "Red ", 1, 22));
        assertThat(inspection.findings(ClassTwins.class)).containsExactly(new ClassTwins("Red ", "red"));
        // of a class with one image no label is judged
        assertThat(inspection.suspectLabels()).extracting(SuspectLabel::label).doesNotContain("Red ");
    }

    @Test
    void outliersAreFarFromTheirNeighbours() {
        ImageEmbedding given = data -> {
            Random random = new Random(2);
            float[][] rows = new float[data.size()][3];
            for (int i = 0; i < rows.length; i++) {
                for (int j = 0; j < 3; j++) {
                    rows[i][j] = (float) (random.nextGaussian() + (i % 2 == 0 ? 0 : 4) + (i == 17 ? 20 : 0));
                }
            }
            return Nd4j.createFromArray(rows);
        };
        DatasetInspection inspection = DatasetInspection.of(given, ImageDataset.encoded(pictures()));
        assertThat(inspection.findings(Outlier.class)).singleElement().satisfies(outlier -> {
            assertThat(outlier.image().index()).isEqualTo(17);
            assertThat(outlier.distance()).isGreaterThan(5);
        });
    }

    @Test
    void whatWasLeftOutOfAFolderIsToldToo() throws IOException {
        for (int i = 0; i < IMAGES; i++) {
            Path file = folder.resolve(i % 2 == 0 ? "red" : "blue").resolve(i + ".png");
            Files.createDirectories(file.getParent());
            Files.write(file, Pictures.png(i));
        }
        Path broken = Files.writeString(folder.resolve("red").resolve("broken.png"), "nothing");
        DatasetInspection inspection = DatasetInspection.of(LEARNER, ImageDataset.folder(folder, BrokenImages.SKIP));
        assertThat(inspection.findings(UnreadableImage.class)).singleElement().satisfies(each -> {
            assertThat(each.image()).isEqualTo(broken.toString());
            assertThat(each.index()).isEqualTo(-1);
        });
    }

    @Test
    void whatCannotBeJudgedIsRefusedBeforeTheWork() {
        ImageEmbedding none = data -> {
            throw new AssertionError("features before the check");
        };
        ImageDataset oneClass = ImageDataset.of(Nd4j.rand(20, 1, 8, 8).mul(255), Collections.nCopies(20, "a"));
        assertThatThrownBy(() -> DatasetInspection.of(none, oneClass))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("2 classes or more need 5 images each")
                .hasMessageContaining("[20]");
        ImageDataset few = ImageDataset.of(Nd4j.rand(8, 1, 8, 8).mul(255), new int[] {0, 0, 0, 0, 1, 1, 1, 1});
        assertThatThrownBy(() -> DatasetInspection.of(none, few))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("[4, 4]");
        List<EncodedImage> broken = IntStream.range(0, 20)
                .mapToObj(i -> EncodedImage.of(i + ".png", i % 2 == 0 ? "a" : "b", new byte[] {1, 2, 3}))
                .toList();
        assertThatThrownBy(() -> DatasetInspection.of(none, ImageDataset.encoded(broken)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("that can be read")
                .hasMessageContaining("[0, 0]");
    }

    @Test
    void textAndJsonTellTheSameEachTime() throws IOException {
        List<EncodedImage> images = pictures();
        images.add(EncodedImage.of("copy.png", "red", Pictures.png(4)));
        DatasetInspection inspection = inspected(images);
        assertThat(inspected(images).toJson()).isEqualTo(inspection.toJson());
        assertThat(inspection.toString())
                .startsWith("41 images of 2 classes, 16x16 in colour; ")
                .contains("Images that are there more than once: 1\n")
                .contains("[4.png (red), copy.png (red)]: the same bytes 2 times\n");

        JsonNode json = new ObjectMapper().readTree(inspection.toJson());
        assertThat(json.get("size").asInt()).isEqualTo(41);
        JsonNode copies = json.get("findings").get("duplicates");
        assertThat(copies).hasSize(1);
        assertThat(copies.get(0).get("images").get(1).get("image").asText()).isEqualTo("copy.png");
        assertThat(inspection.withoutPaths().toJson()).doesNotContain(".png");
        assertThat(inspection.withoutPaths().toString()).doesNotContain(".png").contains("image 40 (red)");
    }

    @Test
    void thePageShowsNamesAsTheyAreAndCopiesOfImages() throws IOException {
        String script = "<script>alert('x')</script>";
        List<EncodedImage> images = pictures();
        IntStream.range(0, 6).forEach(i -> images.add(EncodedImage.of(script + i, script, Pictures.png(100 + i))));
        images.add(EncodedImage.of(script, script, Pictures.png(100)));
        DatasetInspection inspection = inspected(images);
        Path file = folder.resolve("inspection.html");
        inspection.html(file);
        String page = Files.readString(file);

        assertThat(page)
                .doesNotContain(script)
                .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;")
                .contains("<section id=\"duplicates\">")
                .contains("<section id=\"classes\">")
                .doesNotContain("<section id=\"leaks\">")
                .contains("data:image/png;base64,");
        assertThat(page.split("<section", -1)).hasSameSizeAs(page.split("</section>", -1));
        Set<String> linked = Arrays.stream(page.split("<a href=\"#", -1))
                .skip(1)
                .map(rest -> rest.substring(0, rest.indexOf('"')))
                .collect(Collectors.toSet());
        assertThat(linked)
                .hasSizeGreaterThan(0)
                .allSatisfy(id -> assertThat(page).contains("<section id=\"" + id));

        inspection.withoutPaths().html(file);
        assertThat(Files.readString(file)).doesNotContain("data:image/png").contains("image 46");
        assertThatThrownBy(() -> inspection.html(folder.resolve("none").resolve("page.html")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("none");
    }

    /** The README's lines, with a copy and a file that is no image among the photos. */
    @Test
    void aMessyFolderBecomesAClassifier() throws IOException {
        for (int i = 0; i < IMAGES; i++) {
            Path file = folder.resolve(i % 2 == 0 ? "red" : "blue").resolve(i + ".png");
            Files.createDirectories(file.getParent());
            Files.write(file, Pictures.png(i));
        }
        Files.write(folder.resolve("red").resolve("copy.png"), Pictures.png(2));
        Files.writeString(folder.resolve("blue").resolve("notes.png"), "nothing");

        DatasetSplit split = ImageDataset.folder(folder, BrokenImages.SKIP).split(0.8, 42);
        DatasetInspection inspection = DatasetInspection.of(TransferLearner.tinyResNet(), split);
        inspection.html(folder.resolve("inspection.html"));
        ImageDataset sound = split.train().select(inspection.soundImages());
        try (ImageClassifier classifier = TransferLearner.tinyResNet().probe(sound)) {
            classifier.evaluate(split.test()).html(folder.resolve("report.html"));
            assertThat(classifier.evaluate(split.test()).accuracy()).isGreaterThan(0.9);
        }
        assertThat(inspection.findings(RepeatedImage.class)).hasSize(1);
        assertThat(sound.size()).isLessThan(split.train().size());
        assertThat(folder.resolve("inspection.html")).isNotEmptyFile();
        assertThat(folder.resolve("report.html")).isNotEmptyFile();
    }

    /** The width is the network's: nobody has to wait for the features of a million images to hear of it. */
    @Test
    void tooManyFeaturesAreRefusedBeforeTheyAreComputed() {
        ImageEmbedding wide = new ImageEmbedding() {
            @Override
            public INDArray embeddings(ImageDataset data) {
                throw new AssertionError("features before the check");
            }

            @Override
            public OptionalLong embeddingWidth() {
                return OptionalLong.of(200_000_000);
            }
        };
        assertThatThrownBy(() -> DatasetInspection.of(wide, ImageDataset.encoded(pictures())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("images with 200000000 features each")
                .hasMessageContaining("more than an array can hold");
        assertThat(LEARNER.embeddingWidth().orElseThrow())
                .isEqualTo(LEARNER.embeddings(Pictures.dataset(1)).size(1));
    }
}
