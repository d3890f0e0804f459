package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.training.Optimizer;

class DenseChainTest {
    @Test
    void readsWhatHeadsAreMadeOf() {
        Network graph =
                TestHead.on(7).dropout(0.25).dense(5).dropout(0.5).dense(4).classes(3);
        assertThat(new DenseChain(graph).layers())
                .isEqualTo(List.of(
                        new DenseChain.Layer("dense_5", 7, 5, true, 0.75),
                        new DenseChain.Layer("dense_4", 5, 4, true, 0.5),
                        new DenseChain.Layer("predictions", 4, 3, false, 1)));
    }

    @Test
    void readsDropoutThatBelongsToALayerAndIdentityActivations() {
        Network graph = TestHead.on(7)
                .dense(5, layer -> layer.activation(Activation.IDENTITY))
                .classes(3, layer -> layer.dropOut(0.5));
        assertThat(new DenseChain(graph).layers())
                .isEqualTo(List.of(
                        new DenseChain.Layer("dense_5", 7, 5, false, 1),
                        new DenseChain.Layer("predictions", 5, 3, false, 0.5)));
    }

    static Stream<Network> others() {
        return Stream.of(
                hidden(layer -> layer.activation(Activation.TANH)),
                hidden(layer -> layer.activation(new ActivationReLU(6.0, 0.0, 0.0))),
                hidden(layer -> layer.activation(Activation.RELU).hasBias(false)),
                hidden(layer -> layer.activation(Activation.RELU).hasLayerNorm(true)),
                hidden(layer -> layer.activation(Activation.RELU).weightNoise(new DropConnect(0.5))),
                hidden(layer -> layer.activation(Activation.RELU).constrainWeights(new UnitNormConstraint())),
                hidden(layer -> layer.activation(Activation.RELU).dropOut(new AlphaDropout(0.5))),
                hidden(layer -> layer.activation(Activation.RELU)
                        .dropOut(new Dropout(new ExponentialSchedule(ScheduleType.EPOCH, 0.5, 0.9)))),
                hidden(layer ->
                        layer.activation(Activation.RELU).gradientNormalization(GradientNormalization.ClipL2PerLayer)),
                TestHead.on(7)
                        .dropout(0.5)
                        .dense(5, layer -> layer.dropOut(0.5))
                        .classes(3),
                TestHead.on(7).classes(3, layer -> layer.hasBias(false)),
                TestHead.on(7).classes(3, layer -> layer.lossFunction(LossFunctions.LossFunction.MSE)),
                TestHead.on(7).classes(3, layer -> layer.lossFunction(new LossMCXENT(Nd4j.ones(3)))),
                TestHead.on(7).classes(3, layer -> layer.lossFunction(new LossMCXENT(1e-4, null))),
                TestHead.on(7)
                        .classes(
                                3,
                                layer -> layer.activation(Activation.SIGMOID)
                                        .lossFunction(new LossBinaryXENT(Nd4j.ones(3)))));
    }

    private static Network hidden(Consumer<DenseLayer.Builder> settings) {
        return TestHead.on(7).dense(5, settings).classes(3);
    }

    @ParameterizedTest
    @MethodSource("others")
    void leavesTheRestToDl4j(Network graph) {
        TailSettings settings = new TailSettings(Optimizer.sgd(0.1), TrainingLoss.crossEntropy(), 1);
        try (Tail tail = TailCompiler.compile(graph, settings)) {
            assertThat(tail).isInstanceOf(GraphTail.class);
        }
    }

    @Test
    void flattensImagesAndLeavesBranchesToDl4j() {
        OutputLayer output = new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
        ComputationGraphConfiguration onImages = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("images")
                .addLayer("predictions", output, "images")
                .setOutputs("predictions")
                .setInputTypes(InputType.convolutional(4, 4, 3))
                .build();
        assertThat(new DenseChain(Dl4jNetwork.network(onImages, Shape.of(3, 4, 4))).layers())
                .hasSize(1);
        ComputationGraphConfiguration branched = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("features")
                .addLayer("left", new DenseLayer.Builder().nIn(4).nOut(4).build(), "features")
                .addLayer("right", new DenseLayer.Builder().nIn(4).nOut(4).build(), "features")
                .addLayer("predictions", output, "left", "right")
                .setOutputs("predictions")
                .setInputTypes(InputType.feedForward(4))
                .build();
        Network merging = Dl4jNetwork.network(branched, Shape.of(4));
        assertThat(new DenseChain(merging).isWhole()).isFalse();
        TailSettings settings = new TailSettings(Optimizer.sgd(0.1), TrainingLoss.crossEntropy(), 1);
        try (Tail tail = TailCompiler.compile(merging, settings)) {
            assertThat(tail).isInstanceOf(GraphTail.class);
        }
    }
}
