package org.transfer4j.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.OnnxModel;

/** Preprocessing inside a model is what {@link ImagePreprocessing} does, over all pixel values. */
class PreprocessingNodesTest {
    /** Every pixel value in every channel, each channel in an order of its own. */
    private static final INDArray PIXELS = pixels();

    @ParameterizedTest
    @MethodSource
    void everyMode(ImagePreprocessing preprocessing) throws OrtException {
        assertSame(preprocessing);
    }

    static Stream<ImagePreprocessing> everyMode() {
        return Stream.of(
                ImagePreprocessing.none(),
                ImagePreprocessing.unit(),
                ImagePreprocessing.tf(),
                ImagePreprocessing.torch(),
                ImagePreprocessing.caffe());
    }

    @Property(tries = 15)
    void anyMeanAndDeviation(
            @ForAll @FloatRange(min = 0.01f, max = 10) float deviation,
            @ForAll @FloatRange(min = -2, max = 2) float mean)
            throws OrtException {
        float[] means = {mean, mean / 2, -mean};
        float[] deviations = {deviation, 1, 2 * deviation};
        assertSame(ImagePreprocessing.standardized(means, deviations));
    }

    private static void assertSame(ImagePreprocessing preprocessing) throws OrtException {
        INDArray expected = preprocessing.apply(PIXELS);

        ComputationGraph nothing = Networks.layers(16, 16, new ActivationLayer(Activation.IDENTITY));
        try (OnnxModel model =
                OnnxModel.of(OnnxParity.bytes(OnnxParity.contents(nothing, 16, 16, preprocessing, Opset.DEFAULT)))) {
            INDArray actual = model.run(PIXELS);

            assertThat(actual.shape()).isEqualTo(expected.shape());
            double largest = expected.amaxNumber().doubleValue();
            assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThanOrEqualTo(2e-6 * largest);
        }
    }

    private static INDArray pixels() {
        float[] values = new float[3 * 256];
        for (int i = 0; i < 256; i++) {
            values[i] = i;
            values[256 + i] = 255 - i;
            values[512 + i] = 167 * i % 256;
        }
        return Nd4j.create(values, new long[] {1, 3, 16, 16}, 'c');
    }
}
