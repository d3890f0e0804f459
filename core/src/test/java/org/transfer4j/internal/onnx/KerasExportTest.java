package org.transfer4j.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Topology;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.OnnxModel;
import org.transfer4j.testing.RelativeL2;

/** What Keras has and DL4J has not, such as groups, hard sigmoid and hard swish; functions, arithmetic and layers of one name. */
class KerasExportTest {
    @ParameterizedTest
    @CsvSource({
        "hard, 22, 22",
        "functions, 16, 18",
        "squeeze, 14, 15",
        "bgr, 9, 8",
        "twins, 12, 13",
    })
    void featuresAreThoseOfKeras(String name, int height, int width) throws OrtException {
        Backbone backbone = Backbone.keras(GoldenFiles.path("keras_models/" + name + ".keras"));
        Topology given = backbone.topology();
        WeightedNetwork network = new WeightedNetwork(
                ((Network.Sized) given).network(height, width), ((ParameterValues.Given) given).parameters());
        OnnxExport.Contents contents = OnnxParity.contents(network, backbone.preprocessing(), Opset.DEFAULT);
        INDArray expected = GoldenFiles.channelsFirst("keras_models/features_" + name + ".npy");
        try (OnnxModel model = OnnxModel.of(OnnxParity.bytes(contents))) {
            INDArray pixels = IntegerImages.rgb(2, height, width).castTo(DataType.FLOAT);
            assertThat(RelativeL2.worst(model.run(pixels), expected)).isLessThan(1e-4);
        }
    }
}
