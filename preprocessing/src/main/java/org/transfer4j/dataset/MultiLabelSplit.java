package org.transfer4j.dataset;

/**
 * Two parts of a multi-label dataset that have no image in common and the same class table.
 *
 * @param train the images to learn from
 * @param test the images to measure with
 */
public record MultiLabelSplit(MultiLabelDataset train, MultiLabelDataset test) {}
