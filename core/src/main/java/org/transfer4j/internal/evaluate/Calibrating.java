package org.transfer4j.internal.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.Calibration;
import org.transfer4j.evaluation.EvaluationAccumulator;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.internal.calibration.FittedCalibration;
import org.transfer4j.internal.calibration.FittedCalibration.HeldOutScores;
import org.transfer4j.internal.calibration.Temperature;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.network.RandomStreams;
import org.transfer4j.internal.plan.AnswerKind;

/**
 * Learns from held-out images how far a classifier can be trusted, or above which probability it gives an image each of several
 * labels. For a temperature and sets they are divided at random, not by class, and always alike: what the sets promise holds where
 * their images are drawn as new ones are.
 */
public final class Calibrating {
    private static final Logger LOG = LoggerFactory.getLogger(Calibrating.class);
    private static final String HELD_OUT = "held-out data";
    private static final String TRAINING = "training data";

    /** One in so many images is for the temperature: one number is learned there, and a quantile of the others. */
    private static final int TEMPERATURE_SHARE = 4;

    private static final int FEWEST = 25;

    private static final long SEED = 42;

    /** What tells these draws from others, whatever the class is called. */
    private static final String STREAM = "Calibrating";

    private final Fitted fitted;
    private final DatasetSource source;

    private Calibrating(Fitted fitted, ImageDataset heldOut) {
        this.fitted = fitted;
        source = DatasetSource.of(heldOut, fitted.network().classNames(), HELD_OUT);
    }

    /**
     * Calibrates.
     *
     * @param training null if what is unlike it need not be told
     * @return the same network, which has one owner more
     * @throws DatasetException if the images don't suffice, before any work
     */
    public static Fitted run(Fitted fitted, ImageDataset heldOut, @Nullable TrainingImages training) {
        if (fitted.network().plan().answers() == AnswerKind.LABELS) {
            throw new IllegalArgumentException(
                    "this classifier gives each image several labels: calibrate it on a MultiLabelDataset");
        }
        if (heldOut.size() < FEWEST) {
            throw new DatasetException(
                    null,
                    "a calibration needs " + FEWEST + " held-out images or more, a quarter for the temperature and "
                            + HeldOutScores.FEWEST + " for sets that cover 95%, got " + heldOut.size());
        }
        Calibrating calibrating = new Calibrating(fitted, heldOut);
        calibrating.requireClasses();
        int[] classes = training == null ? new int[0] : calibrating.classes(training);
        return fitted.calibrated(calibrating.learned(training, classes));
    }

    /** The classes of the training images. */
    private int[] classes(TrainingImages training) {
        List<String> learned = source.classNames();
        TrainingImages.requireComparable(fitted.network(), ": calibrate(heldOut) alone gives temperature and sets");
        DatasetSource all = DatasetSource.of(training.images(), learned, TRAINING);
        if (all.size() <= learned.size()) {
            throw new DatasetException(
                    null,
                    "to see what is unlike the training images, more of them are needed than there are classes, "
                            + learned.size() + ", got " + all.size());
        }
        List<String> missing = missing(all);
        if (!missing.isEmpty()) {
            LOG.warn("no training images of {} are given: images of these classes will be taken for unknown", missing);
        }
        return Evaluation.labels(all, IntStream.range(0, training.images().size()));
    }

    /** The classes that no image has. */
    static List<String> missing(DatasetSource images) {
        int[] counts = images.classCounts().orElseThrow();
        return IntStream.range(0, counts.length)
                .filter(c -> counts[c] == 0)
                .mapToObj(images.classNames()::get)
                .toList();
    }

    private void requireClasses() {
        Set<String> there = new LinkedHashSet<>(source.classNames());
        missing(source).forEach(there::remove);
        if (there.size() < 2) {
            throw new DatasetException(
                    null, "a calibration needs held-out images of 2 classes or more, got " + there + " alone");
        }
    }

