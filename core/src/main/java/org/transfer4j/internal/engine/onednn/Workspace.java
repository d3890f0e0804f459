package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.engine;
import org.bytedeco.javacpp.Pointer;

/** The block of native memory in which plans run; it grows to what the largest of them needs. */
final class Workspace implements AutoCloseable {
    private final engine cpu;
    private final NativeResources block = new NativeResources();
    private Pointer start = new Pointer();
    private long capacity;

    Workspace(engine cpu) {
        this.cpu = cpu;
    }

    /** The start of at least so many bytes, whose contents are undefined; invalid after the next call. */
    Pointer reserve(long bytes) {
        if (capacity < bytes) {
            close();
            start = block.memory(Layouts.bytes(bytes), cpu, "what the layers compute")
                    .get_data_handle();
            capacity = bytes;
        }
        return start;
    }

    @Override
    public void close() {
        capacity = 0;
        block.close();
    }
}
