package org.transfer4j.internal.gradient;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.onednn.NativeResources;
import org.transfer4j.internal.onednn.PrimitiveStep;

/**
 * Where operations record their steps: first all of the forward pass, then all of the backward pass. What the backward
 * pass reads of the forward pass stays in its buffer until then; all other buffers are used again.
 */
final class Tape {
    private final engine cpu;
    private final Precision precision;
    private final NativeResources resources;
    private final List<PrimitiveStep> forward = new ArrayList<>();
    private final List<PrimitiveStep> backward = new ArrayList<>();
    private final List<Runnable> before = new ArrayList<>();
    private final List<Runnable> after = new ArrayList<>();
    private final List<Buffer> buffers = new ArrayList<>();
    private final Map<Buffer, List<Tensor>> arrangements = new HashMap<>();
    private List<PrimitiveStep> current = forward;

    Tape(engine cpu, Precision precision, NativeResources resources) {
        this.cpu = cpu;
        this.precision = precision;
        this.resources = resources;
    }

    engine cpu() {
        return cpu;
    }

    /** What activations and their gradients are kept as. */
    memory.data_type type() {
        return ElementType.of(precision);
    }

    /** From here on, steps belong to the backward pass. */
    void turn() {
        current = backward;
    }

    List<PrimitiveStep> forward() {
        return forward;
    }

    List<PrimitiveStep> backward() {
        return backward;
    }

    /** Buffers in the block of memory that a run is lent. */
    List<Buffer> buffers() {
        return buffers;
    }

    /** What is done before each forward pass. */
    void beforeForward(Runnable work) {
        before.add(work);
    }

    /** What is done after each backward pass. */
    void afterBackward(Runnable work) {
        after.add(work);
    }

    List<Runnable> before() {
        return before;
    }

    List<Runnable> after() {
        return after;
    }

    /** Attributes of a primitive without further ado; scratch memory always comes from us. */
    static primitive_attr attributes() {
        primitive_attr attributes = new primitive_attr();
        attributes.set_scratchpad_mode(dnnl.scratchpad_mode.user);
        return attributes;
    }

    private int position() {
        return forward.size() + backward.size();
    }

    /** A new tensor, written by the next step. */
    Tensor allocate(memory.desc layout) {
        Buffer buffer = new Buffer(layout.get_size(), position());
        buffers.add(buffer);
        return new Tensor(resources.own(layout), buffer);
    }

    /** A tensor whose memory is named before each run. */
    Tensor foreign(memory.desc layout) {
        return new Tensor(resources.own(layout), new Buffer(layout.get_size(), position()));
    }

    /** An array's memory; the array must stay where it is as long as the plan is used. */
    Tensor fixed(memory.desc layout, INDArray array) {
        Tensor tensor = foreign(layout);
        tensor.buffer().bind(array.data().addressPointer());
        return tensor;
    }

    /** A tensor as an argument of the next step. */
    memory view(Tensor tensor) {
        memory view = resources.own(new memory(tensor.layout(), cpu, new Pointer()));
        tensor.buffer().addView(view, position());
        return view;
    }

    /** The same values in another layout or type; the tensor itself where these are the same. */
    Tensor arranged(Tensor tensor, memory.desc layout) {
        if (tensor.layout().equals(layout)) {
            return tensor;
        }
        List<Tensor> known = arrangements.computeIfAbsent(tensor.buffer(), key -> new ArrayList<>());
        for (Tensor candidate : known) {
            if (candidate.layout().equals(layout)) {
                return candidate;
            }
        }
        Tensor arranged = allocate(layout);
        copy(tensor, arranged);
        known.add(arranged);
        return arranged;
    }

    /** A step that copies values into another layout or type. */
    void copy(Tensor from, Tensor to) {
        reorder.primitive_desc description =
                new reorder.primitive_desc(cpu, from.layout(), cpu, to.layout(), attributes(), false);
        step(description, new reorder(description), Map.of(dnnl.DNNL_ARG_FROM, view(from), dnnl.DNNL_ARG_TO, view(to)));
    }

    /** Appends a step. */
    void step(primitive_desc_base description, primitive computation, Map<Integer, memory> arguments) {
        Map<Integer, memory> all = new HashMap<>(arguments);
        memory.desc scratch = description.scratchpad_desc();
        if (scratch.get_size() > 0) {
            all.put(dnnl.DNNL_ARG_SCRATCHPAD, view(allocate(scratch)));
        }
        current.add(PrimitiveStep.of(computation, all, resources));
    }
}
