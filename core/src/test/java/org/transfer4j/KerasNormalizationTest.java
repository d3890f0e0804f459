package org.transfer4j;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.WeightsException;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;

/** The layer Normalization that Keras' EfficientNet keeps among its weights, against what the learner does to pixels. */
class KerasNormalizationTest {
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] VARIANCE = {0.229f * 0.229f, 0.224f * 0.224f, 0.225f * 0.225f};

    @TempDir
    Path folder;

    private static byte[] bytes(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    /** The file of the lowest layers with another mean and variance. */
    private Path with(float[] mean, float[] variance) throws IOException {
        byte[] content = Files.readAllBytes(GoldenFiles.path("backbones/efficientNetB0/keras3.weights.h5"));
        replace(content, MEAN, mean);
        replace(content, VARIANCE, variance);
        return Files.write(folder.resolve("other.weights.h5"), content);
    }

    private static void replace(byte[] content, float[] old, float[] values) {
        // the last bit of a square depends on who computes it
        byte[] first = bytes(old[0]);
        String start = new String(first, 1, first.length - 1, ISO_8859_1);
        int at = new String(content, ISO_8859_1).indexOf(start) - 1;
        assertThat(at).isPositive();
        System.arraycopy(bytes(values), 0, content, at, values.length * Float.BYTES);
    }

    private static INDArray features(Path file, ImagePreprocessing preprocessing) {
        return TransferLearner.of(Backbone.efficientNetB0().upTo("block2b_add"))
                .inputSize(33, 47)
                .weights(Weights.file(file))
                .preprocessing(preprocessing)
                .features(ImageDataset.of(IntegerImages.rgb(1, 33, 47), new int[1]));
    }

    @Test
    void anotherNormalizationIsRefusedWithItsValues() throws IOException {
        Path file = with(new float[] {0, 0, 0}, new float[] {1, 1, 1});
        assertThatThrownBy(() -> features(file, ImagePreprocessing.torch()))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("was trained behind a layer Normalization, normalization")
                .hasMessageContaining("of the mean [0.0, 0.0, 0.0] and the variance [1.0, 1.0, 1.0]")
                .hasMessageContaining("ImagePreprocessing.standardized([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])")
                .hasMessageContaining("but the preprocessing is torch");
    }

    @Test
    void theOneThatTheCallerNamesIsTaken() throws IOException {
        Path file = with(new float[] {0, 0, 0}, new float[] {1, 1, 1});
        INDArray unit = features(file, ImagePreprocessing.unit());
        assertThat(unit).isEqualTo(features(file, ImagePreprocessing.standardized(new float[3], new float[] {1, 1, 1
        })));
        // against the file's own, and said by the caller: a warning
        assertThat(features(file, ImagePreprocessing.tf())).isNotEqualTo(unit);
    }

    /** Keras divides by the roots of these variances twice, which is torch's preprocessing. */
    @Test
    void thePublishedFormIsTheDefault() throws IOException {
        Path file = with(MEAN, new float[] {0.229f, 0.224f, 0.225f});
        assertThat(features(file, ImagePreprocessing.torch()))
                .isEqualTo(features(with(MEAN, VARIANCE), ImagePreprocessing.torch()));
    }
}
