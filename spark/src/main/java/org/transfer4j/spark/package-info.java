/**
 * Images on Apache Spark: {@link org.transfer4j.spark.ImageFeaturizer} makes vectors of a column of images,
 * {@link org.transfer4j.spark.TransferModel} predicts with a classifier, {@link org.transfer4j.spark.TransferEstimator} learns one. For applications of Spark ML, from Java, Scala and, by
 * Spark's own bridge, Python. Knows core's internals, and is released with it.
 */
@NullMarked
package org.transfer4j.spark;

import org.jspecify.annotations.NullMarked;
