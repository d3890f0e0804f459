package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.internal.cache.CachedFeaturePass.ComputingTurn;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.feature.SeededAugmentation.Variants;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.training.FitListener;

/** Passes of digits through a trunk that gives the images themselves, all of one feature space. */
final class SamplePass {
    private static final int BATCH = 16;
    private static final WeightedNetwork FROZEN = frozen();

    private SamplePass() {}

    private static WeightedNetwork frozen() {
        NetworkPlan plan = NetworkPlan.of(Backbone.vgg16().upTo("block1_pool"), 32, 32, Head.flatten(), 10, Freeze.ALL);
        return Dl4jGraphs.filled(plan.trunk().orElseThrow(), 1);
    }

    static ImageDataset digits(int count) {
        return SampleDatasets.digits().limit(count);
    }

    private static FeatureSpace.Recipe recipe(Trunk trunk) {
        return new FeatureSpace.Recipe(
                "sample",
                FROZEN,
                trunk,
                new NetworkInput(GatedTrunk.SIZE, GatedTrunk.SIZE, ImagePreprocessing.unit()),
                "1.0");
    }

    static SpaceFolder folder(Path root) {
        return new SpaceFolder(root, FeatureSpace.of(recipe(GatedTrunk.open())));
    }

    static CachedFeaturePass of(Path root, Trunk trunk, FitListener listener, Duration patience) {
        return new CachedFeaturePass(new CacheFolder(root), Long.MAX_VALUE, recipe(trunk), BATCH, listener, patience);
    }

    /** Gives all features, after a look whether they are right. */
    static float[] run(Path root, Trunk trunk, int images) {
        return run(of(root, trunk, new FitListener() {}, ComputingTurn.PATIENCE), digits(images));
    }

    static float[] run(CachedFeaturePass pass, ImageDataset data) {
        try (Examples examples = pass.run(new DatasetSource(data), Variants.NONE);
                BatchStream batches =
                        examples.batches(IntStream.range(0, data.size()).toArray(), data.size())) {
            float[] features = batches.next().features().dup().data().asFloat();
            int channel = GatedTrunk.SIZE * GatedTrunk.SIZE;
            for (int i = 0; i < data.size(); i++) {
                assertThat(Arrays.copyOfRange(features, 3 * i * channel, (3 * i + 1) * channel))
                        .as("image %d", i)
                        .isEqualTo(data.image(i).div(255).ravel().toFloatVector());
            }
            return features;
        }
    }
}
