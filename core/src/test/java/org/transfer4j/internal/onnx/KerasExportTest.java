package org.transfer4j.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Topology;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.OnnxModel;
import org.transfer4j.testing.RelativeL2;

/** What Keras has and DL4J has not: groups, hard sigmoid and hard swish. */
class KerasExportTest {
    private static final int SIZE = 22;

    @Test
    void groupsAndHardFunctionsAreKeras() throws OrtException {
        Topology given =
                Backbone.keras(GoldenFiles.path("keras_models/hard.keras")).topology();
        WeightedNetwork network = new WeightedNetwork(
                ((Network.Sized) given).network(SIZE, SIZE), ((ParameterValues.Given) given).parameters());
        OnnxExport.Contents contents = OnnxParity.contents(network, ImagePreprocessing.none(), Opset.DEFAULT);
        INDArray expected = GoldenFiles.channelsFirst("keras_models/features_hard.npy");
        try (OnnxModel model = OnnxModel.of(OnnxParity.bytes(contents))) {
            INDArray pixels = IntegerImages.rgb(2, SIZE, SIZE).castTo(DataType.FLOAT);
            assertThat(RelativeL2.worst(model.run(pixels), expected)).isLessThan(1e-4);
        }
    }
}
