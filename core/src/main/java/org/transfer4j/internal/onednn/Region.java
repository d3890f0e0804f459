package org.transfer4j.internal.onednn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/** A buffer of a plan: how long it is needed, and the oneDNN memories that look at it. */
final class Region {
    private final long bytes;
    private final int first;
    private int last;
    private final List<memory> views = new ArrayList<>();

    Region(long bytes, int first) {
        this.bytes = bytes;
        this.first = first;
        this.last = first;
    }

    void addView(memory view, int step) {
        views.add(view);
        last = Math.max(last, step);
    }

    Lifetime lifetime() {
        return new Lifetime(bytes, first, last);
    }

    long bytes() {
        return bytes;
    }

    void bind(Pointer address) {
        for (memory view : views) {
            view.set_data_handle(address);
        }
    }
}
