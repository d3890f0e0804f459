package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;

class PretrainTinyVggTest {
    private static final int SIZE = 32;

    @TempDir
    private Path folder;

    /** Squares or stripes, anywhere and of any color. */
    private void draw(String part, int images) throws IOException {
        SplittableRandom random = new SplittableRandom(part.hashCode());
        for (String shape : new String[] {"square", "stripes"}) {
            Path target = Files.createDirectories(folder.resolve(part).resolve(shape));
            for (int i = 0; i < images; i++) {
                BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
                Graphics2D graphics = image.createGraphics();
                graphics.setColor(new Color(random.nextInt(1 << 24) | 0x404040));
                int x = random.nextInt(SIZE / 2);
                int y = random.nextInt(SIZE / 2);
                if (shape.equals("square")) {
                    graphics.fillRect(x, y, SIZE / 2, SIZE / 2);
                } else {
                    for (int line = y % 4; line < SIZE; line += 4) {
                        graphics.fillRect(0, line, SIZE, 2);
                    }
                }
                graphics.dispose();
                ImageIO.write(image, "png", target.resolve(i + ".png").toFile());
            }
        }
    }

    private String run() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        String[] arguments = {
            "--data", folder.toString(),
            "--epochs", "8",
            "--batch", "16",
            "--checkpoints", folder.resolve("run").toString(),
            "--model", folder.resolve("model.t4j").toString(),
            "--weights", folder.resolve("weights.safetensors").toString()
        };
        int exitCode = PretrainTinyVgg.run(new PrintStream(printed, true, StandardCharsets.UTF_8), arguments);
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        return text;
    }

    @Test
    void learnsFromFoldersAndLeavesAModelAndWeights() throws IOException {
        draw("train", 64);
        draw("test", 16);
        assertThat(run()).containsPattern("accuracy on 32 test images: (0\\.[89]|1\\.0)");
        ImageDataset test = ImageDataset.folder(folder.resolve("test"));
        try (ImageClassifier model = ImageClassifier.load(folder.resolve("model.t4j"))) {
            assertThat(model.evaluate(test).accuracy()).isGreaterThan(0.8);
        }
        TransferLearner again = TransferLearner.tinyVgg().weights(Weights.file(folder.resolve("weights.safetensors")));
        assertThat(again.features(test).shape()).containsExactly(32, 128, 4, 4);
    }
}
