package org.transfer4j.evaluation;

/**
 * How well one label was recognized, among images that may have several. The definitions are those of scikit-learn's
 * {@code precision_recall_fscore_support} with {@code zero_division=0}, and of its {@code average_precision_score}.
 *
 * @param name name of the class
 * @param precision of the images that were given the label, the part that has it; 0 where there were none
 * @param recall of the images that have the label, the part that was given it; 0 where there are none
 * @param f1 harmonic mean of precision and recall; 0 where both are 0
 * @param averagePrecision the precisions at all thresholds, weighted with the growth of recall from one to the next: sum of
 *     (R_n - R_(n-1)) P_n; how well the label's probabilities rank the images, whatever the threshold. 0 where no image has
 *     the label
 * @param support the number of images that have the label
 */
public record LabelMetrics(
        String name, double precision, double recall, double f1, double averagePrecision, long support) {}
