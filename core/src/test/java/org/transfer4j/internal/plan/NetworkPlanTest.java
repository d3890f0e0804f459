package org.transfer4j.internal.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.RmsProp;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.TinyBackbones;

class NetworkPlanTest {
    private static NetworkPlan plan(Backbone backbone, Head head, Freeze freeze) {
        return NetworkPlan.of(backbone, 16, 24, head, 3, freeze);
    }

    private static NetworkPlan frozen(Head head) {
        return plan(TinyBackbones.plain(), head, Freeze.ALL);
    }

    @Test
    void theCutLiesAboveTheHeadsLayersWithoutParameters() {
        NetworkPlan flat = frozen(Head.flatten());
        assertThat(flat.cut()).hasValue("flatten");
        assertThat(flat.featureShape()).containsExactly(8 * 4 * 6);
        assertThat(flat.tail().layers()).containsOnlyKeys("predictions");

        NetworkPlan pooled = frozen(Head.globalAveragePooling().dense(5));
        assertThat(pooled.cut()).hasValue("global_average_pooling");
        assertThat(pooled.featureShape()).containsExactly(8);
        assertThat(pooled.tail().layers()).containsOnlyKeys("dense", "predictions");
    }

    /** What dropout drops is drawn anew in every epoch. */
    @Test
    void dropoutIsNotComputedOnceForAll() {
        NetworkPlan plan = frozen(Head.flatten().dropout(0.5));
        assertThat(plan.cut()).hasValue("flatten");
        assertThat(plan.tail().layers()).containsOnlyKeys("dropout", "predictions");
    }

    @Test
    void aCutInTheBackboneIsWhereTheFreezeEnds() {
        NetworkPlan plan = plan(TinyBackbones.plain(), Head.flatten(), Freeze.upTo("pool1"));
        assertThat(plan.cut()).hasValue("pool1");
        assertThat(plan.frozen()).containsExactlyInAnyOrder("conv1", "pool1");
        assertThat(plan.featureShape()).containsExactly(8, 8, 12);
        assertThat(plan.trunk().orElseThrow().layers()).containsOnlyKeys("conv1", "pool1");
        assertThat(plan.tail().layers()).containsOnlyKeys("conv2", "pool2", "flatten", "predictions");
    }

    @Test
    void freezingUpToTheLastLayerIsFreezingAll() {
        NetworkPlan plan = plan(TinyBackbones.plain(), Head.globalAveragePooling(), Freeze.upTo("pool2"));
        assertThat(plan.cut()).hasValue("global_average_pooling");
        assertThat(plan.frozen()).isEqualTo(frozen(Head.flatten()).frozen());
    }

    @Test
    void nothingFrozenIsATailAlone() {
        NetworkPlan plan = plan(TinyBackbones.plain(), Head.flatten(), Freeze.NONE);
        assertThat(plan.cut()).isEmpty();
        assertThat(plan.trunk()).isEmpty();
        assertThat(plan.frozen()).isEmpty();
        assertThat(plan.featureShape()).containsExactly(3, 16, 24);
        assertThat(plan.tail().layers()).hasSize(6);
        assertThat(SizedBackbone.of(TinyBackbones.plain(), 16, 16).frozenPart(Freeze.NONE))
                .isEmpty();
    }

    @Test
    void theHeadIsNeverFrozen() {
        for (Freeze freeze : List.of(Freeze.ALL, Freeze.upTo("conv1"), Freeze.NONE)) {
            assertThat(plan(TinyBackbones.plain(), Head.flatten().dense(4), freeze)
                            .frozen())
                    .doesNotContain("flatten", "dense", "predictions");
        }
    }

    @Test
    void aBackboneThatEndsEarlyLeavesTheRestOut() {
        NetworkPlan plan = plan(TinyBackbones.plain().upTo("pool1"), Head.flatten(), Freeze.ALL);
        assertThat(plan.network().layers()).containsOnlyKeys("conv1", "pool1", "flatten", "predictions");
        assertThat(plan.name()).isEqualTo("plain");
        assertThat(plan.classes()).isEqualTo(3);
        assertThat(plan.height()).isEqualTo(16);
        assertThat(plan.width()).isEqualTo(24);
    }

    @Test
    void everyLayerHasTheUpdater() {
        NetworkPlan plan = NetworkPlan.of(TinyBackbones.residual(), 16, 16, Head.flatten(), 3, Freeze.ALL);
        assertThat(Dl4jWriter.write(plan.network(), new RmsProp(0.25))
                        .getVertices()
                        .values())
                .filteredOn(vertex -> vertex instanceof LayerVertex layer
                        && layer.getLayerConf().getLayer() instanceof BaseLayer)
                .hasSize(5)
                .allSatisfy(vertex -> assertThat(((BaseLayer)
                                        ((LayerVertex) vertex).getLayerConf().getLayer())
                                .getIUpdater())
                        .isEqualTo(new RmsProp(0.25)));
    }

    private static Backbone of(Layer first, String name) {
        return Backbone.builder(
                        "own",
                        (height, width) -> new NeuralNetConfiguration.Builder()
                                .graphBuilder()
                                .addInputs("input")
                                .setInputTypes(InputType.convolutional(height, width, 3))
                                .addLayer(name, first, "input")
                                .setOutputs(name)
                                .validateOutputLayerConfig(false)
                                .build())
                .inputSize(16, 16)
                .build();
    }

    @Test
    void aLayerOfTheBackboneMayHaveAHeadLayersName() {
        Backbone backbone = of(new ConvolutionLayer.Builder(1, 1).nOut(2).build(), "flatten");
        NetworkPlan plan = plan(backbone, Head.flatten().dense(3).dense(3), Freeze.ALL);
        assertThat(plan.cut()).hasValue("flatten_1");
        assertThat(plan.network().layers()).containsOnlyKeys("flatten", "flatten_1", "dense", "dense_1", "predictions");
    }

    @Test
    void theOutputsNameIsTaken() {
        Backbone backbone = of(new ConvolutionLayer.Builder(1, 1).nOut(2).build(), "predictions");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(backbone, Head.flatten(), Freeze.ALL))
                .withMessage(
                        "a backbone must not have a layer named predictions, as the output layer above it is: give it"
                                + " another name, or end the backbone below it by upTo(layer)");
    }

    @Test
    void featuresThatAreFlatAlreadyAreRefused() {
        Backbone flat = of(new DenseLayer.Builder().nOut(2).build(), "dense");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(flat, Head.flatten(), Freeze.ALL))
                .withMessageContaining("a backbone's features must be [N, C, H, W]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(flat, Head.globalAveragePooling(), Freeze.ALL))
                .withMessageContaining("a backbone's features must be [N, C, H, W]");
    }

    @Test
    void aRestoredPlanIsCutInTheSamePlace() {
        NetworkPlan plan = plan(TinyBackbones.residual(), Head.flatten(), Freeze.upTo("block_add"));

        NetworkPlan restored = NetworkPlan.restored(
                plan.name(), plan.network(), plan.frozen(), plan.cut().orElseThrow());

        assertThat(restored.summary(ImagePreprocessing.unit())).isEqualTo(plan.summary(ImagePreprocessing.unit()));
        assertThat(restored.featureShape()).isEqualTo(plan.featureShape());
        assertThat(restored.tail().layers()).isEqualTo(plan.tail().layers());
        assertThat(restored.frozen()).isEqualTo(Set.of("stem", "stem_bn", "block_conv", "block_bn", "block_add"));
    }
}