    private FittedCalibration learned(@Nullable TrainingImages training, int[] classes) {
        TrainingImages.HeldOutAnswers found =
                TrainingImages.HeldOutAnswers.of(fitted.network(), source.dataset(), training, classes);
        FittedCalibration.Known known = found.known();
        List<float[]> all = found.answers().stream().map(Answer::probabilities).toList();
        SplittableRandom random = RandomStreams.of(SEED, STREAM.hashCode());
        int[] order = RandomStreams.shuffled(all.size(), random);
        int[] first = IntStream.of(order).limit(all.size() / TEMPERATURE_SHARE).toArray();
        int[] others = IntStream.of(order).skip(first.length).toArray();
        Temperature temperature = Temperature.of(rows(all, first), Evaluation.labels(source, IntStream.of(first)));
        if (temperature.equals(Temperature.NONE)) {
            LOG.info(
                    "all of {} held-out images are classified right: there is no temperature to be learned, it stays 1",
                    first.length);
        }
        List<float[]> before = rows(all, others);
        List<float[]> after = before.stream().map(temperature::apply).toList();
        int[] labels = Evaluation.labels(source, IntStream.of(others));
        float[] scores = new float[others.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = FittedCalibration.score(after.get(i)[labels[i]]);
        }
        HeldOutScores sorted = HeldOutScores.of(scores);
        EvaluationReport plain = report(before, labels);
        EvaluationReport calibrated = report(after, labels);
        Calibration figures = new Calibration(
                temperature.value(),
                first.length,
                others.length,
                plain.expectedCalibrationError(),
                calibrated.expectedCalibrationError(),
                plain.logLoss(),
                calibrated.logLoss(),
                FittedCalibration.sets(sorted, after),
                known == null ? null : known.figures());
        return new FittedCalibration(
                new FittedCalibration.Probabilities(temperature, sorted, figures), List.of(), known);
    }

    private static List<float[]> rows(List<float[]> all, int[] indices) {
        return IntStream.of(indices).mapToObj(all::get).toList();
    }

    private EvaluationReport report(List<float[]> probabilities, int[] labels) {
        EvaluationAccumulator report = new EvaluationAccumulator(source.classNames());
        try (INDArray rows = Nd4j.createFromArray(probabilities.toArray(float[][]::new))) {
            report.add(rows, labels);
        }
        return report.report();
    }

    /**
     * Chooses above which probability an image is given each label.
     *
     * @param precision what each label shall have at least; empty for the highest F1
     * @param training null if what is unlike it need not be told
     * @return the same network, which has one owner more
     * @throws DatasetException if no image has a label, before any work
     */
    public static Fitted thresholds(
            Fitted fitted, MultiLabelDataset heldOut, OptionalDouble precision, @Nullable TrainingImages training) {
        if (fitted.network().plan().answers() != AnswerKind.LABELS) {
            throw new IllegalArgumentException(
                    "this classifier gives each image one label: calibrate it on an ImageDataset");
        }
        precision.ifPresent(wanted -> {
            if (!(wanted > 0 && wanted <= 1)) {
                throw new IllegalArgumentException("a precision is above 0 and at most 1, got " + wanted);
            }
        });
        List<String> learned = fitted.network().classNames();
        List<String> missing = missing(DatasetSource.of(heldOut, learned, HELD_OUT));
        if (missing.size() == learned.size()) {
            throw new DatasetException(
                    null,
                    "thresholds are learned from held-out images with labels, got " + heldOut.size() + " without any");
        }
        if (!missing.isEmpty()) {
            LOG.warn("no held-out images have the labels {}: their thresholds stay one half", missing);
        }
        int[] alike = training == null
                ? new int[0]
                : training.alike(fitted.network(), ": calibrate(heldOut) alone gives thresholds");
        TrainingImages.HeldOutAnswers found =
                TrainingImages.HeldOutAnswers.of(fitted.network(), heldOut.images(), training, alike);
        List<Answer> answers = found.answers();
        List<LabelThreshold> thresholds = new ArrayList<>();
        for (String label : learned) {
            int own = thresholds.size();
            float[] probabilities = new float[answers.size()];
            boolean[] there = new boolean[answers.size()];
            for (int i = 0; i < probabilities.length; i++) {
                probabilities[i] = answers.get(i).probabilities()[own];
                there[i] = heldOut.labels(i).contains(label);
            }
            thresholds.add(FittedCalibration.threshold(label, probabilities, there, precision));
        }
        precision.ifPresent(wanted -> warnOfImprecise(thresholds, wanted));
        return fitted.calibrated(new FittedCalibration(null, thresholds, found.known()));
    }

    private static void warnOfImprecise(List<LabelThreshold> thresholds, double wanted) {
        List<LabelThreshold> imprecise = thresholds.stream()
                .filter(label -> label.support() > 0 && label.precision() < wanted)
                .toList();
        if (!imprecise.isEmpty()) {
            LOG.warn(
                    "no threshold gives the precision {} to these labels, which get the most precise one: {}",
                    wanted,
                    imprecise);
        }
    }
}
