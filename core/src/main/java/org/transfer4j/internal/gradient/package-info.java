/**
 * Not for applications: outputs and gradients of the convolutional part of a DL4J graph, on oneDNN.
 *
 * <p>DL4J's own convolutions go through im2col, and each of its layers hands the next one a plain array. Here the layers
 * from a graph's input up to its head are one program: {@code BodyReader} reads them as {@code Operation}s; each of
 * these records on a {@code Tape} the primitives of its forward pass and, for training, those of its backward pass,
 * which work in oneDNN's layouts from end to end; {@code Plan} runs them for one batch size. {@code OneDnnGraph} is a
 * {@code ComputationGraph} that takes its gradients from there and leaves the rest, parameters, updater, head, loss and
 * listeners, to DL4J.
 */
@NullMarked
package org.transfer4j.internal.gradient;

import org.jspecify.annotations.NullMarked;
