package org.transfer4j.dataset;

/**
 * Two parts of a regression dataset that have no image in common and the same targets.
 *
 * @param train the images to learn from
 * @param test the images to measure with
 */
public record RegressionSplit(RegressionDataset train, RegressionDataset test) {}
