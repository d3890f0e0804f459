package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.training.Optimizer;

/** Networks on images that oneDNN trains whole, and those that it can't. */
class OneDnnTailTest {
    private static TestNetwork normalized() {
        return TestNetwork.of(3, 16, 16)
                .convolutionWithoutBias(16)
                .normalization()
                .rectification()
                .pooling(PoolingType.MAX)
                .convolutionWithoutBias(32)
                .normalization()
                .rectification()
                .pooling(PoolingType.MAX);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void theSameStepsGiveTheSameBits(Precision precision) {
        assertThat(weightsAfterSteps(precision)).usingRecursiveComparison().isEqualTo(weightsAfterSteps(precision));
    }

    private static Map<String, float[]> weightsAfterSteps(Precision precision) {
        TestNetwork network = normalized();
        try (OneDnnTail tail =
                network.own(new TailSettings(Optimizer.adam(0.01), TrainingLoss.crossEntropy(), 1).in(precision))) {
            for (int step = 0; step < 4; step++) {
                tail.train(network.batch(step == 3 ? 5 : 8, step), 0.01);
            }
            return TestHead.values(tail);
        }
    }

    @Test
    void halfPrecisionLearnsAsWell() {
        double single = lossAfterSteps(Precision.FLOAT32);
        double half = lossAfterSteps(Precision.BFLOAT16);
        assertThat(half).isCloseTo(single, within(0.1));
        assertThat(half == single).isNotEqualTo(OneDnn.supports(Precision.BFLOAT16));
    }

    private static double lossAfterSteps(Precision precision) {
        TestNetwork network = normalized();
        try (OneDnnTail tail =
                network.own(new TailSettings(Optimizer.adam(0.01), TrainingLoss.crossEntropy(), 1).in(precision))) {
            for (int step = 0; step < 11; step++) {
                tail.train(network.batch(16, 1), 0.01);
            }
            return tail.train(network.batch(16, 1), 0.01).loss();
        }
    }

    @Test
    void dropoutBetweenConvolutionsIsAnotherInEachStepAndNoneInPredictions() {
        TestNetwork plain = small().convolution(4, Activation.RELU);
        TestNetwork dropping = small().add(new DropoutLayer(0.5)).convolution(4, Activation.RELU);
        try (OneDnnTail expected = plain.own(TestNetwork.sgd());
                OneDnnTail own = dropping.own(TestNetwork.sgd());
                OneDnnTail again = dropping.own(TestNetwork.sgd())) {
            List<INDArray> theirs = values(expected);
            List<INDArray> ours = values(own);
            for (int i = 0; i < theirs.size(); i++) {
                theirs.get(i).assign(ours.get(i));
            }
            Batch batch = dropping.batch(6, 1);
            assertThat(own.probabilities(batch)).isEqualTo(expected.probabilities(batch));
            List<Double> losses = new ArrayList<>();
            for (int step = 0; step < 5; step++) {
                double loss = own.train(batch, 0).loss();
                assertThat(again.train(batch, 0).loss()).isEqualTo(loss);
                losses.add(loss);
            }
            assertThat(losses)
                    .doesNotHaveDuplicates()
                    .doesNotContain(expected.train(batch, 0).loss());
            own.restore(new UpdaterState(2, 0, Map.of()));
            assertThat(own.train(batch, 0).loss()).isEqualTo(losses.get(2));
        }
    }

    private static List<INDArray> values(Tail tail) {
        return tail.parameters().values().stream()
                .flatMap(layer -> layer.values().stream())
                .toList();
    }

    static Stream<Named<TestNetwork>> others() {
        return Stream.of(
                Named.of(
                        "an activation that oneDNN has not",
                        small().convolution(4, Activation.CUBE).convolution(4, Activation.RELU)),
                Named.of(
                        "a branch around it",
                        small().convolution(4, Activation.CUBE).residual("layer1")),
                Named.of(
                        "a layer that is frozen in the graph",
                        small().add(new FrozenLayer(layer().nIn(4).build()))),
                Named.of(
                        "constraints",
                        small().add(layer().constrainWeights(new UnitNormConstraint(1, 2, 3))
                                .build())),
                Named.of(
                        "dropout of a convolution",
                        small().add(layer().dropOut(0.5).build())));
    }

    private static TestNetwork small() {
        return TestNetwork.of(3, 8, 8).convolution(4, Activation.RELU);
    }

    private static ConvolutionLayer.Builder layer() {
        return new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.RELU);
    }

