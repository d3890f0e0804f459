/**
 * Not for applications: frozen convolutional graphs compiled to oneDNN.
 *
 * <p>The way of a graph: {@code GraphReader} lowers DL4J's vertices, one {@code LayerLowering} a kind, to a
 * {@code Program} of a few kinds of {@code Operation}; {@code Fusion} merges what one primitive can do; {@code
 * PlanBuilder} turns the program into primitives for one batch size, and {@code OneDnnTrunk} runs them.
 */
@NullMarked
package org.transfer4j.internal.onednn;

import org.jspecify.annotations.NullMarked;
