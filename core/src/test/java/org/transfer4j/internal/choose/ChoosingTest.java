package org.transfer4j.internal.choose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.download.CachedFile;
import org.transfer4j.evaluation.LearnerTrial;
import org.transfer4j.internal.fit.FeatureExtraction;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.testing.LogCapture;

class ChoosingTest {
    private static final ImageDataset DIGITS =
            SampleDatasets.digits().shuffle(1).limit(220);

    private static Settings small() {
        Settings settings = Settings.of(Backbone.tinyVgg());
        return settings.with(settings.network().withSize(8, 8));
    }

    /** Two cuts and the end, at 8 and 16 pixels. */
    private static Settings single() {
        Settings settings =
                Settings.of(Backbone.builder("single", Backbone.tinyVgg().topology())
                        .inputSize(8, 8)
                        .minimumSize(8)
                        .cutPoints(List.of("block1_pool", "block2_pool"))
                        .build());
        return settings.with(settings.network().with(settings.network().origin().withWeights(Weights.random())));
    }

    /** By their budgets; the same budget gives the same. Empty where it is too short. */
    private static final Map<Duration, Optional<Choosing.Outcome>> RUNS = new HashMap<>();

    private static Choosing.Outcome run(Duration budget) {
        return ran(budget).orElseThrow();
    }

    /** On a clock on which each look takes a second. */
    private static Optional<Choosing.Outcome> ran(Duration budget) {
        return RUNS.computeIfAbsent(budget, seconds -> {
            AtomicLong looks = new AtomicLong();
            try {
                return Optional.of(Choosing.run(
                        List.of(single()), DIGITS, seconds, () -> looks.getAndIncrement() * 1_000_000_000L));
            } catch (IllegalArgumentException tooShort) {
                return Optional.empty();
            }
        });
    }

    /** The shortest budget with which something holds that holds with each longer one. */
    private static Duration shortest(Predicate<Choosing.Outcome> rule) {
        long below = 1;
        long with = 512;
        assertThat(ran(Duration.ofSeconds(with)))
                .matches(outcome -> outcome.filter(rule).isPresent());
        while (below + 1 < with) {
            long middle = (below + with) / 2;
            if (ran(Duration.ofSeconds(middle)).filter(rule).isPresent()) {
                with = middle;
            } else {
                below = middle;
            }
        }
        return Duration.ofSeconds(with);
    }

    @Test
    void withLittleTimeTheLastRoundComesSoonerForFewer() {
        Choosing.Outcome all = run(Duration.ofDays(1));
        assertThat(all.complete()).isTrue();
        long last = all.trials().stream().filter(trial -> trial.images() == 220).count();
        assertThat(last).isGreaterThan(2);
        Choosing.Outcome hurried =
                run(shortest(outcome -> outcome.trials().get(0).images() == 220));
        assertThat(hurried.complete()).isFalse();
        assertThat(hurried.trials().stream().filter(trial -> trial.images() == 220))
                .hasSizeBetween(2, (int) last - 1);
        assertThat(hurried.trials()).hasSameSizeAs(all.trials());
        // by whatever others they are judged
        assertThat(hurried.trials().subList(0, 2)).isSubsetOf(all.trials());
    }

    @Test
    void withoutTimeForMoreItEndsAfterTheFirstRound() {
        Choosing.Outcome all = run(Duration.ofDays(1));
        assertThat(all.complete()).isTrue();
        Choosing.Outcome first = run(shortest(outcome -> true));
        assertThat(first.complete()).isFalse();
        assertThat(first.trials()).extracting(LearnerTrial::images).containsOnly(100);
        assertThat(first.trials()).hasSameSizeAs(all.trials());
        // those that left in the first round are told the same figures
        assertThat(first.trials())
                .containsAll(all.trials().stream()
                        .filter(trial -> trial.images() == 100)
                        .toList());
    }

    @Test
    void aBudgetMayBeLongerThanNanosecondsCount() {
        assertThat(run(Duration.ofSeconds(Long.MAX_VALUE)).complete()).isTrue();
    }

