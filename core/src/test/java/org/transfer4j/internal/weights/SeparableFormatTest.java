package org.transfer4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;

/** The network of {@code separable_golden.py}: separable convolutions, and slopes of positions and of channels. */
class SeparableFormatTest {
    private static final int HEIGHT = 7;
    private static final int WIDTH = 6;

    private final Network network = network();

    private static Network network() {
        Network.Builder network = new Network.Builder("pixels", Shape.of(3, HEIGHT, WIDTH));
        Extent three = new Extent(3, 3);
        Window around = new Window(three, Extent.ONE, Extent.ONE, Extent.ONE, Extent.ONE);
        Window inside = new Window(new Extent(3, 2), Extent.ONE, Extent.ONE, new Extent(0, 0), new Extent(0, 0));
        separable(network, "first", new Op.Convolution(3, 6, 3, around, false), 5, true, "pixels");
        network.add("positions", "positions", "PReLU", new Op.Slopes(Shape.of(5, HEIGHT, WIDTH)), List.of("first"));
        separable(network, "second", new Op.Convolution(5, 5, 5, inside, false), 4, false, "positions");
        network.add("channels", "channels", "PReLU", new Op.Slopes(Shape.of(4, 1, 1)), List.of("second"));
        return network.build("channels");
    }

    private static void separable(
            Network.Builder network, String name, Op.Convolution channels, int outputs, boolean biased, String input) {
        network.add(name + "/1", name, "SeparableConv2D", channels, List.of(input));
        Op points = new Op.Convolution(channels.outputs(), outputs, 1, Window.PIXEL, biased);
        network.add(name, name, "SeparableConv2D", points, List.of(name + "/1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"separable.h5", "separable.weights.h5"})
    void featuresAreThoseOfKeras(String file) {
        WeightedNetwork read = new WeightedNetwork(
                network,
                WeightsLoader.load(
                        Weights.file(GoldenFiles.path("weights/formats/" + file)),
                        Optional.empty(),
                        NetworkLayers.of(network, network, List.of())));
        INDArray pixels =
                IntegerImages.rgb(2, HEIGHT, WIDTH).castTo(DataType.FLOAT).divi(255);
        INDArray expected = GoldenFiles.channelsFirst("weights/formats/separable_features.npy");
        for (Trunk trunk : List.of(TrunkCompiler.inJava(read), TrunkCompiler.onDl4j(read))) {
            assertThat(RelativeL2.worst(trunk.infer(pixels.dup()), expected))
                    .as(trunk.engine())
                    .isLessThan(1e-6);
            trunk.close();
        }
    }
}
