package org.transfer4j.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.trunk.Trunk;

/**
 * Zeros around an image of negative numbers are its largest ones. ONNX Runtime merges a padding into the pooling above, whose own
 * padding counts less than any number, and refuses where it is as large as the kernel.
 */
class PaddedPoolingTest {
    @ParameterizedTest
    @CsvSource({"MAXIMUM, 1", "MAXIMUM, 3", "MEAN_WITH_PADDING, 1", "MEAN_WITH_PADDING, 3", "MEAN_WITHOUT_PADDING, 1"})
    void zerosAreNumbers(Op.Pooling.Kind kind, int padding) throws Exception {
        Extent around = new Extent(padding, padding);
        Window window = new Window(new Extent(3, 3), new Extent(2, 2), Extent.ONE, new Extent(0, 0), new Extent(0, 0));
        Network.Builder network = new Network.Builder("images", Shape.of(3, 9, 7));
        network.add("negative", "negative", "Rescaling", new Op.Shift(-2), List.of("images"));
        network.add("padded", "padded", "ZeroPadding2D", new Op.Padding(around, around), List.of("negative"));
        network.add("pool", "pool", "Pooling2D", new Op.Pooling(kind, window), List.of("padded"));
        WeightedNetwork weighted = new WeightedNetwork(network.build("pool"), Map.of());
        INDArray images = Nd4j.linspace(0, 1, 2 * 3 * 9 * 7, DataType.FLOAT).reshape(2, 3, 9, 7);

        try (Trunk reference = TrunkCompiler.inJava(weighted)) {
            INDArray expected = reference.infer(images);
            assertThat(OnnxParity.features(weighted, images).equalsWithEps(expected, 1e-5))
                    .isTrue();
        }
    }
}
