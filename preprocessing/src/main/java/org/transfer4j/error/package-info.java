/**
 * What can be wrong with images, labels, weights and model files: one unchecked base, {@link org.transfer4j.error.TransferException}, that carries the file and the reason.
 */
@NullMarked
package org.transfer4j.error;

import org.jspecify.annotations.NullMarked;
