/**
 * Image transfer learning: {@link org.transfer4j.TransferLearner} describes the work, {@link org.transfer4j.ImageClassifier} is its result,
 * or {@link org.transfer4j.ImageRegressor} where images have numbers.
 */
@NullMarked
package org.transfer4j;

import org.jspecify.annotations.NullMarked;
