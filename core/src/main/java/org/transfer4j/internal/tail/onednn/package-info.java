/**
 * Not for applications: trains on oneDNN. Dense layers are products of matrices here, what is below them is a body of
 * {@code internal.engine.onednn}, and all parameters lie in one row, which a descent changes.
 */
@NullMarked
package org.transfer4j.internal.tail.onednn;

import org.jspecify.annotations.NullMarked;
