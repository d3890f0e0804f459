/**
 * Optimizers, listeners and the history of a training.
 */
@NullMarked
package org.transfer4j.training;

import org.jspecify.annotations.NullMarked;
