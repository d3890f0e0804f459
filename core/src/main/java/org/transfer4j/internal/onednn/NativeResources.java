package org.transfer4j.internal.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.javacpp.Pointer;

/**
 * Native objects with one owner. They outlive the {@code PointerScope} in which they were made, are not collected while
 * the owner is reachable, and are freed at {@link #close} in the reverse order.
 */
public final class NativeResources implements AutoCloseable {
    private final Deque<Pointer> owned = new ArrayDeque<>();

    public <P extends Pointer> P own(P pointer) {
        pointer.retainReference();
        owned.push(pointer);
        return pointer;
    }

    @Override
    public void close() {
        while (!owned.isEmpty()) {
            owned.pop().deallocate();
        }
    }
}
