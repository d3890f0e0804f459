package org.transfer4j.internal.onednn;

import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/** Memory without contents: enough to find out whether a plan can be built. */
record UnboundWeights(engine cpu, NativeResources resources) implements WeightSource {
    @Override
    public memory weights(Filter filter, memory.desc layout) {
        return resources.own(new memory(layout, cpu, new Pointer()));
    }

    @Override
    public memory bias(Filter filter) {
        return resources.own(new memory(Layouts.vector(filter.outputs()), cpu, new Pointer()));
    }
}
