package org.transfer4j.preprocessing;

import org.bytedeco.opencv.global.opencv_core;

/** What is seen where an image that was moved has no pixels. */
public enum Border {
    /** The image mirrored at its outermost pixels, which are not repeated: {@code dcb|abcd|cba}. For photos. */
    REFLECT(opencv_core.BORDER_REFLECT_101),

    /** The outermost pixels again and again: {@code aaa|abcd|ddd}. For drawings on a plain ground of any colour. */
    REPLICATE(opencv_core.BORDER_REPLICATE),

    /** Black, 0 before preprocessing. */
    BLACK(opencv_core.BORDER_CONSTANT);

    private final int openCvMode;

    Border(int openCvMode) {
        this.openCvMode = openCvMode;
    }

    int openCvMode() {
        return openCvMode;
    }
}
