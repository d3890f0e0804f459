package org.transfer4j.backbone;

/** In what numbers weights are kept in a file. They are float once they are read. */
public enum StoredPrecision {
    /** As they are, 4 bytes each. */
    FLOAT32,
    /**
     * IEEE 754 half precision, 2 bytes each: 11 significant bits, values up to 65,504. Enough for weights that are only
     * computed with; training goes on better from all bits.
     */
    FLOAT16
}
