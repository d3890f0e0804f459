package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.testing.Pictures;

/** The README's lines on a classifier that says "I don't know". */
class ReadmeCalibrationTest {
    private static final int IMAGES = 200;

    @TempDir
    private Path folder;

    @Test
    void theRecipeWorks() throws IOException {
        for (int i = 0; i < IMAGES; i++) {
            Path file = folder.resolve(i % 2 == 0 ? "red" : "blue").resolve(i + ".png");
            Files.createDirectories(file.getParent());
            Files.write(file, Pictures.png(i));
        }
        ImageDataset photos = ImageDataset.folder(folder);
        Path photo = folder.resolve("red").resolve("2.png");

        DatasetSplit split = photos.split(0.7, 42);
        DatasetSplit unseen = split.test().split(0.5, 42);
        try (ImageClassifier fitted = TransferLearner.tinyResNet().fit(split.train());
                ImageClassifier classifier = fitted.calibrate(unseen.train(), split.train())) {
            System.out.println(classifier.calibration().orElseThrow());
            Prediction prediction = classifier.predict(photo);
            System.out.println(prediction.isKnown() ? prediction.set(0.95) : "unlike the training images");
            System.out.println(classifier.evaluate(unseen.test()).expectedCalibrationError());

            assertThat(prediction.label()).isEqualTo("red");
            assertThat(prediction.isKnown()).isTrue();
            assertThat(prediction.set(0.95)).contains("red");
            assertThat(classifier.evaluate(unseen.test()).expectedCalibrationError())
                    .isBetween(0.0, 0.3);
        }
    }

    /** Each of the README's lines is above, but for the name of the photo. */
    @Test
    void theRecipeIsTheReadmes() throws IOException {
        String own = withoutBlanks(
                Files.readString(Path.of("src", "test", "java", "org", "transfer4j", "ReadmeCalibrationTest.java")));
        List<String> recipe = Files.readString(Path.of("..", "README.md"))
                .lines()
                .dropWhile(line -> !line.startsWith("**\"I don't know\"**"))
                .dropWhile(line -> !line.equals("```java"))
                .skip(1)
                .takeWhile(line -> !line.equals("```"))
                .map(line -> line.replaceFirst("//.*", "").replace("Path.of(\"cat.jpg\")", "photo"))
                .toList();
        assertThat(recipe).hasSizeGreaterThan(6);
        for (String line : recipe) {
            assertThat(own).contains(withoutBlanks(line));
        }
    }

    private static String withoutBlanks(String text) {
        return text.lines().map(line -> line.replaceAll("\\s", "")).collect(Collectors.joining());
    }
}
