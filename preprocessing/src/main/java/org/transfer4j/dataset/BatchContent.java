package org.transfer4j.dataset;

import java.nio.FloatBuffer;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.image.ImageOrigin;

/** What is read in batches: images in an order, and what becomes of each. Safe for use by several threads. */
interface BatchContent {
    int size();

    int classIndex(int position);

    ImageOrigin origin(int position);

    /** Decodes and converts an image to the target's position. */
    void write(int position, ImageConverter converter, FloatBuffer target);
}
