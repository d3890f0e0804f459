package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeightsFile;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;

/** Full-size VGG16 against Keras, from a weights file and pixels to features and probabilities. */
class VggParityTest {
    private static final double LIMIT = 1e-4;

    @TempDir
    static Path folder;

    private static Path weights = Path.of("");

    @BeforeAll
    static void writeWeights() {
        weights = HashWeightsFile.vgg16(folder.resolve("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"));
    }

    record Golden(String preprocessing, int size, Shape shape, double kernelFactor) {
        static Golden of(JsonNode json) {
            JsonNode shape = json.get("featuresShape");
            return new Golden(
                    json.get("preprocessing").asText(),
                    json.get("size").asInt(),
                    Shape.of(
                            shape.get(3).asInt(),
                            shape.get(1).asInt(),
                            shape.get(2).asInt()),
                    json.get("predictionsKernelFactor").asDouble());
        }

        String file(String content) {
            return "vgg16/" + content + "_" + preprocessing + "_" + size + ".npy";
        }

        TransferLearner learner() {
            return TransferLearner.vgg16()
                    .weights(Weights.file(weights))
                    .inputSize(size, size)
                    .preprocessing(
                            preprocessing.equals("unit") ? ImagePreprocessing.unit() : ImagePreprocessing.caffe())
                    .head(10);
        }

        ImageDataset images(long count) {
            int images = Math.toIntExact(count);
            return ImageDataset.of(IntegerImages.rgb(images, size, size), new int[images]);
        }
    }

    static Stream<Golden> goldens() {
        return StreamSupport.stream(GoldenFiles.json("vgg16/vgg16.json").spliterator(), false)
                .map(Golden::of);
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void featuresAreThoseOfKeras(Golden golden) {
        INDArray expected = GoldenFiles.channelsFirst(golden.file("features"));
        INDArray features = golden.learner().features(golden.images(expected.size(0)));
        assertThat(RelativeL2.worst(features, expected)).isLessThan(LIMIT);
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void probabilitiesAreThoseOfKeras(Golden golden) {
        Path head = HashWeightsFile.dense(
                folder.resolve(golden.preprocessing() + golden.size() + ".h5"),
                "predictions",
                golden.kernelFactor(),
                golden.shape().elements(),
                10);
        INDArray expected = GoldenFiles.array(golden.file("predictions"));
        try (ImageClassifier classifier = KerasClassifier.read(golden.learner(), head, golden.shape(), "predictions")) {
            INDArray actual = KerasClassifier.probabilities(classifier, golden.images(expected.size(0)));
            assertThat(Transforms.abs(actual.sub(expected)).maxNumber().doubleValue())
                    .isLessThan(LIMIT);
        }
    }
}
