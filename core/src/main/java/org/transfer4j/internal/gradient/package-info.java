/**
 * Not for applications: outputs and gradients of a network's layers on images, on oneDNN.
 *
 * <p>The layers from a network's input up to its dense layers are one program: {@code BodyReader} reads them as
 * {@code Operation}s; each of these records on a {@code Tape} the primitives of its forward pass and, for training, those
 * of its backward pass, which work in oneDNN's layouts from end to end; {@code Plan} runs them for one batch size,
 * {@code BodyRunner} for any.
 */
@NullMarked
package org.transfer4j.internal.gradient;

import org.jspecify.annotations.NullMarked;