    /** Two of one pass take 6.6 seconds by the rates of the first round, two of two passes 8.8. */
    @Test
    void theLastRoundIsReckonedToTakeATenthLonger() {
        Duration shortest = shortest(outcome -> true);
        RUNS.remove(shortest);
        try (LogCapture log = new LogCapture(Choosing.class)) {
            run(shortest);
            assertThat(log.lines()).anyMatch(line -> line.matches(".*would take about (8|10) s more of a budget.*"));
        }
    }

    @Test
    void firstImagesHaveEachClassInItsProportion() {
        int[] classes = IntStream.range(0, DIGITS.size())
                .filter(i -> DIGITS.classIndex(i) != 3 || i % 2 == 0)
                .toArray();
        ImageDataset uneven = DIGITS.select(classes);
        int[] order = Choosing.stratified(uneven, 42);
        assertThat(Arrays.stream(order).sorted().toArray())
                .isEqualTo(IntStream.range(0, uneven.size()).toArray());
        int[] all = uneven.classCounts();
        for (int first : new int[] {50, 100}) {
            int[] counts = uneven.select(Arrays.copyOf(order, first)).classCounts();
            for (int c = 0; c < all.length; c++) {
                assertThat((double) counts[c]).isCloseTo((double) all[c] * first / uneven.size(), within(1.5));
            }
        }
        assertThat(order).isEqualTo(Choosing.stratified(uneven, 42)).isNotEqualTo(Choosing.stratified(uneven, 43));
    }

    @Test
    void onePassGivesWhatALearnerHasOfEachCut() {
        Settings settings = small();
        BackboneParameters parameters = BackboneParameters.of(settings.network(), settings.data());
        try (CutFeatures pass = CutFeatures.of(settings, parameters)) {
            boolean[] wanted = new boolean[pass.columns().size()];
            Arrays.fill(wanted, true);
            // by and by, as rounds do
            pass.compute(DIGITS, 10, wanted);
            pass.compute(DIGITS, 70, wanted);
            for (int c = 0; c < wanted.length; c++) {
                INDArray own =
                        new FeatureExtraction(pass.settings(pass.columns().get(c))).embeddings(DIGITS.limit(70));
                float[][] expected = own.reshape(70, -1).toFloatMatrix();
                float[][] rows = pass.rows(c).stream()
                        .flatMap(part -> Arrays.stream(part.toFloatMatrix()))
                        .toArray(float[][]::new);
                assertThat(rows).hasDimensions(70, pass.columns().get(c).width());
                for (int i = 0; i < rows.length; i++) {
                    assertThat(rows[i]).containsExactly(expected[i], within(1e-4f));
                }
            }
        }
    }

    @Test
    void whatIsInTheCacheIsAtHand() {
        Backbone vgg = Backbone.vgg16();
        String name = vgg.pretrainedWeights().orElseThrow().name();
        assertThat(names(KnownBackbones.atHand(List.of()))).containsExactlyInAnyOrder("tinyvgg", "tinyresnet");
        CachedFile whole = new CachedFile(name, 1, Instant.EPOCH, CachedFile.State.RECORDED);
        assertThat(names(KnownBackbones.atHand(List.of(whole)))).hasSize(3).contains("vgg16");
        CachedFile half = new CachedFile(name, 1, Instant.EPOCH, CachedFile.State.UNFINISHED);
        assertThat(names(KnownBackbones.atHand(List.of(half)))).hasSize(2);
    }

    private static List<String> names(List<Backbone> backbones) {
        return backbones.stream().map(Backbone::name).toList();
    }

    @Test
    void sizesAreThoseThatTheBackboneTakes() {
        assertThat(sides(Settings.of(Backbone.tinyVgg()))).containsExactly(16, 24, 32, 48, 64);
        assertThat(sides(small())).containsExactly(8, 16);
        assertThat(sides(Settings.of(Backbone.vgg16()))).containsExactly(112, 168, 224);
        assertThat(sides(Settings.of(Backbone.tinyResNet()))).containsExactly(40, 64, 80, 120);
    }

    private static List<Integer> sides(Settings settings) {
        return Choosing.sizes(settings.network()).stream().map(Extent::height).toList();
    }
}
