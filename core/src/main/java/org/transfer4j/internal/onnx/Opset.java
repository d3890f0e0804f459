package org.transfer4j.internal.onnx;

/**
 * The versions of ONNX' operators that can be written: those between two changes of operators that are used here
 * (https://github.com/onnx/onnx/blob/main/docs/Changelog.md). The nodes are the same in all of them.
 */
public final class Opset {
    /** The oldest, of ONNX 1.8 (2020). */
    public static final int OLDEST = 13;

    /**
     * That of ONNX 1.10 (2021), which runtimes since then read. Old enough for them, and new enough for batch
     * normalization to say that it is not training; before 14 that follows from its one output, which not all tools
     * notice.
     */
    public static final int DEFAULT = 15;

    /** The newest, of ONNX 1.12 (2022); in 18 reductions change. */
    public static final int NEWEST = 17;

    /** The first that counts votes, by rows of zeros and a one. */
    static final int ONE_OF_MANY = 9;

    /** The first in which the largest numbers are counted by an input; a model in a network may have an older one. */
    static final int COUNT_IS_INPUT = 10;

    /** The first in which nothing need be added to a product. */
    static final int PRODUCT_WITHOUT_SUMMAND = 11;

    /** The first in which the axes of a norm are an input. */
    static final int AXES_ARE_INPUT = 18;

    /** The first that came with the file format that is in use since. */
    private static final int FIRST_OF_FORMAT_8 = 15;

    private Opset() {}

    /**
     * Refuses other versions.
     *
     * @return the version
     * @throws IllegalArgumentException for another than 13 to 17
     */
    public static int require(int version) {
        if (version < OLDEST || version > NEWEST) {
            throw new IllegalArgumentException(
                    "the opset must be one from " + OLDEST + " to " + NEWEST + ", got " + version);
        }
        return version;
    }

    /** The version of the file format that was current with an opset (https://github.com/onnx/onnx/blob/main/docs/Versioning.md). */
    static int formatVersion(int opset) {
        return opset < FIRST_OF_FORMAT_8 ? 7 : 8;
    }
}
