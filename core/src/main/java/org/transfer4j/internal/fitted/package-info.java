/**
 * Not for applications: what a fit or a file gives, and what it answers.
 *
 * <p>An image on its way to a prediction: the public face has it decoded, {@link org.transfer4j.internal.fitted.Inference}
 * resizes and preprocesses it, and {@link org.transfer4j.internal.fitted.FittedNetwork} sends it through the frozen layers and
 * the trained ones.
 */
@NullMarked
package org.transfer4j.internal.fitted;

import org.jspecify.annotations.NullMarked;
