package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.NarrowVgg16;
import org.transfer4j.testing.RelativeL2;

/** Files that Keras itself wrote, in each of its layouts, against what Keras computes with them. */
class NarrowKerasFilesTest {
    private static final double LIMIT = 1e-4;

    private static Path file(String name) {
        return GoldenFiles.path("weights/" + name);
    }

    private static TransferLearner learner(String name, int size) {
        return TransferLearner.of(NarrowVgg16.backbone())
                .weights(Weights.file(file(name)))
                .inputSize(size, size);
    }

    private static ImageDataset images(long count, int size) {
        int images = Math.toIntExact(count);
        return ImageDataset.of(IntegerImages.rgb(images, size, size), new int[images]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "official_layout_notop.h5",
                "with_top.h5",
                "legacy_save_weights.h5",
                "legacy_full_model.h5",
                "keras3.weights.h5",
                "keras3_with_head.weights.h5",
                "head64.weights.h5"
            })
    void featuresAreThoseOfKeras(String name) {
        for (int size : new int[] {32, 64}) {
            INDArray expected = GoldenFiles.channelsFirst("narrow_vgg16/features_unit_" + size + ".npy");
            INDArray features = learner(name, size).features(images(expected.size(0), size));
            assertThat(RelativeL2.worst(features, expected)).as("%d", size).isLessThan(LIMIT);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "keras3_with_head.weights.h5, 32, head_32",
        "legacy_full_model.h5, 32, head_32",
        "head64.weights.h5, 64, head_64"
    })
    void probabilitiesAreThoseOfKeras(String name, int size, String golden) {
        assertProbabilities(learner(name, size), name, golden, "predictions");
    }

    @Test
    void theyAreTheSameWhereverTheNetworkIsCut() {
        String name = "head64.weights.h5";
        TransferLearner learner = learner(name, 64);
        assertProbabilities(learner.freezeUpTo("block3_pool"), name, "head_64", "predictions");
        assertProbabilities(learner.unfreezeAll(), name, "head_64", "predictions");
    }

    @Test
    void probabilitiesOfSeveralDenseLayersAreThoseOfKeras() {
        Head top = Head.flatten().dense(8).dense(8);
        assertProbabilities(learner("with_top.h5", 32).head(top), "with_top.h5", "top_32", "fc1", "fc2", "predictions");
    }

    private static void assertProbabilities(TransferLearner learner, String name, String golden, String... layers) {
        int size = learner.settings().network().height();
        Shape features = Shape.of(16, size / 32, size / 32);
        INDArray expected = GoldenFiles.array("narrow_vgg16/predictions_" + golden + ".npy");
        try (ImageClassifier classifier = KerasClassifier.read(learner, file(name), features, layers)) {
            INDArray actual = KerasClassifier.probabilities(classifier, images(expected.size(0), size));
            assertThat(Transforms.abs(actual.sub(expected)).maxNumber().doubleValue())
                    .isLessThan(LIMIT);
        }
    }
}
