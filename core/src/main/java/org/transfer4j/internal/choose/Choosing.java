package org.transfer4j.internal.choose;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.MemoryLimitException;
import org.transfer4j.evaluation.LearnerTrial;
import org.transfer4j.head.Head;
import org.transfer4j.internal.fit.FitTask;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.RandomStreams;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.LogisticProbe;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * A choice among combinations of backbone, cut, input size and head by successive halving (K. Jamieson and A. Talwalkar,
 * "Non-stochastic Best Arm Identification and Hyperparameter Optimization", 2016): all are judged by few images, the better
 * half by twice as many, and so on. Where the time does not suffice for all rounds, the last one comes sooner, for fewer of
 * them: two that are judged by all images say more than many by few. Which images are looked at does not depend on time.
 */
public final class Choosing {
    private static final Logger LOG = LoggerFactory.getLogger(Choosing.class);

    /** Of the input size that a learner has; the larger ones as far as they are not above {@value #LARGEST}. */
    private static final double[] SCALES = {0.5, 0.75, 1, 1.5, 2};

    private static final int LARGEST = 128;
    private static final int MULTIPLE = 8;

    /** The part of all images that the first round has. */
    private static final int FIRST_PART = 16;

    /** Of the first round, on the average: fewer say nothing. */
    private static final int LEAST_OF_CLASS = 10;

    private static final int LEAST_LEFT = 2;

    /** Of those that were judged by the same images: of equal ones the one with the lower loss. */
    private static final Comparator<Candidate> BEST_FIRST = Comparator.<Candidate>comparingDouble(
                    candidate -> -candidate.judgement.accuracy())
            .thenComparingDouble(candidate -> candidate.judgement.loss());

    /**
     * How much longer than by the rates of the round before a round is reckoned to take: searches of more images take more steps,
     * and one choice took 21.4% of the time of all where 20% were its budget.
     */
    private static final double SLOWER = 1.1;

    private final List<Settings> learners;
    private final ImageDataset data;
    private final int[] labels;
    private final int classes;
    private final Duration budget;
    private final LongSupplier clock;
    private final long start;
    private final List<Pass> passes = new ArrayList<>();
    private final List<Candidate> candidates = new ArrayList<>();
    private boolean hurried;

    private Choosing(List<Settings> learners, ImageDataset data, Duration budget, LongSupplier clock) {
        this.learners = learners;
        this.budget = budget;
        this.clock = clock;
        start = clock.getAsLong();
        if (budget.isNegative() || budget.isZero()) {
            throw new IllegalArgumentException("a choice needs a budget of more than no time, got " + budget);
        }
        if (learners.isEmpty()) {
            throw new IllegalArgumentException("a choice needs one learner or more to choose from, got none");
        }
        learners.forEach(learner -> requireChoosable(learner, data));
        int[] counts = data.classCounts();
        if (IntStream.of(counts).max().orElse(0) < 2) {
            throw new DatasetException(
                    null,
                    "a choice holds out images of which another of the class is left: it needs 2 images of a class or"
                            + " more, but of " + data.classNames() + " the data has " + Arrays.toString(counts));
        }
        this.data = data.select(stratified(data, learners.get(0).data().seed()));
        classes = data.classNames().size();
        labels = IntStream.range(0, data.size())
                .map(i -> this.data.classIndex(i))
                .toArray();
    }

