package org.transfer4j.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.text.TextTable;

/**
 * What was learned of a classifier's probabilities from images that it was not trained on. The held-out images are divided at
 * random: a quarter gives the temperature, the others give the sets and the figures. Immutable.
 *
 * @param temperature by which the softmax' inputs are divided (C. Guo and others, "On Calibration of Modern Neural Networks",
 *     2017), 0.01 to 100: above 1 where the classifier was too sure of itself, below 1 where it was not sure enough; 1 where
 *     there was nothing to be learned, since each image of the quarter was classified right
 * @param temperatureImages how many images it was learned from
 * @param images how many other images the sets and the figures come from
 * @param errorBefore {@link EvaluationReport#expectedCalibrationError} of the other images at temperature 1
 * @param errorAfter the same at the temperature
 * @param logLossBefore {@link EvaluationReport#logLoss} of the other images at temperature 1
 * @param logLossAfter the same at the temperature
 * @param sets of coverages from 80% up, as far as the images suffice
 * @param novelty how images that are unlike the training images are told, null if that was not learned
 */
public record Calibration(
        double temperature,
        int temperatureImages,
        int images,
        double errorBefore,
        double errorAfter,
        double logLossBefore,
        double logLossAfter,
        List<SetSize> sets,
        @Nullable Novelty novelty) {
    /**
     * How large sets of classes are that have the actual class among them as often as wanted.
     *
     * @param coverage the part of new images whose set shall have their actual class, above 0 and below 1
     * @param leastProbability what a class must have to be in the set, 0 to 1
     * @param meanSize the mean number of classes in the sets of the held-out images
     */
    public record SetSize(double coverage, double leastProbability, double meanSize) {
        /**
         * Checks the ranges.
         *
         * @param coverage as above
         * @param leastProbability as above
         * @param meanSize as above
         */
        public SetSize {
            require(coverage > 0 && coverage < 1, "a coverage is above 0 and below 1", coverage);
            require(leastProbability >= 0 && leastProbability <= 1, "a probability is from 0 to 1", leastProbability);
            require(meanSize >= 0 && meanSize < Integer.MAX_VALUE, "a size is 0 or more", meanSize);
        }
    }

    /**
     * How images that are unlike the training images are told.
     *
     * @param score what is compared
     * @param trainingImages how many training images were looked at
     * @param heldOutImages how many held-out images say how far away known ones are: all
     */
    public record Novelty(NoveltyScore score, int trainingImages, int heldOutImages) {
        /**
         * Checks the numbers.
         *
         * @param score as above
         * @param trainingImages as above
         * @param heldOutImages as above
         */
        public Novelty {
            require(trainingImages > 0, "novelty is told from 1 training image or more", trainingImages);
            require(heldOutImages > 0, "novelty is told from 1 held-out image or more", heldOutImages);
        }
    }

    /**
     * Checks the ranges and copies the list.
     *
     * @param temperature as above
     * @param temperatureImages as above
     * @param images as above
     * @param errorBefore as above
     * @param errorAfter as above
     * @param logLossBefore as above
     * @param logLossAfter as above
     * @param sets as above
     * @param novelty as above
     */
    public Calibration {
        require(temperature >= 0.01 && temperature <= 100, "a temperature is from 0.01 to 100", temperature);
        require(temperatureImages > 0, "a temperature is of 1 image or more", temperatureImages);
        require(images > 0, "a calibration is of 1 image or more", images);
        require(errorBefore >= 0 && errorBefore <= 1, "a calibration error is from 0 to 1", errorBefore);
        require(errorAfter >= 0 && errorAfter <= 1, "a calibration error is from 0 to 1", errorAfter);
        require(logLossBefore >= 0 && Double.isFinite(logLossBefore), "a log loss is 0 or more", logLossBefore);
        require(logLossAfter >= 0 && Double.isFinite(logLossAfter), "a log loss is 0 or more", logLossAfter);
        sets = List.copyOf(sets);
    }

    static void require(boolean right, String rule, double value) {
        if (!right) {
            throw new IllegalArgumentException(rule + ", got " + value);
        }
    }

    /**
     * The figures and a line for each coverage.
     *
     * @return several lines, the last one with a line end; the same in every locale
     */
    @Override
    public String toString() {
        TextTable table = new TextTable("%10s  %17s  %9s");
        table.line("temperature " + TextTable.decimals(temperature, 3) + " of " + temperatureImages
                        + " held-out images; on " + images + " others:")
                .line("calibration error " + TextTable.decimals(errorBefore, 4) + " before, "
                        + TextTable.decimals(errorAfter, 4) + " after; log loss "
                        + TextTable.decimals(logLossBefore, 4) + " before, " + TextTable.decimals(logLossAfter, 4)
                        + " after")
                .row("coverage", "least probability", "mean size");
        for (SetSize set : sets) {
            table.row(
                    set.coverage(),
                    TextTable.decimals(set.leastProbability(), 4),
                    TextTable.decimals(set.meanSize(), 2));
        }
        if (novelty != null) {
            table.line("novelty by " + novelty.score() + " from " + novelty.trainingImages() + " training images and "
                    + novelty.heldOutImages() + " held-out images");
        }
        return table.toString();
    }
}
