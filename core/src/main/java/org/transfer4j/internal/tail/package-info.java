/**
 * Not for applications: trains what is above the cut, epoch by epoch. What is made small is in {@code loss}; who takes the steps is
 * in {@code onednn}, else in {@code dl4j}.
 */
@NullMarked
package org.transfer4j.internal.tail;

import org.jspecify.annotations.NullMarked;
