/**
 * ONNX models as backbones, run by ONNX Runtime: {@link org.transfer4j.onnxruntime.OnnxBackbone}.
 */
@NullMarked
package org.transfer4j.onnxruntime;

import org.jspecify.annotations.NullMarked;
