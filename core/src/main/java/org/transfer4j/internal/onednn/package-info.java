/**
 * Not for applications: frozen convolutional graphs compiled to oneDNN.
 *
 * <p>The way of a network: {@code Lowering} turns the nodes of a {@code Network} into a {@code Program} of a few kinds of
 * {@code Operation} that oneDNN has; {@code Fusion} merges what one primitive can do; {@code PlanBuilder} turns the program
 * into primitives for one batch size, and {@code OneDnnTrunk} runs them.
 */
@NullMarked
package org.transfer4j.internal.onednn;

import org.jspecify.annotations.NullMarked;
