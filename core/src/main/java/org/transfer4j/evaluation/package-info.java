/**
 * How good a classifier is: {@link org.transfer4j.evaluation.EvaluationReport} with accuracy, loss, the confusion
 * matrix and precision, recall and F1 of each class; and how good a regressor is,
 * {@link org.transfer4j.evaluation.RegressionReport}.
 */
@NullMarked
package org.transfer4j.evaluation;

import org.jspecify.annotations.NullMarked;
