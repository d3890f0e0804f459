package org.transfer4j.internal.engine.onednn;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;

/**
 * Frees the native objects that a piece of work leaves behind as soon as it ends, instead of at some collection. What
 * shall live on is handed to {@link NativeResources}.
 */
final class NativeScope {
    private NativeScope() {}

    @SuppressWarnings({"unchecked", "try"}) // an empty array of a generic class, and a scope that works by being open
    static <T> T call(Supplier<T> work) {
        try (PointerScope scope = new PointerScope()) {
            return work.get();
        }
    }
}
