/**
 * Not for applications: what a training makes small, on one row at a time, with its derivatives.
 */
@NullMarked
package org.transfer4j.internal.tail.loss;

import org.jspecify.annotations.NullMarked;
