package org.transfer4j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.internal.engine.TrunkCompiler.Dl4jTrunk;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeights;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.testing.RelativeL2;
import org.transfer4j.testing.VggKernels;

/** The engine that is second choice against Keras; the first is tested with the public face. */
class Dl4jTrunkParityTest {
    private static final int SIZE = 32;

    private static ComputationGraph graph =
            Graphs.instantiate(Backbone.vgg16().topology().configure(SIZE, SIZE));

    @BeforeAll
    static void fill() {
        Map<String, Map<String, INDArray>> parameters = Graphs.parameters(graph);
        VggKernels.shapes(1).forEach((layer, shape) -> {
            float[] kernel = HashWeights.values(layer + "/kernel", shape);
            INDArray channelsFirst = Nd4j.create(kernel, shape, 'c').permute(3, 2, 0, 1);
            parameters.get(layer).get("W").assign(channelsFirst);
            parameters.get(layer).get("b").assign(Nd4j.createFromArray(HashWeights.values(layer + "/bias", shape[3])));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"unit", "caffe"})
    void featuresAreThoseOfKeras(String preprocessing) {
        INDArray expected = GoldenFiles.channelsFirst("vgg16/features_" + preprocessing + "_" + SIZE + ".npy");
        int count = Math.toIntExact(expected.size(0));
        ImageDataset images = ImageDataset.of(IntegerImages.rgb(count, SIZE, SIZE), new int[count]);
        try (Dl4jTrunk trunk = new Dl4jTrunk(graph, Shape.of(3, SIZE, SIZE), Shape.of(512, 1, 1));
                BatchStream batches =
                        new DatasetSource(images).open(new NetworkInput(SIZE, SIZE, mode(preprocessing)), count)) {
            INDArray features = trunk.infer(batches.next().features());
            assertThat(RelativeL2.worst(features, expected)).isLessThan(1e-4);
        }
    }

    private static ImagePreprocessing mode(String name) {
        return name.equals("unit") ? ImagePreprocessing.unit() : ImagePreprocessing.caffe();
    }
}
