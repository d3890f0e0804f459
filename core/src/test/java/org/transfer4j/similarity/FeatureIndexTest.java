package org.transfer4j.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.RelativeL2;
import org.transfer4j.testing.TinyBackbones;

class FeatureIndexTest {
    @TempDir
    private Path folder;

    private static float[][] random(int rows, int width, long seed) {
        Random random = new Random(seed);
        float[][] values = new float[rows][width];
        for (float[] row : values) {
            for (int i = 0; i < width; i++) {
                row[i] = (float) random.nextGaussian() * (1 + random.nextInt(3));
            }
        }
        return values;
    }

    /** Images whose features are given. */
    private static FeatureIndex index(float[][] features) {
        List<EncodedImage> images = IntStream.range(0, features.length)
                .mapToObj(i -> EncodedImage.of("photos/ü" + i + ".png", i % 2 == 0 ? "even" : "odd", new byte[] {1}))
                .toList();
        return FeatureIndex.of(data -> Nd4j.createFromArray(features), ImageDataset.encoded(images));
    }

    private static double cosine(float[] left, float[] right) {
        double product = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < left.length; i++) {
            product += (double) left[i] * right[i];
            first += (double) left[i] * left[i];
            second += (double) right[i] * right[i];
        }
        return product / Math.sqrt(first * second);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 64, 100, 517})
    void theNearestAreThoseOfTheHighestCosine(int width) {
        float[][] features = random(700, width, width);
        float[][] queries = random(5, width, 1);
        Path file = folder.resolve("photos.index");
        index(features).save(file);
        for (FeatureIndex index : List.of(index(features), FeatureIndex.load(file))) {
            assertThat(index.size()).isEqualTo(700);
            List<List<Neighbour>> found = index.nearest(Nd4j.createFromArray(queries), 20);
            for (int q = 0; q < queries.length; q++) {
                float[] query = queries[q];
                double[] cosines = Arrays.stream(features)
                        .mapToDouble(row -> cosine(query, row))
                        .toArray();
                double[] best = Arrays.stream(cosines)
                        .boxed()
                        .sorted(Comparator.reverseOrder())
                        .limit(20)
                        .mapToDouble(each -> each)
                        .toArray();
                assertThat(found.get(q)).hasSize(20);
                for (int i = 0; i < 20; i++) {
                    Neighbour each = found.get(q).get(i);
                    assertThat(each.similarity()).isEqualTo(best[i], within(1e-6));
                    assertThat(each.similarity()).isEqualTo(cosines[each.index()], within(1e-6));
                    assertThat(each.image()).isEqualTo("photos/ü" + each.index() + ".png");
                    assertThat(each.label()).isEqualTo(each.index() % 2 == 0 ? "even" : "odd");
                }
            }
        }
    }

    @Test
    void ofEquallyLikeOnesTheFirstIsTaken() {
        float[][] features = new float[3000][7];
        for (int i = 0; i < features.length; i++) {
            features[i][i % 3] = 1 + i % 5;
        }
        List<Neighbour> found = index(features)
                .nearest(Nd4j.createFromArray(new float[][] {{0, 2, 0, 0, 0, 0, 0}}), 4)
                .get(0);
        assertThat(found).extracting(Neighbour::index).containsExactly(1, 4, 7, 10);
        assertThat(found.get(0)).hasToString("1.0000 odd photos/ü1.png");
        assertThat(index(random(3, 2, 1)).nearest(Nd4j.ones(1, 2), 9).get(0)).hasSize(3);
    }

    @Test
    void noImageIsMoreLikeAnotherThanAnImageIsLikeItself() {
        float[][] features = random(300, 100, 5);
        assertThat(index(features).nearest(Nd4j.createFromArray(features), 1))
                .allSatisfy(found -> assertThat(found.get(0).similarity()).isBetween(1 - 1e-6, 1.0));
    }

    @Test
    void whatCouldNotBeLoadedIsNotSaved() {
        assertThatThrownBy(() -> index(new float[2][65_537]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("an index has images of 1 to 65536 features, got 65537");
        assertThatThrownBy(() -> IndexFile.requireText(Integer.MAX_VALUE + 1L))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the names and labels of all images have 2147483647 bytes at most, got 2147483648");
    }

    @Test
    void whatIsWrongIsRefused() {
        FeatureIndex index = index(random(4, 6, 2));
        assertThatThrownBy(() -> index.nearest(Nd4j.ones(1, 5), 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[N, 6], got [1, 5]");
        assertThatThrownBy(() -> index.nearest(Nd4j.ones(1, 6), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 0");
        assertThatThrownBy(() -> index.nearest(Nd4j.valueArrayOf(1, 6, Float.NaN), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("finite");
        assertThatThrownBy(() -> index.save(folder.resolve("missing").resolve("a.index")))
                .isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> FeatureIndex.load(folder.resolve("missing.index")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("there is no such file");
    }

    /** Each byte but those of the header's end, which mean nothing, is held by the checksum or by a rule. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.999})
    @DisabledOnOs(OS.WINDOWS)
    void aFileThatIsCutShortWhileItIsUsedIsNamed(double left) throws Exception {
        float[][] features = random(500, 700, 4);
        Path file = folder.resolve("large.index");
        index(features).save(file);
        FeatureIndex loaded = FeatureIndex.load(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                INDArray query = Nd4j.createFromArray(new float[][] {features[0]})) {
            channel.truncate((long) (left * channel.size()));

            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> loaded.nearest(query, 3))
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageStartingWith("can't read the index " + file);
            }
            assertThatThrownBy(() -> loaded.save(folder.resolve("copy.index")))
                    .isInstanceOf(UncheckedIOException.class);
            assertThat(folder.resolve("copy.index")).doesNotExist();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void anIndexOutlivesASmallerOneInItsPlace() {
        float[][] features = random(50, 9, 4);
        Path file = folder.resolve("replaced.index");
        index(features).save(file);
        FeatureIndex loaded = FeatureIndex.load(file);
        index(random(3, 9, 5)).save(file);

        try (INDArray query = Nd4j.createFromArray(new float[][] {features[7]})) {
            assertThat(loaded.nearest(query, 1).get(0).get(0).index()).isEqualTo(7);
        }
    }

    @Test
    void damagedFilesAreRefused() throws Exception {
        Path file = folder.resolve("photos.index");
        index(random(3, 4, 3)).save(file);
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length; i++) {
            byte[] bytes = whole.clone();
            bytes[i] ^= 0x41;
            if (i < 32 || i >= 64) {
                assertRefused(bytes);
            }
            assertRefused(Arrays.copyOf(whole, i));
        }
        assertRefused(Arrays.copyOf(whole, whole.length + 1));
    }

    /** A stranger's checksum is right. */
    @Test
    void forgedFilesAreRefused() throws Exception {
        Path file = folder.resolve("photos.index");
        index(random(3, 4, 3)).save(file);
        byte[] whole = Files.readAllBytes(file);
        ByteBuffer forged = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        float value = forged.getFloat(64);
        for (float other : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 3}) {
            forged.putFloat(64, other);
            assertRefused(summed(whole));
        }
        forged.putFloat(64, value);
        int text = 64 + 3 * 4 * Float.BYTES;
        for (int length : new int[] {-1, Integer.MAX_VALUE, 70_000, 60, 3}) {
            int before = forged.getInt(text);
            forged.putInt(text, length);
            assertRefused(summed(whole));
            forged.putInt(text, before);
        }
        forged.putInt(16, Integer.MAX_VALUE);
        assertRefused(summed(whole));
    }

    /** A file of zeros takes no room on the disk, and is as long as its header says. */
    @Test
    void moreImagesThanHaveNamesAreRefused() throws Exception {
        int rows = 1_900_000_000;
        ByteBuffer header = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        header.put("T4JINDX1".getBytes(StandardCharsets.US_ASCII))
                .putInt(1)
                .putInt(1)
                .putInt(rows)
                .putLong(0);
        Path file = Files.write(folder.resolve("forged.index"), header.array());
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(64 + 4L * rows);
        }
        assertThatThrownBy(() -> FeatureIndex.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("1900000000 images");
    }

    private static byte[] summed(byte[] file) {
        CRC32C sum = new CRC32C();
        sum.update(file, 0, 28);
        sum.update(file, 64, file.length - 64);
        byte[] bytes = file.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(28, (int) sum.getValue());
        return bytes;
    }

    private void assertRefused(byte[] bytes) throws Exception {
        Path file = Files.write(folder.resolve("damaged.index"), bytes);
        assertThatThrownBy(() -> FeatureIndex.load(file)).isInstanceOf(ModelFileException.class);
    }

    @Test
    void aClassifierFindsLikeImagesWhateverIsFrozen() throws Exception {
        ImageDataset data = Pictures.dataset(12);
        Path photo = Files.write(folder.resolve("photo.png"), Pictures.png(5));
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .head(Head.flatten())
                .epochs(1);
        for (TransferLearner each : List.of(
                learner,
                learner.head(Head.globalAveragePooling()),
                learner.freezeUpTo("pool1"),
                learner.unfreezeAll())) {
            try (ImageClassifier classifier = each.fit(data)) {
                FeatureIndex index = FeatureIndex.of(classifier, data);
                List<Neighbour> found = classifier.nearest(photo, index, 3);
                assertThat(found.get(0).index()).isEqualTo(5);
                assertThat(found.get(0).similarity()).isEqualTo(1, within(1e-5));
                assertThat(found).hasSize(3);
                INDArray again = classifier.learner().embeddings(data);
                INDArray own = classifier.embeddings(data);
                assertThat(own.shape()).as("%s", each).isEqualTo(again.shape());
                assertThat(RelativeL2.worst(own, again)).as("%s", each).isLessThan(1e-5);
            }
        }
    }

    /** What the head learned is no difference, but weights, size and preprocessing of the backbone are. */
    @Test
    void anIndexThatOthersMadeIsRefused() throws Exception {
        ImageDataset data = Pictures.dataset(12);
        Path photo = Files.write(folder.resolve("photo.png"), Pictures.png(5));
        Path model = folder.resolve("model.t4j");
        Path file = folder.resolve("photos.index");
        TransferLearner learner = TransferLearner.of(TinyBackbones.residual())
                .weights(Weights.random())
                .head(Head.globalAveragePooling())
                .epochs(1);
        FeatureIndex.of(learner, data).save(file);
        FeatureIndex index = FeatureIndex.load(file);
        index.save(folder.resolve("again.index"));
        assertThat(folder.resolve("again.index")).hasSameBinaryContentAs(file);
        try (ImageClassifier classifier =
                learner.head(Head.globalAveragePooling().dense(4)).fit(data)) {
            assertThat(classifier.nearest(photo, index, 1)).hasSize(1);
            classifier.save(model);
        }
        try (ImageClassifier loaded = ImageClassifier.load(model)) {
            assertThat(loaded.nearest(photo, index, 1)).hasSize(1);
            index.requireMadeBy(loaded.learner());
            for (TransferLearner other : List.of(
                    learner.seed(7),
                    learner.unfreezeAll(),
                    learner.preprocessing(ImagePreprocessing.caffe()),
                    learner.inputSize(20, 20))) {
                try (ImageClassifier another = other.fit(data)) {
                    assertThatThrownBy(() -> another.nearest(photo, index, 1))
                            .as("%s", other)
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageMatching(
                                    "the index was made by other weights, image size or preprocessing: .* digest [0-9a-f]{12}\\.\\.\\..*"
                                            + "make it anew.*");
                    assertThat(another.nearest(photo, FeatureIndex.of(another, data), 1))
                            .hasSize(1);
                    assertThat(another.nearest(photo, FeatureIndex.of(another.learner(), data), 1))
                            .hasSize(1);
                }
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 32; i < 64; i++) {
            bytes[i] ^= 1;
            assertRefused(bytes);
            bytes[i] ^= 1;
        }
    }

    /** Files of before say nothing of what made them. */
    @Test
    void anIndexWithoutADigestIsNotChecked() {
        Path file = folder.resolve("photos.index");
        try (ImageClassifier classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            index(random(4, (int) classifier.embeddingWidth().orElseThrow(), 1)).save(file);
            assertThat(classifier.nearest(Pictures.image(1), FeatureIndex.load(file), 2))
                    .hasSize(2);
        }
    }

    @Test
    void tooManyFeaturesAreRefusedBeforeTheyAreComputed() {
        TransferLearner flat = TransferLearner.vgg16()
                .weights(Weights.random())
                .head(Head.flatten())
                .inputSize(400, 400);
        assertThat(flat.embeddingWidth()).hasValue(512 * 12 * 12);
        assertThatThrownBy(() -> FeatureIndex.of(flat, Pictures.dataset(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 65536 features, got 73728");
        try (ImageClassifier classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            assertThat(classifier.embeddingWidth().orElseThrow())
                    .isEqualTo(classifier.embeddings(Pictures.dataset(1)).size(1));
        }
    }
}
