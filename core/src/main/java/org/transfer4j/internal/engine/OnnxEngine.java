package org.transfer4j.internal.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.trunk.Trunk;

/**
 * A runtime for ONNX models, which this jar has none of: a module that has one names its implementation in
 * {@code META-INF/services}. It is not for others to implement, and may change with any version.
 */
public interface OnnxEngine {
    /** What to say where a network needs one and there is none. */
    String MISSING =
            "its backbone is an ONNX model, which the module org.transfer4j:transfer4j-onnxruntime runs: put it on"
                    + " the class path";

    /** The one that is on the class path. */
    static Optional<OnnxEngine> find() {
        return ServiceLoader.load(OnnxEngine.class, OnnxEngine.class.getClassLoader())
                .findFirst();
    }

    /**
     * Makes a trunk of a model.
     *
     * @param op what the model is
     * @param model its bytes, unsigned; not kept
     * @return for the caller to close
     * @throws IllegalArgumentException if the bytes are not those that the op speaks of, or no model that may be run
     */
    Trunk open(Op.Onnx op, INDArray model);

    /**
     * Makes the attention of a transformer visible.
     *
     * @param op what the model is
     * @param model its bytes, unsigned; not kept
     * @return for the caller to close
     * @throws UnsupportedOperationException if it has no attention between all patches of an image, or none that nodes give; the
     *     message says what to do about it
     */
    Attention attention(Op.Onnx op, INDArray model);

    /** How much each token of an image attends to each, block by block; safe from several threads. */
    interface Attention extends AutoCloseable {
        /** How many tokens an image has. */
        int tokens();

        /**
         * What the softmax of each block gives, from the lowest block up.
         *
         * @param image preprocessed, [1, 3, height, width]
         * @return of each block [heads, tokens, tokens], in C order; each row has the sum 1
         */
        List<float[]> of(INDArray image);

        @Override
        void close();
    }

    /**
     * Puts a model together whose weights are outside of its model file.
     *
     * @param op what the model is, and which files it needs
     * @param outline what the model file has of it
     * @param folders where the files are looked for, the first first
     * @return the model's bytes, for the caller to close
     * @throws IllegalArgumentException if a file is not there, or is another one than it was
     * @throws java.io.UncheckedIOException if one can't be read
     */
    INDArray whole(Op.Onnx op, INDArray outline, List<Path> folders);
}
