package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

class FeaturesTest {
    private static TransferLearner learner(Backbone backbone) {
        return TransferLearner.of(backbone).weights(Weights.random());
    }

    @Test
    void theShapeIsThatOfTheLastFrozenLayer() {
        TransferLearner plain = learner(TinyBackbones.plain());

        assertThat(plain.features(Pictures.dataset(5)).shape()).containsExactly(5, 8, 4, 4);
        assertThat(plain.inputSize(8, 32).features(Pictures.dataset(5)).shape()).containsExactly(5, 8, 2, 8);
        assertThat(plain.freezeUpTo("conv1").features(Pictures.dataset(5)).shape())
                .containsExactly(5, 8, 16, 16);
        assertThat(plain.features(Pictures.dataset(5)).dataType()).isEqualTo(DataType.FLOAT);
    }

    @Test
    void theHeadHasNoPartInThem() {
        TransferLearner plain = learner(TinyBackbones.plain());

        INDArray features = plain.head(Head.globalAveragePooling()).features(Pictures.dataset(3));

        assertThat(features.shape()).containsExactly(3, 8, 4, 4);
        assertThat(Bits.of(features)).isEqualTo(Bits.of(plain.features(Pictures.dataset(3))));
    }

    @Test
    void nothingFrozenGivesThePreprocessedImages() {
        INDArray features = learner(TinyBackbones.plain())
                .unfreezeAll()
                .preprocessing(ImagePreprocessing.torch())
                .features(Pictures.dataset(35));

        assertThat(features.shape()).containsExactly(35, 3, 16, 16);
        INDArray expected = ImagePreprocessing.torch().apply(Pictures.arrays(35));
        assertThat(Bits.of(features)).isEqualTo(Bits.of(expected));
    }

    /** One batch of 32 and one of a single image, which must land in its row. */
    @Test
    void theRowsAreInTheOrderOfTheData() {
        INDArray all = learner(TinyBackbones.plain()).features(Pictures.dataset(33));
        INDArray last =
                learner(TinyBackbones.plain()).features(Pictures.dataset(33).select(32));

        assertThat(all.size(0)).isEqualTo(33);
        assertThat(Bits.of(all.get(NDArrayIndex.interval(32, 33)))).isEqualTo(Bits.of(last));
        assertThat(Bits.of(all.get(NDArrayIndex.interval(0, 1)))).isNotEqualTo(Bits.of(last));
    }

    @ParameterizedTest
    @ValueSource(strings = {"stem", "stem_bn", "block_relu", "pool"})
    void theyAreWhatDl4jComputesInTheWholeNetwork(String layer) {
        TransferLearner learner = learner(TinyBackbones.residual()).freezeUpTo(layer);
        INDArray images = ImagePreprocessing.unit().apply(Pictures.arrays(6));

        INDArray features = learner.features(Pictures.dataset(6));

        ComputationGraph whole = wholeNetwork(learner);
        assertAgree(features, whole.feedForward(images, false).get(layer));
    }

    /** Not in the whole network: DL4J applies the ReLU above it in place. */
    @Test
    void theyAreWhatDl4jComputesInTheFrozenPart() {
        TransferLearner learner = learner(TinyBackbones.residual()).freezeUpTo("block_add");
        ComputationGraph part = Dl4jGraphs.graph(BackboneParameters.of(
                        learner.settings().network(), learner.settings().data())
                .fill(SizedBackbone.of(TinyBackbones.residual(), 16, 16)
                        .frozenPart(Freeze.upTo("block_add"))
                        .orElseThrow()));

        INDArray features = learner.features(Pictures.dataset(6));

        assertThat(features.minNumber().doubleValue()).isNegative();
        assertAgree(features, part.outputSingle(ImagePreprocessing.unit().apply(Pictures.arrays(6))));
    }

    @Test
    void vggAgreesWithDl4j() {
        TransferLearner learner = learner(Backbone.vgg16().upTo("block2_pool")).inputSize(32, 40);
        INDArray images = learner.unfreezeAll().features(SampleDatasets.digits().limit(4));

        INDArray features = learner.features(SampleDatasets.digits().limit(4));

        assertThat(features.shape()).containsExactly(4, 128, 8, 10);
        assertAgree(features, wholeNetwork(learner).feedForward(images, false).get("block2_pool"));
    }

    /** The network as a fit would start from it. */
    private static ComputationGraph wholeNetwork(TransferLearner learner) {
        return Dl4jGraphs.graph(BackboneParameters.of(
                        learner.settings().network(), learner.settings().data())
                .fill(learner.settings().plan(2).network()));
    }

    private static void assertAgree(INDArray actual, INDArray expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        double norm = expected.norm2Number().doubleValue();
        assertThat(norm).isPositive();
        assertThat(actual.sub(expected).norm2Number().doubleValue() / norm).isCloseTo(0, within(1e-5));
    }

    @Test
    void anotherSeedGivesOtherRandomWeights() {
        TransferLearner plain = learner(TinyBackbones.plain());
        assertThat(Bits.of(plain.features(Pictures.dataset(2))))
                .isEqualTo(Bits.of(plain.features(Pictures.dataset(2))))
                .isNotEqualTo(Bits.of(plain.seed(43).features(Pictures.dataset(2))));
    }
}
