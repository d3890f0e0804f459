package org.transfer4j.internal.plan;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which layers of a backbone are frozen.
 *
 * @param all whether the whole backbone is
 * @param layer the last frozen layer, null where all or none are frozen
 */
public record Freeze(boolean all, @Nullable String layer) {
    /** The whole backbone. */
    public static final Freeze ALL = new Freeze(true, null);

    /** Nothing. */
    public static final Freeze NONE = new Freeze(false, null);

    /** All that the layer's output depends on, the layer included. */
    public static Freeze upTo(String layer) {
        return new Freeze(false, Objects.requireNonNull(layer, "layer"));
    }

    @Override
    public String toString() {
        if (all) {
            return "backbone frozen";
        }
        return layer == null ? "nothing frozen" : "frozen up to " + layer;
    }
}
