package org.transfer4j;

import org.transfer4j.internal.onnx.Opset;

/**
 * How a classifier is written as an ONNX model. Immutable: each call returns new options.
 *
 * <pre>{@code
 * classifier.exportOnnx(Path.of("photos.onnx"), OnnxOptions.defaults().withoutPreprocessing().opset(17));
 * }</pre>
 *
 * @see ImageClassifier#exportOnnx(java.nio.file.Path, OnnxOptions)
 */
public final class OnnxOptions {
    private static final OnnxOptions DEFAULTS = new OnnxOptions(true, Opset.DEFAULT);

    private final boolean preprocessingIncluded;
    private final int opset;

    private OnnxOptions(boolean preprocessingIncluded, int opset) {
        this.preprocessingIncluded = preprocessingIncluded;
        this.opset = opset;
    }

    /**
     * Preprocessing inside the model, opset 15.
     *
     * @return the options that {@link ImageClassifier#exportOnnx(java.nio.file.Path)} takes
     */
    public static OnnxOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Leaves the scaling of pixels and the order of channels to the program that runs the model: its input is then what
     * {@link org.transfer4j.preprocessing.ImagePreprocessing#apply(org.nd4j.linalg.api.ndarray.INDArray)} returns. The
     * default is a model that takes plain RGB pixels of 0..255, since preprocessing forgotten or taken from another
     * network is an error that nothing reports.
     *
     * @return new options
     */
    public OnnxOptions withoutPreprocessing() {
        return new OnnxOptions(false, opset);
    }

    /**
     * Sets the version of ONNX' operators, for tools that want another than the default, 15 (ONNX 1.10, 2021): runtimes
     * read what is not newer than themselves. It changes no number.
     *
     * @param version from 13 to 17; up to 14 the file has IR version 7, then 8
     * @return new options
     * @throws IllegalArgumentException for another version
     */
    public OnnxOptions opset(int version) {
        return new OnnxOptions(preprocessingIncluded, Opset.require(version));
    }

    boolean preprocessingIncluded() {
        return preprocessingIncluded;
    }

    int opset() {
        return opset;
    }

    @Override
    public String toString() {
        return "OnnxOptions[" + (preprocessingIncluded ? "with" : "without") + " preprocessing, opset " + opset + "]";
    }
}
