package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.testing.Backbones;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;

/**
 * The backbones at 224x224 against Keras and PyTorch on this machine. Not one of the tests, since it needs what
 * {@code core/src/test/python/full_size_check.py} writes, where the commands are.
 */
class FullSizeParityCheck {
    private static final double LIMIT = 1e-4;
    private static final int SIZE = 224;

    static List<Path> backbones() {
        String folder = System.getProperty("parity.folder");
        if (folder == null) {
            throw new IllegalStateException("the folder that full_size_check.py wrote is -Dparity.folder");
        }
        return list(Path.of(folder), "");
    }

    private static List<Path> list(Path folder, String ending) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.toString().endsWith(ending))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("backbones")
    void featuresAreThoseOfThePeer(Path folder) {
        INDArray expected = Nd4j.createFromNpyFile(
                        folder.resolve("features.npy").toFile())
                .permute(0, 3, 1, 2)
                .dup('c');
        int images = Math.toIntExact(expected.size(0));
        INDArray features = TransferLearner.of(
                        Backbones.named(folder.getFileName().toString()))
                .weights(Weights.file(list(folder, ".h5").get(0)))
                .features(ImageDataset.of(IntegerImages.rgb(images, SIZE, SIZE), new int[images]));
        double difference = RelativeL2.worst(features, expected);
        System.out.println(folder.getFileName() + ": " + difference);
        assertThat(difference).isLessThan(LIMIT);
    }
}
