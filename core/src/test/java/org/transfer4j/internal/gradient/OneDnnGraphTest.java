package org.transfer4j.internal.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.thread.NativeThreads;

class OneDnnGraphTest {
    private static TestNetwork normalized() {
        return TestNetwork.of(3, 16, 16, new Adam(0.01))
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
        TestNetwork network = normalized();
        INDArray first = weightsAfterSteps(network, precision);
        INDArray second = weightsAfterSteps(network, precision);
        assertThat(first.equalsWithEps(second, 0)).isTrue();
    }

    private static INDArray weightsAfterSteps(TestNetwork network, Precision precision) {
        try (OneDnnGraph graph = TestNetwork.filled(new OneDnnGraph(network.configuration(), precision))) {
            for (int step = 0; step < 4; step++) {
                graph.fit(network.batch(step == 3 ? 5 : 8, step));
            }
            return graph.params().dup();
        }
    }

    @Test
    void halfPrecisionLearnsAsWell() {
        TestNetwork network = normalized();
        double single = lossAfterSteps(network, Precision.FLOAT32);
        double half = lossAfterSteps(network, Precision.BFLOAT16);
        assertThat(half).isNotEqualTo(single).isCloseTo(single, within(0.1));
    }

    private static double lossAfterSteps(TestNetwork network, Precision precision) {
        try (OneDnnGraph graph = TestNetwork.filled(new OneDnnGraph(network.configuration(), precision))) {
            for (int step = 0; step < 12; step++) {
                graph.fit(network.batch(16, 1));
            }
            assertThat(graph.verticesOnOneDnn()).isNotEmpty();
            return graph.score();
        }
    }

    @Test
    void whatIsAboveAnUnknownLayerIsLeftToDl4j() {
        TestNetwork network = TestNetwork.of(3, 8, 8, new Sgd(0.1))
                .convolution(4, Activation.RELU)
                .convolution(4, Activation.CUBE)
                .convolution(4, Activation.RELU);
        try (TestNetwork.Pair pair = TestNetwork.Pair.of(network.configuration(), Precision.FLOAT32)) {
            pair.stock().fit(network.batch(4, 1));
            pair.own().fit(network.batch(4, 1));
            assertThat(pair.own().verticesOnOneDnn()).containsExactly("layer1");
            assertThat(pair.own().params().equalsWithEps(pair.stock().params(), 1e-5))
                    .isTrue();
        }
    }

    @Test
    void aBranchThatLeadsAroundAnUnknownLayerIsLeftToDl4jAsAWhole() {
        TestNetwork network = TestNetwork.of(3, 8, 8, new Sgd(0.1))
                .convolution(4, Activation.RELU)
                .convolution(4, Activation.RELU)
                .convolution(4, Activation.RELU)
                .convolution(4, Activation.CUBE)
                .residual("layer2");
        try (TestNetwork.Pair pair = TestNetwork.Pair.of(network.configuration(), Precision.FLOAT32)) {
            pair.stock().fit(network.batch(4, 1));
            pair.own().fit(network.batch(4, 1));
            assertThat(pair.own().verticesOnOneDnn()).containsExactlyInAnyOrder("layer1", "layer2");
            assertThat(pair.own().params().equalsWithEps(pair.stock().params(), 1e-5))
                    .isTrue();
        }
    }

    @Test
    void depthwiseConvolutionsAndReLU6RunOnOneDnn() {
        TestNetwork network = TestNetwork.of(3, 8, 8, new Sgd(0.1))
                .convolution(4, Activation.IDENTITY)
                .add(new ActivationLayer(Activation.RELU6))
                .add(new DepthwiseConvolution2D.Builder()
                        .kernelSize(3, 3)
                        .depthMultiplier(2)
                        .activation(Activation.IDENTITY)
                        .build());
        try (TestNetwork.Pair pair = TestNetwork.Pair.of(network.configuration(), Precision.FLOAT32)) {
            pair.own().fit(network.batch(4, 1));
            assertThat(pair.own().verticesOnOneDnn()).containsExactlyInAnyOrder("layer1", "layer2", "layer3");
        }
    }

    /** What EfficientNet and DenseNet are made of. */
    @Test
    void squeezeAndExcitePaddingAndMergedChannelsRunOnOneDnn() {
        TestNetwork network = GradientParityTest.squeezeAndExcite(8)
                .add(new ZeroPaddingLayer(1, 2))
                .convolution(4, Activation.SWISH)
                .vertex(new MergeVertex(), "layer8", "layer8");
        try (TestNetwork.Pair pair = TestNetwork.Pair.of(network.configuration(), Precision.FLOAT32)) {
            pair.own().fit(network.batch(4, 1));
            assertThat(pair.own().verticesOnOneDnn())
                    .containsExactlyInAnyOrder(
                            "layer1", "layer2", "layer3", "layer4", "layer5", "layer6", "layer7", "layer8", "layer9");
        }
    }

