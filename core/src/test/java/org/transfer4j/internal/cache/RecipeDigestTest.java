package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.head.Head;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.trunk.IdentityTrunk;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Dl4jGraphs;

class RecipeDigestTest {
    private static WeightedNetwork frozen(Head head, int classes) {
        NetworkPlan plan = NetworkPlan.of(Backbone.vgg16().upTo("block1_pool"), 32, 32, head, classes, Freeze.ALL);
        return Dl4jGraphs.filled(plan.trunk().orElseThrow(), 1);
    }

    private static WeightedNetwork frozen() {
        return frozen(Head.flatten(), 10);
    }

    private static FeatureSpace.Recipe recipe(WeightedNetwork frozen) {
        return new FeatureSpace.Recipe(
                "name", frozen, new IdentityTrunk(32, 32), new NetworkInput(32, 32, ImagePreprocessing.unit()), "1.0");
    }

    private static byte[] digest(WeightedNetwork frozen) {
        return FeatureSpace.RecipeDigest.of(recipe(frozen));
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

    @Test
    void eachPartCounts() {
        WeightedNetwork frozen = frozen();
        Trunk trunk = new IdentityTrunk(32, 32);
        ImagePreprocessing unit = ImagePreprocessing.unit();
        byte[] digest = digest(frozen);
        assertThat(FeatureSpace.RecipeDigest.of(
                        new FeatureSpace.Recipe("other name", frozen, trunk, new NetworkInput(32, 32, unit), "1.0")))
                .isEqualTo(digest);
        assertThat(FeatureSpace.RecipeDigest.of(
                        new FeatureSpace.Recipe("name", frozen, trunk, new NetworkInput(32, 32, unit), "1.1")))
                .isNotEqualTo(digest);
        assertThat(FeatureSpace.RecipeDigest.of(
                        new FeatureSpace.Recipe("name", frozen, trunk, new NetworkInput(32, 33, unit), "1.0")))
                .isNotEqualTo(digest);
        assertThat(FeatureSpace.RecipeDigest.of(new FeatureSpace.Recipe(
                        "name", frozen, trunk, new NetworkInput(32, 32, ImagePreprocessing.caffe()), "1.0")))
                .isNotEqualTo(digest);
        assertThat(FeatureSpace.RecipeDigest.of(new FeatureSpace.Recipe(
                        "name", frozen, new IdentityTrunk(32, 33), new NetworkInput(32, 32, unit), "1.0")))
                .isNotEqualTo(digest);
    }
}
