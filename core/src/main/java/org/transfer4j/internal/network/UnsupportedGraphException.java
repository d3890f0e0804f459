package org.transfer4j.internal.network;

import org.jspecify.annotations.Nullable;

/** A network has a part that a pass can't do. Nothing is wrong with the network: another engine or format may have it. */
public final class UnsupportedGraphException extends UnsupportedOperationException {
    private static final long serialVersionUID = 1L;

    public UnsupportedGraphException(String reason) {
        super(reason);
    }

    public UnsupportedGraphException(String reason, Throwable cause) {
        super(reason, cause);
    }

    /** Of a node, which the message names by layer and kind. */
    public static UnsupportedGraphException of(Network.Node node, @Nullable String reason) {
        return new UnsupportedGraphException("layer '" + node.layer() + "' (" + node.kind() + "): " + reason);
    }
}
