package org.transfer4j.internal.engine.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.transfer4j.internal.memory.NativeMemory;

/**
 * Native objects with one owner. They outlive the {@code PointerScope} in which they were made, are not collected while
 * the owner is reachable, and are freed at {@link #close} in the reverse order.
 */
final class NativeResources implements AutoCloseable {
    private static final long PAGE = 4096;

    /** A cache line, and the width of the widest register. */
    private static final long ALIGNMENT = 64;

    private final Deque<Pointer> owned = new ArrayDeque<>();

    <P extends Pointer> P own(P pointer) {
        pointer.retainReference();
        owned.push(pointer);
        return pointer;
    }

    /**
     * oneDNN's memory in a block that counts: what oneDNN allocates itself nobody limits.
     *
     * @param what what it is for, for the error
     * @throws org.transfer4j.error.MemoryLimitException if it is more than there may be
     */
    memory memory(memory.desc layout, engine cpu, String what) {
        BytePointer block = own(NativeMemory.allocate(Math.addExact(layout.get_size(), PAGE), what));
        memory aligned = own(new memory(layout, cpu, block));
        long over = aligned.get_data_handle().address() % PAGE;
        if (over != 0) {
            aligned.set_data_handle(offset(aligned.get_data_handle(), PAGE - over));
        }
        return aligned;
    }

    @Override
    public void close() {
        while (!owned.isEmpty()) {
            owned.pop().deallocate();
        }
    }

    /**
     * Does some work, and frees the native objects that it leaves behind as soon as it ends, instead of at some collection.
     * What shall live on is handed to resources.
     */
    @SuppressWarnings({"unchecked", "try"}) // an empty array of a generic class, and a scope that works by being open
    static <T> T inScope(Supplier<T> work) {
        try (PointerScope scope = new PointerScope()) {
            return work.get();
        }
    }

    /** A pointer some bytes further; it owns nothing. */
    static Pointer offset(Pointer base, long bytes) {
        BytePointer pointer = new BytePointer(base);
        return pointer.position(pointer.position() + bytes);
    }

    static boolean isAligned(Pointer pointer) {
        return (pointer.address() + pointer.position() * pointer.sizeof()) % ALIGNMENT == 0;
    }
}
