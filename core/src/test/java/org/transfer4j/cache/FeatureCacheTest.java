package org.transfer4j.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.transfer4j.cache.Experiments.digits;
import static org.transfer4j.cache.Experiments.learner;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.TransferLearner;
import org.transfer4j.training.FitListener;

class FeatureCacheTest {
    private static final int ROW_BYTES = 64 * Float.BYTES;

    @TempDir
    private Path folder;

    private static long computed(FeatureCache cache, TransferLearner learner, int images) {
        ComputedImages computed = new ComputedImages();
        learner.epochs(1)
                .featureCache(cache)
                .listener(computed)
                .fit(digits(images))
                .close();
        return computed.images();
    }

    @Test
    void settings() {
        FeatureCache cache = FeatureCache.in(folder.resolve("features"));
        assertThat(cache.folder()).isEqualTo(folder.resolve("features").toAbsolutePath());
        assertThat(cache.maximumBytes()).isEqualTo(20_000_000_000L);
        assertThat(cache.maximumBytes(5).maximumBytes()).isEqualTo(5);
        assertThat(cache.maximumBytes(5)).hasToString("feature cache " + cache.folder() + " of at most 5 bytes");
        assertThatThrownBy(() -> cache.maximumBytes(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maximumBytes must be 1 or more, got 0");
        assertThat(cache.list()).isEmpty();
        assertThat(cache.size()).isZero();
        cache.clear();
        assertThat(cache.folder()).doesNotExist();
    }

    @Test
    void listSaysWhatThereIs() {
        FeatureCache cache = FeatureCache.in(folder);
        Instant before = Instant.now().minusSeconds(5);
        computed(cache, learner(), 20);
        computed(cache, learner().inputSize(40, 48), 30);
        List<CachedFeatures> list = cache.list();
        assertThat(list).extracting(CachedFeatures::images).containsExactly(30L, 20L);
        assertThat(list).allSatisfy(features -> {
            assertThat(features.digest()).matches("[0-9a-f]{64}");
            assertThat(features.bytes()).isBetween(features.images() * ROW_BYTES, features.images() * ROW_BYTES * 2);
            assertThat(features.lastUsed()).isBetween(before, Instant.now().plusSeconds(5));
        });
        assertThat(list.get(0).description())
                .contains("vgg16 up to global_average_pooling [64], images 40x48 unit")
                .contains(", Transfer4J ");
        assertThat(cache.size()).isEqualTo(list.get(0).bytes() + list.get(1).bytes());

        computed(cache, learner(), 20);
        assertThat(cache.list()).extracting(CachedFeatures::images).containsExactly(20L, 30L);
    }

    @Test
    void clearForgetsAll() {
        FeatureCache cache = FeatureCache.in(folder);
        computed(cache, learner(), 20);
        cache.clear();
        assertThat(cache.list()).isEmpty();
        assertThat(folder).isEmptyDirectory();
        assertThat(computed(cache, learner(), 20)).isEqualTo(20);
    }

    @Test
    void theLeastRecentlyUsedMakeRoom() {
        FeatureCache cache = FeatureCache.in(folder);
        computed(cache, learner(), 20);
        FeatureCache bounded = cache.maximumBytes(cache.size() * 5 / 2);
        computed(bounded, learner().seed(2), 20);
        computed(bounded, learner(), 20);
        computed(bounded, learner().seed(3), 20);
        assertThat(bounded.size()).isLessThanOrEqualTo(bounded.maximumBytes());
        assertThat(computed(bounded, learner(), 20)).as("used again").isZero();
        assertThat(computed(bounded, learner().seed(2), 20)).as("used first").isEqualTo(20);
    }

    @Test
    void theMaximumHoldsAlsoWhereAllIsFound() {
        FeatureCache cache = FeatureCache.in(folder);
        computed(cache, learner().seed(2), 20);
        computed(cache, learner(), 20);
        FeatureCache bounded = cache.maximumBytes(cache.size() * 3 / 4);
        assertThat(computed(bounded, learner(), 20)).isZero();
        assertThat(bounded.size()).isLessThanOrEqualTo(bounded.maximumBytes());
        assertThat(computed(bounded, learner(), 20)).as("used last").isZero();
    }

    @Test
    void aFitThatNeedsMoreThanTheMaximumIsServed() {
        FeatureCache tiny = FeatureCache.in(folder).maximumBytes(1);
        Experiments.assertSameAsWithout(tiny, learner(), digits(40));
        assertThat(tiny.size()).isZero();
    }

    @Test
    void aCacheThatIsClearedMeanwhileDisturbsNobody() {
        FeatureCache cache = FeatureCache.in(folder);
        TransferLearner cleared = learner().listener(new FitListener() {
            @Override
            public void featuresAdvanced(long images) {
                cache.clear();
            }

            @Override
            public void epochStarted(int epoch, int epochs, long images) {
                cache.clear();
            }
        });
        Experiments.assertSameAsWithout(cache, cleared, digits(70));
        assertThat(cache.list()).isEmpty();
    }
}
