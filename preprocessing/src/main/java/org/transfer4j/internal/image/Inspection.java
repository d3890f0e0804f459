package org.transfer4j.internal.image;

/** How much of an encoded image is read to see whether it is all there. */
enum Inspection {
    /** The header and, where that is conclusive, the last few kilobytes: for many files before a long run. */
    HEADER_AND_TAIL,
    /** The structure from beginning to end: before the bytes go to the native decoder. */
    WHOLE
}
