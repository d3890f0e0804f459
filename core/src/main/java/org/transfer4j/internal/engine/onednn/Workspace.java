package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/** Where plans run, one at a time: a stream, and a block of native memory that grows to what the largest of them needs. */
final class Workspace implements AutoCloseable {
    private final engine cpu;
    private final NativeResources resources = new NativeResources();
    private final NativeResources block = new NativeResources();
    private final stream order;
    private Pointer start = new Pointer();
    private long capacity;

    Workspace(engine cpu) {
        this.cpu = cpu;
        this.order = resources.own(new stream(cpu));
    }

    /** In which steps are executed. */
    stream order() {
        return order;
    }

    /** The start of at least so many bytes, whose contents are undefined; invalid after the next call. */
    Pointer reserve(long bytes) {
        if (capacity < bytes) {
            free();
            start = block.memory(Layouts.bytes(bytes), cpu, "what the layers compute")
                    .get_data_handle();
            capacity = bytes;
        }
        return start;
    }

    private void free() {
        capacity = 0;
        block.close();
    }

    @Override
    public void close() {
        free();
        resources.close();
    }
}
