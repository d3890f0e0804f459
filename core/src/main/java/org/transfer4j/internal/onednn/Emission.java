package org.transfer4j.internal.onednn;

import org.transfer4j.internal.onednn.Operation.Binary;
import org.transfer4j.internal.onednn.Operation.Concatenation;
import org.transfer4j.internal.onednn.Operation.Convolution;
import org.transfer4j.internal.onednn.Operation.Elementwise;
import org.transfer4j.internal.onednn.Operation.Pooling;
import org.transfer4j.internal.onednn.Operation.Upsampling;

/** Turns an operation into steps of a plan. */
final class Emission {
    private Emission() {}

    static void emit(Operation operation, PlanBuilder plan) {
        if (operation instanceof Convolution convolution) {
            ConvolutionEmission.emit(convolution, plan);
        } else if (operation instanceof Pooling pooling) {
            PoolingEmission.emit(pooling, plan);
        } else if (operation instanceof Elementwise elementwise) {
            ElementwiseEmission.emit(elementwise, plan);
        } else if (operation instanceof Binary binary) {
            BinaryEmission.emit(binary, plan);
        } else if (operation instanceof Concatenation concatenation) {
            ConcatenationEmission.emit(concatenation, plan);
        } else if (operation instanceof Upsampling upsampling) {
            UpsamplingEmission.emit(upsampling, plan);
        } else {
            throw new IllegalStateException("has no primitive of its own, fuse the program first: " + operation);
        }
    }
}