    @ParameterizedTest
    @MethodSource("others")
    void whatItCannotTrainIsLeftToDl4jAsAWhole(TestNetwork network) {
        assertThatThrownBy(() -> network.own(TestNetwork.sgd()))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessageContaining("layer 'layer");
        try (Tail tail = TailCompiler.compile(network.network(), TestNetwork.sgd())) {
            assertThat(tail).isInstanceOf(GraphTail.class);
            assertThat(tail.parameters()).isNotEmpty();
        }
    }

    static Stream<Named<TestNetwork>> regularized() {
        return Stream.of(
                Named.of("L2", small().add(layer().l2(0.1).l1Bias(0.05).build())),
                Named.of("weight decay", small().add(layer().weightDecay(0.1).build())));
    }

    /** Keras' regularizers come with its networks. */
    @ParameterizedTest
    @MethodSource("regularized")
    void regularizationIsThatOfDl4j(TestNetwork network) {
        try (GraphTail stock = network.stock(TestNetwork.sgd());
                OneDnnTail own = network.own(TestNetwork.sgd())) {
            for (int step = 0; step < 3; step++) {
                Batch batch = network.batch(4, step);
                assertThat(own.train(batch, 0.1).loss())
                        .isCloseTo(stock.train(batch, 0.1).loss(), within(1e-5));
            }
            assertSameValues(own, stock);
        }
    }

    @Test
    void layersGetTheirPartsOfTheRate() {
        TestNetwork network = normalized();
        TailSettings settings = new TailSettings(
                Optimizer.sgd(0.1).momentum(0.9).weightDecay(0.01),
                TrainingLoss.crossEntropy(),
                1,
                Precision.FLOAT32,
                Map.of("layer1", 0.0, "layer2", 0.5),
                true,
                List.of());
        try (GraphTail stock = network.stock(settings);
                OneDnnTail own = network.own(settings)) {
            Map<String, float[]> before = TestHead.values(own);
            for (int step = 0; step < 3; step++) {
                stock.train(network.batch(4, step), 0.05);
                own.train(network.batch(4, step), 0.05);
            }
            assertSameValues(own, stock);
            assertThat(TestHead.values(own).get("layer1/W")).isEqualTo(before.get("layer1/W"));
        }
    }

    static Stream<Named<TestNetwork>> seldom() {
        return Stream.of(
                // DL4J keeps the weights in another order, which is ours where each input has one result
                Named.of(
                        "a separable convolution",
                        small().add(new SeparableConvolution2D.Builder(3, 3)
                                .nOut(6)
                                .activation(Activation.RELU)
                                .build())),
                Named.of(
                        "upsampling",
                        small().add(new Upsampling2D.Builder(2).build()).convolution(4, Activation.RELU)),
                Named.of(
                        "padding that no window takes along",
                        small().add(new ZeroPaddingLayer.Builder(1, 2, 0, 1).build())
                                .add(new ActivationLayer(Activation.SWISH))),
                Named.of(
                        "the larger of two",
                        small().convolution(4, Activation.TANH)
                                .vertex(new ElementWiseVertex(ElementWiseVertex.Op.Max), "layer1", "layer2")),
                Named.of(
                        "the difference of two",
                        small().convolution(4, Activation.TANH)
                                .vertex(new ElementWiseVertex(ElementWiseVertex.Op.Subtract), "layer1", "layer2")),
                Named.of(
                        "a factor and a summand",
                        small().vertex(new ScaleVertex(-1.5), "layer1").vertex(new ShiftVertex(0.2), "layer2")));
    }

    @ParameterizedTest
    @MethodSource("seldom")
    void whatIsSeldomTrainedIsTrainedAsByDl4j(TestNetwork network) {
        try (GraphTail stock = network.stock(TestNetwork.sgd());
                OneDnnTail own = network.own(TestNetwork.sgd())) {
            for (int step = 0; step < 3; step++) {
                stock.train(network.batch(4, step), 0.1);
                own.train(network.batch(4, step), 0.1);
            }
            assertSameValues(own, stock);
        }
    }

    private static void assertSameValues(Tail own, Tail stock) {
        Map<String, float[]> values = TestHead.values(own);
        TestHead.values(stock)
                .forEach((name, expected) ->
                        assertThat(values.get(name)).as(name).containsExactly(expected, within(1e-5f)));
    }

    @Test
    void imagesOfAnotherShapeAreRefusedAndTheNextAreNot() {
        TestNetwork network = small();
        TestNetwork large = TestNetwork.of(3, 9, 8);
        try (OneDnnTail tail = network.own(TestNetwork.sgd())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tail.train(large.batch(4, 1), 0.1))
                    .withMessage("images must be [n > 0, 3, 8, 8], got [4, 3, 9, 8]");
            assertThat(tail.train(network.batch(4, 1), 0.1).loss()).isPositive();
        }
    }
}
