/**
 * Not for applications: networks of images compiled to oneDNN, for inference and for training.
 *
 * <p><b>The compiler</b>, one way for both: a {@code Lowering} turns the nodes of a {@code Network} into a {@code Program}
 * of a few kinds of {@code Operation} that oneDNN has (of frozen layers with copied weights, of learned ones with weights
 * and gradients where they are kept); {@code Fusion} merges what one primitive can do; {@code PlanBuilder} makes a
 * {@code Plan} of it for one batch size, with a backward pass where it is trained.
 *
 * <p><b>The kernels</b>: an operation's {@code emit} records its primitives on a {@code Tape}, and says how gradients go back
 * through it: {@code ConvolutionEmission}, {@code NormalizationParameters}, {@code PoolingEmission}, {@code ElementEmission}
 * and {@code CopyEmission}. {@code ConvolutionAlgorithms} says which algorithm computes a convolution.
 *
 * <p><b>The memory</b>: a {@code Tape} has {@code Tensor}s in {@code Region}s, which {@code ArenaLayout} puts into one
 * block, a {@code Workspace}; {@code PackedWeights} are shared by all plans of a trunk; {@code NativeResources} frees.
 *
 * <p><b>Who runs them</b>: {@code OneDnnTrunk} frozen layers, many pieces at once; {@code OneDnnBody} layers that are
 * learned, one step at a time.
 */
@NullMarked
package org.transfer4j.internal.engine.onednn;

import org.jspecify.annotations.NullMarked;
