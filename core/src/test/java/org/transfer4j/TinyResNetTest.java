package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.BrokenImages;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;

class TinyResNetTest {
    @TempDir
    private Path folder;

    /** Something round before something dark, or something with corners, anywhere and of any size and color. */
    private ImageDataset photos(int ofEach) throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        for (String shape : new String[] {"balls", "boxes"}) {
            Path label = Files.createDirectories(folder.resolve("photos").resolve(shape));
            for (int i = 0; i < ofEach; i++) {
                BufferedImage image = new BufferedImage(120, 90, BufferedImage.TYPE_INT_RGB);
                Graphics2D graphics = image.createGraphics();
                graphics.setColor(new Color(random.nextInt(1 << 24) & 0x7f7f7f));
                graphics.fillRect(0, 0, 120, 90);
                graphics.setColor(new Color(random.nextInt(1 << 24) | 0x808080));
                int side = 40 + random.nextInt(40);
                int x = random.nextInt(120 - side);
                int y = random.nextInt(90 - side);
                if (shape.equals("balls")) {
                    graphics.fillOval(x, y, side, side);
                } else {
                    graphics.fillRect(x, y, side, side);
                }
                graphics.dispose();
                ImageIO.write(image, "jpg", label.resolve(i + ".jpg").toFile());
            }
        }
        return ImageDataset.folder(folder.resolve("photos"), BrokenImages.SKIP);
    }

    @Test
    void isAsLargeAsItSays() {
        assertThat(TransferLearner.tinyResNet().head(10).summary())
                .contains("Non-trainable params: 1,451,680")
                .contains("[N, 512, 10, 10]");
        assertThat(Backbone.tinyResNet().defaultHead())
                .hasToString(Head.globalAveragePooling().toString());
        assertThat(Backbone.tinyResNet().cutPoints())
                .containsExactly(
                        "stem_relu",
                        "stage1_block1_out",
                        "stage2_block1_out",
                        "stage3_block1_out",
                        "stage3_block2_out",
                        "top_relu");
    }

    /** The first recipe of the README, offline. */
    @Test
    void aFolderOfPhotographsBecomesAClassifier() throws IOException {
        DatasetSplit split = photos(60).split(0.5, 42);
        Path file = folder.resolve("photos.t4j");
        try (ImageClassifier classifier =
                TransferLearner.tinyResNet().validation(split.test()).fit(split.train())) {
            assertThat(classifier.evaluate(split.test()).accuracy()).isGreaterThan(0.85);
            classifier.save(file);
        }
        try (ImageClassifier classifier = ImageClassifier.load(file)) {
            assertThat(classifier
                            .predict(folder.resolve("photos").resolve("balls").resolve("0.jpg"))
                            .label())
                    .isEqualTo("balls");
        }
    }

    @Test
    void takesImagesOfManySizes() throws IOException {
        ImageDataset photos = photos(1);
        for (int side : new int[] {32, 47, 96, 128}) {
            INDArray features =
                    TransferLearner.tinyResNet().inputSize(side, side).features(photos);
            assertThat(features.shape()).containsExactly(2, 512, (side + 7) / 8, (side + 7) / 8);
        }
        assertThatThrownBy(() -> TransferLearner.tinyResNet().inputSize(31, 31))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32");
    }

    @Test
    void doesNotPassForTrainedOnAllOfImageNet() throws IOException {
        ImageDataset photos = photos(1);
        assertThatThrownBy(() ->
                        TransferLearner.tinyResNet().weights(Weights.imagenet()).features(photos))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Tiny ImageNet");
    }
}
