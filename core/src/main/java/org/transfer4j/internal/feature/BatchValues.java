package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The values of a batch, wherever they are. */
interface BatchValues {
    /** The number of values that each image has. */
    int rowLength();

    /** All values, [n, ...], C order. */
    INDArray all();

    /** Puts an image's values [from, to) where the buffer's position is; safe from several threads, for each its own buffer. */
    void copy(int row, int from, int to, ByteBuffer target);
}
