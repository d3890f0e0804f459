package org.transfer4j.internal.onednn;

/**
 * A graph has a part that is not compiled here. Nothing is wrong with the graph: whoever catches this runs it on DL4J.
 */
public final class UnsupportedGraphException extends Exception {
    private static final long serialVersionUID = 1L;

    UnsupportedGraphException(String reason) {
        super(reason);
    }

    UnsupportedGraphException(String reason, Throwable cause) {
        super(reason, cause);
    }

    static UnsupportedGraphException layer(String name, Object kind, String reason) {
        return new UnsupportedGraphException(
                "layer '" + name + "' (" + kind.getClass().getSimpleName() + "): " + reason);
    }
}
