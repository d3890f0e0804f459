package org.transfer4j.internal.gradient;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;
import org.transfer4j.internal.onednn.Lifetime;

/** Memory that steps read or write, and the oneDNN memories that look at it. */
final class Buffer {
    private final long bytes;
    private final int first;
    private int last;
    private Pointer address = new Pointer();
    private final List<memory> views = new ArrayList<>();

    /**
     * Creates a buffer.
     *
     * @param bytes its size
     * @param first the step that writes it
     */
    Buffer(long bytes, int first) {
        this.bytes = bytes;
        this.first = first;
        this.last = first;
    }

    void addView(memory view, int step) {
        view.set_data_handle(address);
        views.add(view);
        last = Math.max(last, step);
    }

    Lifetime lifetime() {
        return new Lifetime(bytes, first, last);
    }

    /** Says where it is; only the address is kept. */
    void bind(Pointer place) {
        address = place;
        views.forEach(view -> view.set_data_handle(place));
    }
}
