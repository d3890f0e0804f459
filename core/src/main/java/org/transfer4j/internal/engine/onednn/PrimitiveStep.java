package org.transfer4j.internal.engine.onednn;

import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.stream;

/** A primitive and the memories that it works on. */
record PrimitiveStep(primitive computation, IntMemoryMap arguments) {
    /** Hands both to the resources. */
    static PrimitiveStep of(primitive computation, Map<Integer, memory> arguments, NativeResources resources) {
        IntMemoryMap map = resources.own(new IntMemoryMap());
        arguments.forEach(map::put);
        return new PrimitiveStep(resources.own(computation), map);
    }

    void execute(stream order) {
        computation.execute(order, arguments);
    }
}
