package org.transfer4j.benchmarks;

/** Who computes: the library, or DL4J as it comes, beside which the library is measured. */
enum Engine {
    TRANSFER4J,
    DL4J
}
