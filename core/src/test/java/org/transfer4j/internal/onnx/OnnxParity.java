package org.transfer4j.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.onnx.OnnxGraph.TensorMemory;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.OnnxModel;

/** Compares ONNX Runtime, and the reference kernels, with DL4J. */
public final class OnnxParity {
    private static final int[] BATCHES = {1, 5};
    private static final double TOLERANCE = 1e-5;

    private OnnxParity() {}

    /** Exports a network and runs it; every value must agree, relative to the largest where that is above 1. */
    static void assertSame(ComputationGraph network, int height, int width) throws OrtException {
        try (OnnxModel model = OnnxModel.of(bytes(network, height, width));
                Trunk reference = TrunkCompiler.inJava(Dl4jGraphs.weighted(network, 3, height, width))) {
            for (int batch : BATCHES) {
                INDArray images = Networks.images(batch, height, width);
                // an activation that is the first layer overwrites what it is given
                INDArray expected = network.outputSingle(images.dup());
                INDArray actual = model.run(images);

                assertThat(expected.isNaN().any()).isFalse();
                assertThat(expected.amaxNumber().doubleValue())
                        .as("the largest value")
                        .isPositive();
                assertClose("ONNX Runtime, batch " + batch, actual, expected);
                assertClose("reference, batch " + batch, reference.infer(images), expected);
                long[] declared = expected.shape();
                declared[0] = -1;
                assertThat(model.outputShape()).isEqualTo(declared);
            }
        }
    }

    /** What ONNX Runtime makes of images with an exported network. */
    public static INDArray features(WeightedNetwork network, INDArray images) throws OrtException {
        byte[] model = bytes(contents(network, ImagePreprocessing.none(), Opset.DEFAULT));
        try (OnnxModel loaded = OnnxModel.of(model)) {
            return loaded.run(images);
        }
    }

    private static void assertClose(String engine, INDArray actual, INDArray expected) {
        assertThat(actual.shape()).as(engine).isEqualTo(expected.shape());
        double largest = expected.amaxNumber().doubleValue();
        assertThat(actual.sub(expected).amaxNumber().doubleValue() / Math.max(1, largest))
                .as(engine)
                .isLessThan(TOLERANCE);
    }

    /** The network as a model without preprocessing. */
    static byte[] bytes(ComputationGraph network, int height, int width) {
        return bytes(contents(network, height, width, ImagePreprocessing.none(), Opset.DEFAULT));
    }

    static byte[] bytes(OnnxExport.Contents contents) {
        try (TensorMemory memory = new TensorMemory()) {
            return OnnxExport.model(contents, memory).toByteArray();
        }
    }

    static OnnxExport.Contents contents(
            ComputationGraph network, int height, int width, ImagePreprocessing preprocessing, int opset) {
        return contents(Dl4jGraphs.weighted(network, 3, height, width), preprocessing, opset);
    }

    static OnnxExport.Contents contents(WeightedNetwork network, ImagePreprocessing preprocessing, int opset) {
        return new OnnxExport.Contents(
                "1.2.3",
                "test",
                network.network(),
                network.parameters(),
                preprocessing,
                true,
                List.of("a", "b"),
                opset,
                1,
                Map.of(),
                false);
    }
}
