package org.transfer4j.internal.gradient;

import java.util.List;
import org.bytedeco.dnnl.memory;
import org.transfer4j.internal.onednn.Layouts;
import org.transfer4j.internal.onednn.Tape;
import org.transfer4j.internal.onednn.Tensor;

/** What a node of a body computes, for any batch size. */
public interface Operation {
    /**
     * Records the forward pass.
     *
     * @param inputs what it reads
     * @param training whether a backward pass follows
     */
    Recorded record(Tape tape, List<Tensor> inputs, boolean training);

    /** An operation on a tape, for one batch size. */
    interface Recorded {
        /** What the forward pass gives. */
        Tensor output();

        /**
         * Records the backward pass: gradients of parameters go where DL4J looks for them.
         *
         * @param gradient of the output, not to be written to
         * @param inputGradientWanted whether anybody below learns
         * @return the gradient of each input, which may be the output's; none where not wanted
         */
        List<Tensor> backward(Tape tape, Tensor gradient, boolean inputGradientWanted);
    }

    /** Whether it has parameters. */
    default boolean learns() {
        return false;
    }

    /** Whether no number that it gives is below zero. */
    default boolean isNonnegative() {
        return false;
    }

    /** Frees what it owns. */
    default void close() {}

    /** The layout that a plain array of the tensor's dimensions has in the tape's arithmetic, for primitives to choose. */
    static memory.desc any(Tape tape, long[] dimensions) {
        return Layouts.any(dimensions, tape.type());
    }
}
