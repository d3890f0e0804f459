package org.transfer4j.benchmarks;

/** Where the images of a measurement come from. */
enum Origin {
    /** Arrays that are preprocessed already. */
    MEMORY,
    /** Colour JPEGs of 500x375, quality 90, about 80 kB each: what a camera's pictures are on a web page. */
    PHOTOS,
    /** Colour JPEGs of 32x32. */
    JPEG,
    /** Gray PNGs of 28x28. */
    PNG,
    /** Gray images of 28x28, all in one IDX file. */
    IDX
}
