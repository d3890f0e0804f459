package org.transfer4j.internal.engine.onednn;

import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.dnnl.primitive_desc_base;

/** Of several ways to compute the same, the first that oneDNN has for the shapes and the CPU at hand. */
final class FirstSupported {
    private FirstSupported() {}

    /**
     * Makes the description of a primitive.
     *
     * @param ways the best first; the last is taken whatever it is
     */
    static <D extends primitive_desc_base> D of(List<Supplier<D>> ways) {
        for (Supplier<D> way : ways.subList(0, ways.size() - 1)) {
            try {
                D description = way.get();
                if (!isReference(description)) {
                    return description;
                }
            } catch (RuntimeException unimplemented) {
                // not for this number of channels, or not with this activation
            }
        }
        return ways.get(ways.size() - 1).get();
    }

    /** Code that is there to define the result, hundreds of times slower than the rest. */
    private static boolean isReference(primitive_desc_base description) {
        return description.impl_info_str().getString().startsWith("ref");
    }
}
