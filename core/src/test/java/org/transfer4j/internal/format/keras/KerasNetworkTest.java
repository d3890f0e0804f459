package org.transfer4j.internal.format.keras;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.OneDnnTrunk;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;

/** Networks of ours that are read from Keras' files, also those that DL4J can't say. */
class KerasNetworkTest {
    private static KerasModel.Features features(String file) {
        return KerasModel.read(GoldenFiles.path("keras_models/" + file)).upTo(Optional.empty());
    }

    @Test
    void groupsAndHardFunctionsAreComputedAsKerasDoes() throws InterruptedException {
        KerasModel.Features model = features("hard.keras");
        Network network = model.network(22, 22);
        INDArray pixels = IntegerImages.rgb(2, 22, 22).castTo(DataType.FLOAT);
        INDArray expected = GoldenFiles.channelsFirst("keras_models/features_hard.npy");
        try (OneDnnTrunk trunk =
                OneDnnTrunk.compile(network, model.values(), Precision.FLOAT32, AlgorithmChoices.TABLE)) {
            assertThat(RelativeL2.worst(trunk.infer(pixels), expected)).isLessThan(1e-4);
        }
    }

    /** Layers are nodes under their own names, activations parts of the layers that name them. */
    @Test
    void aLayerIsOneNodeOrMore() {
        Network network = features("hard.keras").network(22, 22);
        assertThat(network.layers().keySet()).startsWith("stem", "groups", "groups_bn", "swish", "squeeze");
        assertThat(network.nodes().keySet()).startsWith("stem/1", "stem", "groups", "groups_bn");
        assertThat(network.nodes().get("groups").op())
                .isInstanceOfSatisfying(
                        Op.Convolution.class, op -> assertThat(op.groups()).isEqualTo(4));
    }
}
