package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.head.Head;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Dl4jGraphs;

class FeatureSpaceTest {
    private static WeightedNetwork frozen(Head head, int classes) {
        NetworkPlan plan = NetworkPlan.of(Backbone.vgg16().upTo("block1_pool"), 32, 32, head, classes, Freeze.ALL);
        return Dl4jGraphs.filled(plan.trunk().orElseThrow(), 1);
    }

    private static WeightedNetwork frozen() {
        return frozen(Head.flatten(), 10);
    }

    private static FeatureSpace.Recipe recipe(WeightedNetwork frozen) {
        return new FeatureSpace.Recipe(
                "name", frozen, new Trunk.Identity(32, 32), new NetworkInput(32, 32, ImagePreprocessing.unit()), "1.0");
    }

    private static byte[] digest(WeightedNetwork frozen) {
        return FeatureSpace.digest(recipe(frozen));
    }

    @Test
    void theHeadPlaysNoPart() {
        byte[] digest = digest(frozen());
        assertThat(digest(frozen())).isEqualTo(digest);
        assertThat(digest(frozen(Head.flatten().dense(20).dropout(0.5), 3))).isEqualTo(digest);
    }

    @Test
    void anotherCutIsAnotherRecipe() {
        assertThat(digest(frozen(Head.globalAveragePooling(), 10))).isNotEqualTo(digest(frozen()));
    }

    @Test
    void theLastBitOfOneWeightCounts() {
        WeightedNetwork changed = frozen();
        INDArray bias = changed.parameters().get("block1_conv2").get("b");
        bias.putScalar(63, Math.nextUp(bias.getFloat(63)));
        assertThat(digest(changed)).isNotEqualTo(digest(frozen()));
    }

    /** Of one layer that DL4J alone computes, with the same weights each time. */
    private static byte[] digest(Layer foreign) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("images")
                .setInputTypes(InputType.convolutional(16, 16, 3))
                .addLayer("foreign", foreign, "images")
                .setOutputs("foreign")
                .build());
        graph.init();
        WeightedNetwork frozen = Dl4jGraphs.weighted(graph, 3, 16, 16);
        assertThat(frozen.network().nodes().get("foreign").op()).isInstanceOf(Op.Foreign.class);
        return digest(frozen);
    }

    private static Layer deconvolution(Activation activation) {
        return new Deconvolution2D.Builder(2, 2)
                .stride(2, 2)
                .nOut(5)
                .activation(activation)
                .build();
    }

    private static SubsamplingLayer.Builder normPooling() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.PNORM)
                .pnorm(2)
                .kernelSize(3, 3)
                .stride(2, 2);
    }

    /** Another activation or padding of such a layer, which no op says, would else get the features of the first. */
    @Test
    void allSettingsOfALayerThatDl4jAloneComputesCount() {
        byte[] digest = digest(deconvolution(Activation.RELU));
        assertThat(digest(deconvolution(Activation.RELU))).isEqualTo(digest);
        assertThat(digest(deconvolution(Activation.TANH))).isNotEqualTo(digest);
        byte[] padded = digest(normPooling().padding(1, 1).build());
        assertThat(digest(normPooling().padding(1, 1).build())).isEqualTo(padded);
        assertThat(digest(normPooling().convolutionMode(ConvolutionMode.Same).build()))
                .isNotEqualTo(padded);
    }

    @Test
    void eachPartCounts() {
        WeightedNetwork frozen = frozen();
        Trunk trunk = new Trunk.Identity(32, 32);
        ImagePreprocessing unit = ImagePreprocessing.unit();
        byte[] digest = digest(frozen);
        assertThat(FeatureSpace.digest(
                        new FeatureSpace.Recipe("other name", frozen, trunk, new NetworkInput(32, 32, unit), "1.0")))
                .isEqualTo(digest);
        assertThat(FeatureSpace.digest(
                        new FeatureSpace.Recipe("name", frozen, trunk, new NetworkInput(32, 32, unit), "1.1")))
                .isNotEqualTo(digest);
        assertThat(FeatureSpace.digest(
                        new FeatureSpace.Recipe("name", frozen, trunk, new NetworkInput(32, 33, unit), "1.0")))
                .isNotEqualTo(digest);
        assertThat(FeatureSpace.digest(new FeatureSpace.Recipe(
                        "name", frozen, trunk, new NetworkInput(32, 32, ImagePreprocessing.caffe()), "1.0")))
                .isNotEqualTo(digest);
        assertThat(FeatureSpace.digest(new FeatureSpace.Recipe(
                        "name", frozen, new Trunk.Identity(32, 33), new NetworkInput(32, 32, unit), "1.0")))
                .isNotEqualTo(digest);
    }
}
