package org.transfer4j.preprocessing;

/** Stub, to be replaced at the merge. */
public final class ImagePreprocessing {
    private static final ImagePreprocessing UNIT = new ImagePreprocessing("unit");
    private static final ImagePreprocessing CAFFE = new ImagePreprocessing("caffe");
    private static final ImagePreprocessing TORCH = new ImagePreprocessing("torch");
    private static final ImagePreprocessing NONE = new ImagePreprocessing("none");

    private final String name;

    private ImagePreprocessing(String name) {
        this.name = name;
    }

    /**
     * Divides by 255.
     *
     * @return the preprocessing
     */
    public static ImagePreprocessing unit() {
        return UNIT;
    }

    /**
     * BGR, minus means.
     *
     * @return the preprocessing
     */
    public static ImagePreprocessing caffe() {
        return CAFFE;
    }

    /**
     * Mean and deviation.
     *
     * @return the preprocessing
     */
    public static ImagePreprocessing torch() {
        return TORCH;
    }

    /**
     * Values as they are.
     *
     * @return the preprocessing
     */
    public static ImagePreprocessing none() {
        return NONE;
    }

    @Override
    public String toString() {
        return name;
    }
}
