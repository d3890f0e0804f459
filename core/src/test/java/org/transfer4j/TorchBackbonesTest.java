package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.internal.weights.WeightsLoader;
import org.transfer4j.testing.Backbones;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;
import org.transfer4j.testing.TorchWeightsFile;

/**
 * The backbones at full size against torchvision's and timm's own networks, from a safetensors file with their names and
 * pixels to features.
 */
class TorchBackbonesTest {
    private static final double LIMIT = 1e-4;
    /** With wider weights its many blocks make a large error of each rounding. */
    private static final Map<String, Double> FACTORS = Map.of("efficientNetV2S", 0.5);

    private static final Set<String> TENSORFLOWS = Set.of("mobileNetV3Large", "efficientNetV2B0", "efficientNetV2S");
    private static final int HEIGHT = 33;
    private static final int WIDTH = 47;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resNet34",
                "resNet101V15",
                "resNet152V15",
                "resNeXt50",
                "vgg16BatchNorm",
                "efficientNetB0Torch",
                "efficientNetB0Torch.torchvision",
                "mobileNetV2Torch.torchvision",
                "mobileNetV2Torch",
                "mobileNetV3Large",
                "mobileNetV3LargeTorch",
                "regNetY016",
                "regNetY016.torchvision",
                "hgNetV2B0",
                "hgNetV2B4",
                "mobileNetV4ConvSmall",
                "mobileNetV4ConvMedium",
                "efficientNetV2B0",
                "efficientNetV2S"
            })
    void featuresAreThoseOfTorchvisionOrTimm(String golden) {
        String[] parts = golden.split("\\.", -1);
        Backbone backbone = Backbones.named(parts[0]);
        // what the other program calls the layers comes second
        Map<String, String> names = backbone.torchNames().get(parts.length - 1);
        Network network = SizedBackbone.of(backbone, HEIGHT, WIDTH).network();
        // the variants that timm has of one network are told apart by the file's name
        String file = TENSORFLOWS.contains(golden) ? "tf_efficientnet" : "efficientnet";
        Path weights = TorchWeightsFile.of(
                folder.resolve(file + ".safetensors"), network, names, FACTORS.getOrDefault(golden, 1.0));
        INDArray expected = GoldenFiles.channelsFirst("torch_backbones/" + golden + "/features.npy");
        ImageDataset images = ImageDataset.of(IntegerImages.rgb(1, HEIGHT, WIDTH), new int[1]);
        INDArray features = TransferLearner.of(backbone)
                .weights(Weights.file(weights))
                .inputSize(HEIGHT, WIDTH)
                .features(images);
        assertThat(RelativeL2.worst(features, expected)).isLessThan(LIMIT);
        if (Backbones.UNSAID_BY_DL4J.contains(parts[0])) {
            assertThat(RelativeL2.worst(inJava(backbone, network, weights, images), expected))
                    .as("plain Java")
                    .isLessThan(LIMIT);
        }
    }

    /** As it is computed where oneDNN is not. */
    private static INDArray inJava(Backbone backbone, Network network, Path weights, ImageDataset images) {
        NetworkLayers layers = NetworkLayers.of(
                network,
                SizedBackbone.whole(backbone, backbone.inputHeight(), backbone.inputWidth()),
                backbone.torchNames());
        WeightedNetwork weighted =
                new WeightedNetwork(network, WeightsLoader.load(Weights.file(weights), Optional.empty(), layers));
        try (Trunk trunk = TrunkCompiler.inJava(weighted);
                BatchStream batches =
                        new DatasetSource(images).open(new NetworkInput(HEIGHT, WIDTH, backbone.preprocessing()), 1)) {
            return trunk.infer(batches.next().features());
        }
    }
}
