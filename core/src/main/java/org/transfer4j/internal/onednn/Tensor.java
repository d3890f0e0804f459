package org.transfer4j.internal.onednn;

import org.bytedeco.dnnl.memory;

/** A value of a program in a plan: its layout and its buffer. */
record Tensor(memory.desc layout, Region region) {}
