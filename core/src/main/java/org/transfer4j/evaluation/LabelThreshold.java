package org.transfer4j.evaluation;

/**
 * Above which probability a label is given, chosen on held-out images, and what it came to on these.
 *
 * @param label the class's name
 * @param threshold above 0 and below 1
 * @param precision of the images that are given the label, the part that has it; 0 where none is given it
 * @param recall of the images that have the label, the part that is given it; 0 where none has it
 * @param support how many held-out images have the label; where none has, the threshold is one half
 */
public record LabelThreshold(String label, double threshold, double precision, double recall, long support) {
    /**
     * Checks the ranges.
     *
     * @param label as above
     * @param threshold as above
     * @param precision as above
     * @param recall as above
     * @param support as above
     */
    public LabelThreshold {
        Calibration.require(threshold > 0 && threshold < 1, "a threshold is above 0 and below 1", threshold);
        Calibration.require(precision >= 0 && precision <= 1, "a precision is from 0 to 1", precision);
        Calibration.require(recall >= 0 && recall <= 1, "a recall is from 0 to 1", recall);
        Calibration.require(support >= 0, "a support is 0 or more", (double) support);
    }
}
