/**
 * Image transfer learning: {@link org.transfer4j.TransferLearner} describes the work, {@link org.transfer4j.ImageClassifier} is its result.
 */
@NullMarked
package org.transfer4j;

import org.jspecify.annotations.NullMarked;