    /**
     * An order in which any first images have each class in about its proportion.
     *
     * @param seed by which the images of a class are drawn
     */
    static int[] stratified(ImageDataset data, long seed) {
        int[] sizes = data.classCounts();
        int[] seen = new int[sizes.length];
        int[] drawn = RandomStreams.shuffled(data.size(), new SplittableRandom(seed));
        double[] place = new double[data.size()];
        for (int i : drawn) {
            int c = data.classIndex(i);
            place[i] = (seen[c]++ + 0.5) / sizes[c];
        }
        return Arrays.stream(drawn)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> place[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static void requireChoosable(Settings learner, ImageDataset data) {
        if (learner.network().start().isPresent()) {
            throw new IllegalArgumentException(
                    "a choice is among backbones, but one of the learners goes on from a classifier: " + learner);
        }
        FitTask.of(
                learner.with(learner.network()
                                .withHead(Head.globalAveragePooling())
                                .withFreeze(Freeze.ALL))
                        .with(learner.data().withValidation(0))
                        .with(learner.training().withPhases(List.of()).withEarlyStopping(Optional.empty())),
                new LearningData.OneLabel(data));
    }

    /**
     * What was chosen.
     *
     * @param trials all of them, the chosen one first
     * @param complete whether all rounds were run as they would be with more time
     */
    public record Outcome(Settings settings, List<LearnerTrial> trials, boolean complete) {}

    /**
     * Chooses.
     *
     * @param learners backbones with weights and preprocessing
     */
    public static Outcome run(List<Settings> learners, ImageDataset data, Duration budget) {
        return run(learners, data, budget, System::nanoTime);
    }

    /**
     * The same by another clock, as that of the process.
     *
     * @param clock in nanoseconds
     */
    public static Outcome run(List<Settings> learners, ImageDataset data, Duration budget, LongSupplier clock) {
        Choosing choosing = new Choosing(learners, data, budget, clock);
        return Interruption.cancellable("the choice of a learner", () -> NativeMemory.guarded(choosing::run));
    }

    private int firstImages() {
        return Math.min(data.size(), Math.max(LEAST_OF_CLASS * classes, data.size() / FIRST_PART));
    }

    private Outcome run() {
        NativeThreads.applyToNd4j();
        try {
            prepare();
            int images = firstImages();
            List<Candidate> left = firstRound(images);
            for (Round next = next(left, images); next != null; next = next(left, images)) {
                left = round(next.candidates(), next.images());
                images = next.images();
            }
            return outcome(left, images == data.size() && !hurried);
        } finally {
            passes.forEach(pass -> pass.features.close());
        }
    }

    /** Loads the weights, each once, and lists what there is to choose from. */
    private void prepare() {
        for (Settings learner : learners) {
            BackboneParameters parameters = BackboneParameters.of(learner.network(), learner.data());
            for (Extent size : sizes(learner.network())) {
                Pass pass = new Pass(CutFeatures.of(
                        learner.with(learner.network().withSize(size.height(), size.width())), parameters));
                passes.add(pass);
                for (int column = 0; column < pass.features.columns().size(); column++) {
                    candidates.add(new Candidate(pass, column));
                }
            }
        }
    }

    /** The sizes of images; a network that was given takes those of its own size alone. */
    public static List<Extent> sizes(Settings.NetworkSettings network) {
        int height = network.height();
        int width = network.width();
        if (network.backbone().topology() instanceof ParameterValues.Given) {
            return List.of(new Extent(height, width));
        }
        Set<Extent> sizes = new LinkedHashSet<>();
        for (double scale : SCALES) {
            int scaledHeight = scaled(height, scale);
            int scaledWidth = scaled(width, scale);
            boolean small =
                    Math.min(scaledHeight, scaledWidth) < network.backbone().minimumSize();
            boolean large = scale > 1 && Math.max(scaledHeight, scaledWidth) > LARGEST;
            if (!small && !large) {
                sizes.add(new Extent(scaledHeight, scaledWidth));
            }
        }
        return List.copyOf(sizes);
    }

    private static int scaled(int side, double scale) {
        return scale == 1 ? side : Math.max(MULTIPLE, MULTIPLE * (int) Math.round(side * scale / MULTIPLE));
    }

    /** A backbone at an input size. */
    private static final class Pass {
        private final CutFeatures features;
        private int images;
        private double secondsToBegin;
        private double secondsPerImage;

        Pass(CutFeatures features) {
            this.features = features;
        }
    }

    /** One that takes part. */
    private static final class Candidate {
        private final Pass pass;
        private final int column;
        private int images;
        private LogisticProbe.Judgement judgement = new LogisticProbe.Judgement(0, Double.POSITIVE_INFINITY);
        private double secondsPerImage;

        Candidate(Pass pass, int column) {
            this.pass = pass;
            this.column = column;
        }

        int width() {
            return pass.features.columns().get(column).width();
        }

        Settings settings() {
            return pass.features.settings(pass.features.columns().get(column));
        }
    }

    /**
     * The first look at all, the cheapest networks first. What the others will take is told, from the half on, by the best
     * rates that were seen, and is refused if it is too long: small networks take more time than their products tell.
     */
    private List<Candidate> firstRound(int images) {
        requireMemory(candidates, images);
        List<Pass> order = passes.stream()
                .sorted(Comparator.comparingDouble(pass -> pass.features.cost()))
                .toList();
        double least = Double.POSITIVE_INFINITY;
        double perCost = Double.POSITIVE_INFINITY;
        double perWidth = Double.POSITIVE_INFINITY;
        for (int done = 1; done <= order.size(); done++) {
            Pass pass = order.get(done - 1);
            judge(pass, candidates, images);
            least = Math.min(least, pass.secondsToBegin);
            perCost = Math.min(perCost, pass.secondsPerImage / pass.features.cost());
            for (Candidate candidate : of(pass, candidates).toList()) {
                perWidth = Math.min(perWidth, candidate.secondsPerImage / Math.min(images, candidate.width()));
            }
            if (done > order.size() / 2 || done == order.size()) {
                double rest = 0;
                for (Pass next : order.subList(done, order.size())) {
                    rest += least / images + perCost * next.features.cost();
                    for (Candidate candidate : of(next, candidates).toList()) {
                        rest += perWidth * Math.min(images, candidate.width());
                    }
                }
                requireTime(images * rest, images);
            }
        }
        return ranked(candidates, images);
    }

    private void requireTime(double rest, int images) {
        double needed = seconds(start) + rest;
        if (needed > seconds(budget)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a first look at %d combinations of backbone, cut, input size and head with %d images takes about"
                            + " %.0f s here, got a budget of %s: give more time, or fewer learners to choose from",
                    candidates.size(),
                    images,
                    Math.ceil(needed),
                    budget));
        }
    }

