package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.HashWeights;
import org.transfer4j.testing.IntegerImages;
import org.transfer4j.training.Optimizer;

/** Training steps of ops that DL4J has not are PyTorch's: torch_training_golden.py. */
class TorchTrainingTest {
    private static final int COUNT = 8;
    private static final int CLASSES = 5;
    private static final Map<String, String> KINDS = Map.of(
            Op.WEIGHTS,
            "kernel",
            Op.BIAS,
            "bias",
            Op.GAMMA,
            "gamma",
            Op.BETA,
            "beta",
            Op.MEAN,
            "moving_mean",
            Op.VARIANCE,
            "moving_variance");

    private final Network.Builder builder = new Network.Builder("images", Shape.of(3, 15, 14));
    private String last = "images";

    private TorchTrainingTest add(String name, Op op, String... inputs) {
        builder.add(name, name, "Layer", op, inputs.length == 0 ? List.of(last) : List.of(inputs));
        last = name;
        return this;
    }

    private TorchTrainingTest convolution(String name, int outputs, int groups, int size, int stride, boolean biased) {
        Extent around = new Extent(size / 2, size / 2);
        Window window = new Window(new Extent(size, size), new Extent(stride, stride), Extent.ONE, around, around);
        return add(name, new Op.Convolution(builder.shape(last).channels(), outputs, groups, window, biased));
    }

    private TorchTrainingTest normalization(String convolution) {
        return add(convolution + "_bn", new Op.Normalization(builder.shape(last).channels(), 1e-5, 0.9));
    }

    private TorchTrainingTest activate(String name, Activation activation) {
        return add(name, new Op.Activate(activation));
    }

    private Network network() {
        Activation hardSwish = Activation.of(Activation.Function.HARD_SWISH);
        convolution("stem", 8, 1, 3, 1, false).normalization("stem").activate("stem_act", hardSwish);
        convolution("grouped", 16, 4, 3, 1, false).normalization("grouped").activate("grouped_act", hardSwish);
        convolution("depthwise", 16, 16, 5, 2, false).normalization("depthwise").activate("image", hardSwish);
        add("mean", new Op.GlobalPooling(false));
        convolution("squeeze", 4, 1, 1, 1, true).activate("squeezed", Activation.of(Activation.Function.RELU));
        convolution("excite", 16, 1, 1, 1, true)
                .activate("gate", new Activation(Activation.Function.HARD_SIGMOID, 1.0 / 6, 0.5));
        add("gated", new Op.Binary(Op.Binary.Kind.PRODUCT), "image", "gate");
        convolution("project", 12, 1, 1, 1, false).normalization("project");
        add("global", new Op.GlobalPooling(false)).add("flat", new Op.Reshape(Shape.of(12)));
        builder.add("logits", "predictions", "Dense", new Op.Dense(12, CLASSES, true), List.of("flat"));
        Op softmax = new Op.Activate(Activation.of(Activation.Function.SOFTMAX));
        builder.add("predictions", "predictions", "Dense", softmax, List.of("logits"));
        return builder.build("predictions");
    }

    private static String name(Network.Node node, String parameter) {
        return node.layer() + "/" + KINDS.get(parameter);
    }

    private static INDArray initial(Network.Node node, String parameter) {
        long[] shape = node.op().parameters().get(parameter).toArray();
        int count = Math.toIntExact(node.op().parameters().get(parameter).elements());
        double factor = parameter.equals(Op.WEIGHTS) ? Math.pow((double) count / shape[0], -0.5) : 1;
        return Nd4j.createFromArray(HashWeights.values(name(node, parameter), factor, count))
                .reshape(shape);
    }

    @Test
    void stepsAreThoseOfPyTorch() {
        JsonNode golden = GoldenFiles.json("fine_tuning/torch_training.json");
        double rate = golden.get("rate").asDouble();
        Network network = network();
        int[] classes = new int[COUNT];
        for (int i = 0; i < COUNT; i++) {
            classes[i] = i % CLASSES;
        }
        Batch batch = new Batch(
                IntegerImages.rgb(COUNT, 15, 14).castTo(DataType.FLOAT).divi(255), classes);
        TailSettings settings = new TailSettings(Optimizer.sgd(rate), TrainingLoss.crossEntropy(), 1);
        try (OneDnnTail tail = OneDnnTail.of(network, settings)) {
            ParameterValues.copy(ParameterValues.made(network, TorchTrainingTest::initial), tail.parameters());
            for (JsonNode loss : golden.get("losses")) {
                assertThat(tail.train(batch, rate).loss()).isCloseTo(loss.asDouble(), within(2e-5));
            }
            Network.Values learned = ParameterValues.of(network, tail.parameters());
            int compared = 0;
            for (Network.Node node : network.nodes().values()) {
                for (String parameter : node.op().parameters().keySet()) {
                    JsonNode expected = golden.get("weights").get(name(node, parameter));
                    if (expected != null) {
                        requireSameWay(
                                name(node, parameter), initial(node, parameter), learned.of(node, parameter), expected);
                        compared++;
                    }
                }
            }
            assertThat(compared).isEqualTo(golden.get("weights").size());
        }
    }

    /** The distance from PyTorch's weights, as a part of the way that these went. */
    private static void requireSameWay(String name, INDArray initial, INDArray learned, JsonNode expected) {
        double distance = 0;
        double way = 0;
        for (int i = 0; i < expected.size(); i++) {
            distance += Math.pow(learned.getDouble(i) - expected.get(i).asDouble(), 2);
            way += Math.pow(initial.getDouble(i) - expected.get(i).asDouble(), 2);
        }
        assertThat(learned.length()).as(name).isEqualTo(expected.size());
        assertThat(Math.sqrt(distance / way)).as(name).isLessThan(2e-4);
    }
}
