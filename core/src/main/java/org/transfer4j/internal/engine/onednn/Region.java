package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/** A buffer of a plan: how long it is needed, and the oneDNN memories that look at it. */
final class Region {
    private final long bytes;
    private final int first;
    private int last;
    private Pointer address = new Pointer();
    private final List<memory> views = new ArrayList<>();

    /**
     * Creates a region.
     *
     * @param first the step that writes it
     */
    Region(long bytes, int first) {
        this.bytes = bytes;
        this.first = first;
        this.last = first;
    }

    /** Adds a memory that a step reads or writes. */
    void addView(memory view, int step) {
        view.set_data_handle(address);
        views.add(view);
        last = Math.max(last, step);
    }

    ArenaLayout.Lifetime lifetime() {
        return new ArenaLayout.Lifetime(bytes, first, last);
    }

    long bytes() {
        return bytes;
    }

    /** Says where it is; only the address is kept. */
    void bind(Pointer place) {
        address = place;
        views.forEach(view -> view.set_data_handle(place));
    }
}
