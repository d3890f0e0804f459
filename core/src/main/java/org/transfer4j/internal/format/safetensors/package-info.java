/**
 * Not for applications: safetensors files, with PyTorch's names and layout of weights, read and written. For
 * {@code internal.weights}, the model file and the stages of a fit.
 */
@NullMarked
package org.transfer4j.internal.format.safetensors;

import org.jspecify.annotations.NullMarked;