    @Test
    void imagesOfAnotherSizeAreReadAnew() {
        TestNetwork small = TestNetwork.of(3, 8, 8, new Sgd(0.1))
                .convolution(4, Activation.RELU)
                .add(new GlobalPoolingLayer());
        TestNetwork large = TestNetwork.of(3, 12, 9, new Sgd(0.1));
        try (TestNetwork.Pair pair = TestNetwork.Pair.of(small.configuration(), Precision.FLOAT32)) {
            for (TestNetwork each : List.of(small, large, small)) {
                pair.stock().fit(each.batch(4, 1));
                pair.own().fit(each.batch(4, 1));
                assertThat(pair.own().verticesOnOneDnn()).containsExactly("layer1");
            }
            assertThat(pair.own().params().equalsWithEps(pair.stock().params(), 1e-5))
                    .isTrue();
        }
    }

    /** DL4J must not find its gradients of frozen layers filled. */
    @Test
    void frozenLayersAreLeftToDl4j() {
        TestNetwork network = TestNetwork.of(3, 8, 8, new Sgd(0.1))
                .add(new FrozenLayer(new ConvolutionLayer.Builder(3, 3)
                        .nIn(3)
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build()))
                .convolution(4, Activation.RELU);
        try (TestNetwork.Pair pair = TestNetwork.Pair.of(network.configuration(), Precision.FLOAT32)) {
            pair.stock().fit(network.batch(4, 1));
            pair.own().fit(network.batch(4, 1));
            assertThat(pair.own().verticesOnOneDnn()).isEmpty();
            assertThat(pair.own().params()).isEqualTo(pair.stock().params());
        }
    }

    @Test
    void withoutAConvolutionThatIsKnownAllIsDl4j() {
        TestNetwork network = TestNetwork.of(3, 8, 8, new Sgd(0.1))
                .add(new Upsampling2D.Builder(2).build())
                .convolution(4, Activation.RELU);
        try (TestNetwork.Pair pair = TestNetwork.Pair.of(network.configuration(), Precision.FLOAT32)) {
            pair.stock().fit(network.batch(4, 1));
            pair.own().fit(network.batch(4, 1));
            assertThat(pair.own().verticesOnOneDnn()).isEmpty();
            assertThat(pair.own().params()).isEqualTo(pair.stock().params());
        }
    }

    @Test
    void imagesOfAnotherShapeAreRefusedAndTheNextAreNot() {
        TestNetwork network = TestNetwork.of(3, 8, 8, new Sgd(0.1))
                .add(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build());
        TestNetwork gray = TestNetwork.of(1, 8, 8, new Sgd(0.1));
        try (OneDnnGraph graph = TestNetwork.filled(new OneDnnGraph(network.configuration(), Precision.FLOAT32))) {
            assertThatThrownBy(() -> graph.fit(gray.batch(4, 1))).hasMessageContaining("channels");
            graph.fit(network.batch(4, 1));
            assertThat(graph.score()).isPositive();
            assertThat(graph.verticesOnOneDnn()).containsExactly("layer1");
        }
    }

    /** By them a step is small or not, and takes one thread or all. */
    @Test
    void multiplicationsAreCountedAtTheSizeThatEachConvolutionWritesAt() {
        TestNetwork network = TestNetwork.of(3, 8, 8, new Sgd(0.1))
                .convolution(4, Activation.RELU)
                .pooling(PoolingType.MAX)
                .convolution(6, Activation.RELU);
        try (OneDnnGraph graph = TestNetwork.filled(new OneDnnGraph(network.configuration(), Precision.FLOAT32))) {
            graph.initGradientsView();
            Body body = BodyReader.read(graph, Shape.of(3, 8, 8)).orElseThrow();

            assertThat(body.multiplications(2)).isEqualTo(2 * (4 * 3 * 9 * 8 * 8 + 6 * 4 * 9 * 4 * 4));
            body.close();
        }
        assertThat(NativeThreads.worthwhile(NativeThreads.SMALL - 1, 4)).isEqualTo(1);
        assertThat(NativeThreads.worthwhile(NativeThreads.SMALL, 4)).isEqualTo(4);
    }

    @Test
    void aBackwardPassNeedsAForwardPass() {
        TestNetwork network = TestNetwork.of(3, 8, 8, new Sgd(0.1)).convolution(4, Activation.RELU);
        try (OneDnnGraph graph = TestNetwork.filled(new OneDnnGraph(network.configuration(), Precision.FLOAT32))) {
            graph.initGradientsView();
            try (BodyRunner runner =
                    new BodyRunner(BodyReader.read(graph, Shape.of(3, 8, 8)).orElseThrow(), Precision.FLOAT32)) {
                INDArray images = network.batch(2, 1).getFeatures();
                INDArray gradient = runner.forward(images, false).dup();
                assertThatIllegalStateException().isThrownBy(() -> runner.backward(gradient));
                runner.forward(images, true);
                assertThatThrownBy(() -> runner.backward(images))
                        .hasMessage("the gradient must be [2, 4, 8, 8], got [2, 3, 8, 8]");
            }
        }
    }
}
