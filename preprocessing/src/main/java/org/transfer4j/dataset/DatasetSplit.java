package org.transfer4j.dataset;

/**
 * Two parts of a dataset that have no image in common and the same class table.
 *
 * @param train the images to learn from
 * @param test the images to measure with
 */
public record DatasetSplit(ImageDataset train, ImageDataset test) {}