    /** Who is judged next, by how many of the first images. */
    private record Round(List<Candidate> candidates, int images) {}

    /**
     * The next round, null after the last.
     *
     * @param left the best first
     * @param before the images that they were judged by
     */
    private @Nullable Round next(List<Candidate> left, int before) {
        int all = data.size();
        if (before == all) {
            return null;
        }
        // no last round with hardly more images than the one before
        int images = 3 * before > all ? all : 2 * before;
        List<Candidate> better = left.subList(0, Math.min(left.size(), Math.max(LEAST_LEFT, (left.size() + 1) / 2)));
        List<Candidate> fewest = left.subList(0, Math.min(left.size(), LEAST_LEFT));
        if (fits(better, before, images, images == all ? 0 : seconds(fewest, images, all))) {
            return new Round(better, images);
        }
        hurried = true;
        for (int count = better.size(); count >= fewest.size(); count--) {
            if (fits(left.subList(0, count), before, all, 0)) {
                return new Round(left.subList(0, count), all);
            }
        }
        if (fits(better, before, images, 0)) {
            return new Round(better, images);
        }
        for (int some = all; 2 * some >= 3 * before; some -= Math.max(1, all / FIRST_PART)) {
            if (fits(fewest, before, some, 0)) {
                return new Round(fewest, some);
            }
        }
        LOG.info(
                "the choice ends here: two of {} by all {} images would take about {} s more of a budget of {}, or too much"
                        + " memory",
                candidates.size(),
                all,
                Math.round(Math.ceil(seconds(fewest, before, all))),
                budget);
        return null;
    }

    /** Whether there is time and memory for a round, and some seconds besides. */
    private boolean fits(List<Candidate> some, int before, int images, double besides) {
        if (seconds(start) + seconds(some, before, images) + besides > seconds(budget)) {
            return false;
        }
        if (!LogisticProbe.fitsHeap(judgedWidth(some, images), classes)) {
            return false;
        }
        try {
            requireMemory(some, images);
            return true;
        } catch (MemoryLimitException e) {
            return false;
        }
    }

