package org.transfer4j.internal.feature;

import java.nio.ByteBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The values of a batch, wherever they are. */
interface BatchValues {
    /** The number of values that each image has. */
    int rowLength();

    /** All values, [n, ...], C order. */
    INDArray all();

    /** Puts one image's values where the buffer's position is; safe from several threads, for each its own buffer. */
    void copyRow(int row, ByteBuffer target);
}
