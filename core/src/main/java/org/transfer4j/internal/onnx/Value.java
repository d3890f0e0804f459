package org.transfer4j.internal.onnx;

import org.transfer4j.internal.network.Shape;

/**
 * A tensor that flows through the graph.
 *
 * @param name unique in the graph
 * @param shape for one image
 */
record Value(String name, Shape shape) {}
