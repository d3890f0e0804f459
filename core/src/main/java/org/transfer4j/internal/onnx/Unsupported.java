package org.transfer4j.internal.onnx;

/** What can't be exported, by name. */
final class Unsupported {
    private Unsupported() {}

    static UnsupportedOperationException layer(String name, Object settings, String reason) {
        return new UnsupportedOperationException("the network can't be exported to ONNX: layer \"" + name + "\" ("
                + settings.getClass().getSimpleName() + ") " + reason);
    }
}
