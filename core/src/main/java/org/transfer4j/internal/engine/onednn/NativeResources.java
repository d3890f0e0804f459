package org.transfer4j.internal.engine.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.transfer4j.internal.memory.NativeMemory;

/**
 * Native objects with one owner. They outlive the {@code PointerScope} in which they were made, are not collected while
 * the owner is reachable, and are freed at {@link #close} in the reverse order.
 */
final class NativeResources implements AutoCloseable {
    private static final long PAGE = 4096;

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
            aligned.set_data_handle(Addresses.offset(aligned.get_data_handle(), PAGE - over));
        }
        return aligned;
    }

    @Override
    public void close() {
        while (!owned.isEmpty()) {
            owned.pop().deallocate();
        }
    }
}
