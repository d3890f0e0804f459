/**
 * Not for applications: a classifier's network as an ONNX model (https://onnx.ai), for other runtimes. A pass over
 * a {@code Network}; what has no counterpart in ONNX is refused by name before anything is written.
 */
@NullMarked
package org.transfer4j.internal.onnx;

import org.jspecify.annotations.NullMarked;
