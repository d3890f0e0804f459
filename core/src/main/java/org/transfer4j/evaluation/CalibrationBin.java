package org.transfer4j.evaluation;

/**
 * The images whose predicted class has a probability in a range: a classifier is calibrated where as many of them are right
 * as their mean probability says.
 *
 * @param low the lower end of the range, which is not part of it but for 0
 * @param high the upper end of the range
 * @param size the number of images
 * @param confidence the mean probability of their predicted classes, NaN where there is no image
 * @param accuracy the part of them that is right, NaN where there is no image
 */
public record CalibrationBin(double low, double high, long size, double confidence, double accuracy) {}
