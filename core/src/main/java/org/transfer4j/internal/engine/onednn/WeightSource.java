package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.memory;

/** Gives the weights of a filter in the layout that a primitive wants. */
interface WeightSource {
    memory weights(Filter filter, memory.desc layout);

    memory bias(Filter filter);
}