    /** What a round is reckoned to take, as the rounds before took. */
    private double seconds(List<Candidate> some, int before, int images) {
        double passing = passes.stream()
                .filter(pass -> of(pass, some).findAny().isPresent())
                .mapToDouble(pass -> pass.secondsToBegin + (images - before) * pass.secondsPerImage)
                .sum();
        double judging = some.stream()
                .mapToDouble(candidate -> images * candidate.secondsPerImage)
                .sum();
        return SLOWER * (passing + judging);
    }

    private void requireMemory(List<Candidate> left, int images) {
        long widths = left.stream().mapToLong(Candidate::width).sum();
        String what = String.format(Locale.ROOT, "a choice among %d learners by %,d images", left.size(), images);
        LogisticProbe.requireHeap(what, LogisticProbe.heapBytes(judgedWidth(left, images), classes));
        NativeMemory.require(
                null, what, Float.BYTES * widths * images + LogisticProbe.nativeBytes(images, widest(left), classes));
    }

    private static int widest(List<Candidate> some) {
        return some.stream().mapToInt(Candidate::width).max().orElseThrow();
    }

    /** Of fewer images than features, the products with each other are judged. */
    private static int judgedWidth(List<Candidate> some, int images) {
        return Math.min(images, widest(some));
    }

    private List<Candidate> round(List<Candidate> left, int images) {
        passes.forEach(pass -> judge(pass, left, images));
        return ranked(left, images);
    }

    private void judge(Pass pass, List<Candidate> left, int images) {
        List<Candidate> own = of(pass, left).toList();
        if (own.isEmpty()) {
            pass.features.close();
            return;
        }
        boolean[] wanted = new boolean[pass.features.columns().size()];
        own.forEach(candidate -> wanted[candidate.column] = true);
        long before = clock.getAsLong();
        pass.features.prepare();
        pass.secondsToBegin = seconds(before);
        before = clock.getAsLong();
        pass.features.compute(data, images, wanted);
        pass.secondsPerImage = seconds(before) / (images - pass.images);
        pass.images = images;
        int[] few = Arrays.copyOf(labels, images);
        for (Candidate candidate : own) {
            before = clock.getAsLong();
            try (FeatureMatrix matrix = pass.features.matrix(candidate.column)) {
                candidate.judgement = LogisticProbe.judge(matrix, few, classes);
            }
            candidate.images = images;
            candidate.secondsPerImage = seconds(before) / images;
        }
    }

    private static Stream<Candidate> of(Pass pass, List<Candidate> all) {
        return all.stream().filter(candidate -> candidate.pass == pass);
    }

    /** The best first; of equal ones the one with the lower loss, then the cheaper one. */
    private static List<Candidate> ranked(List<Candidate> left, int images) {
        List<Candidate> order = left.stream().sorted(BEST_FIRST).toList();
        LOG.info(
                "the best of {} combinations, by {} images: {}",
                order.size(),
                images,
                KnownBackbones.code(order.get(0).settings()));
        return order;
    }

    private Outcome outcome(List<Candidate> left, boolean complete) {
        List<Candidate> order = new ArrayList<>(left);
        candidates.stream()
                .filter(candidate -> !left.contains(candidate))
                .sorted(Comparator.<Candidate>comparingInt(candidate -> -candidate.images)
                        .thenComparing(BEST_FIRST))
                .forEach(order::add);
        return new Outcome(
                order.get(0).settings(),
                order.stream()
                        .map(candidate -> new LearnerTrial(
                                KnownBackbones.code(candidate.settings()),
                                candidate.images,
                                candidate.judgement.accuracy(),
                                candidate.judgement.loss()))
                        .toList(),
                complete);
    }

    private double seconds(long since) {
        return (clock.getAsLong() - since) / 1e9;
    }

    private static double seconds(Duration duration) {
        return duration.getSeconds() + duration.getNano() / 1e9;
    }
}
