package org.transfer4j.benchmarks;

/** Beside whom the library is measured. */
enum Peer {
    KERAS("Keras"),
    ONNX_RUNTIME("ONNX Runtime"),
    DL4J("DL4J"),
    /** The library itself, on images that need no decoding. */
    MEMORY("the same from memory");

    private final String title;

    Peer(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
