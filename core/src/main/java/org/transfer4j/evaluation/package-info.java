/**
 * How good a classifier is: {@link org.transfer4j.evaluation.EvaluationReport} with accuracy, loss, the confusion
 * matrix and precision, recall and F1 of each class.
 */
@NullMarked
package org.transfer4j.evaluation;

import org.jspecify.annotations.NullMarked;
