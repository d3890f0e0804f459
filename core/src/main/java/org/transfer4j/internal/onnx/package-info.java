/**
 * Not for applications: a classifier's network as an ONNX model (https://onnx.ai), for other runtimes. One small class
 * for each kind of layer; what has no counterpart in ONNX is refused by name before anything is written.
 */
@NullMarked
package org.transfer4j.internal.onnx;

import org.jspecify.annotations.NullMarked;
