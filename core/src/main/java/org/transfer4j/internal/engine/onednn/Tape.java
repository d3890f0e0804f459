package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.onednn.ArenaLayout.Region;
import org.transfer4j.internal.network.Activation;

/**
 * Where operations record their steps: first all of the forward pass, then all of the backward pass. What the backward
 * pass reads of the forward pass stays in its buffer until then; all other regions are used again.
 */
final class Tape {
    private final engine cpu;
    private final NativeResources resources;
    private final int firstImage;
    private final List<Step> additions = new ArrayList<>();
    private final List<Step> forward = new ArrayList<>();
    private final List<Step> backward = new ArrayList<>();
    private final List<IntConsumer> before = new ArrayList<>();
    private final List<Runnable> after = new ArrayList<>();
    private final List<Region> regions = new ArrayList<>();
    private final Map<Region, List<Tensor>> arrangements = new HashMap<>();
    private List<Step> current = forward;

    /**
     * Begins a tape.
     *
     * @param firstImage where in a batch the images begin: gradients of a part that is not the first are added to those of
     *     the parts before
     * @param resources who frees what the steps need
     */
    Tape(engine cpu, int firstImage, NativeResources resources) {
        this.cpu = cpu;
        this.firstImage = firstImage;
        this.resources = resources;
    }

    /** Where in a batch the images begin. */
    int firstImage() {
        return firstImage;
    }

    /** From here on, steps belong to the backward pass. */
    void turn() {
        current = backward;
    }

    List<Step> forward() {
        return forward;
    }

    List<Step> backward() {
        return backward;
    }

    /** What adds the gradients of parameters to those of the parts before; none in the first part. */
    List<Step> additions() {
        return additions;
    }

    /** Buffers in the block of memory that a run is lent. */
    List<Region> regions() {
        return regions;
    }

    /** What is done before each forward pass, given the number of steps that were done before. */
    void beforeForward(IntConsumer work) {
        before.add(work);
    }

    /** What is done after each backward pass. */
    void afterBackward(Runnable work) {
        after.add(work);
    }

    List<IntConsumer> before() {
        return before;
    }

    List<Runnable> after() {
        return after;
    }

    int position() {
        return forward.size() + backward.size();
    }

    /** A new tensor, written by the next step. */
    Tensor allocate(memory.desc layout) {
        Region region = new Region(layout.get_size(), position());
        regions.add(region);
        return new Tensor(resources.own(layout), region);
    }

    /** A tensor whose memory is named before each run. */
    Tensor foreign(memory.desc layout) {
        return new Tensor(resources.own(layout), new Region(layout.get_size(), position()));
    }

    /** An array's memory; the array must stay where it is as long as the plan is used. */
    Tensor fixed(memory.desc layout, INDArray array) {
        return fixed(layout, array.data().addressPointer());
    }

    /** A tensor as an argument of the next step. */
    private memory view(Tensor tensor) {
        memory view = resources.own(new memory(tensor.layout(), cpu, new Pointer()));
        tensor.region().addView(view, position());
        return view;
    }

    /** The same values in another layout or type; the tensor itself where these are the same. */
    Tensor arranged(Tensor tensor, memory.desc layout) {
        if (tensor.layout().equals(layout)) {
            return tensor;
        }
        List<Tensor> known = arrangements.computeIfAbsent(tensor.region(), key -> new ArrayList<>());
        for (Tensor candidate : known) {
            if (candidate.layout().equals(layout)) {
                return candidate;
            }
        }
        Tensor arranged = copied(tensor, layout);
        known.add(arranged);
        return arranged;
    }

    /** A copy in a layout, which nothing else reads. */
    Tensor copied(Tensor tensor, memory.desc layout) {
        Tensor copy = allocate(layout);
        copy(tensor, copy);
        return copy;
    }

    /**
     * A copy of a part of a gradient, in the layout of what has it.
     *
     * @param corner where it begins: image, channel, row and column
     */
    Tensor part(Tensor gradient, long[] corner, Tensor part) {
        return part(gradient, part.dimensions(), corner, part.layout());
    }

    /** A copy of a part of a tensor, in a layout. */
    Tensor part(Tensor whole, long[] dimensions, long[] corner, memory.desc layout) {
        Tensor view;
        try {
            view = part(whole, dimensions, corner);
        } catch (RuntimeException insideABlock) {
            // layouts of blocks are cut between blocks alone
            view = part(arranged(whole, whole.plainly(whole.dimensions())), dimensions, corner);
        }
        return copied(view, layout);
    }

    /**
     * A part of a tensor where it lies.
     *
     * @throws RuntimeException if the layout can't be cut there
     */
    Tensor part(Tensor whole, long[] dimensions, long[] corner) {
        return new Tensor(resources.own(whole.layout().submemory_desc(dimensions, corner)), whole.region());
    }

    /** The same numbers in plain order, in an image of another shape. */
    Tensor reshaped(Tensor tensor, long... dimensions) {
        Tensor plain = copied(tensor, tensor.plainly(tensor.dimensions()));
        return new Tensor(resources.own(tensor.plainly(dimensions)), plain.region());
    }

    /** Zeros of their own, that stay where nobody writes over them, in plain order and in the type of another tensor. */
    Tensor zeros(long[] dimensions, Tensor like) {
        memory.desc layout = like.plainly(dimensions);
        Pointer place = memory(layout, "zeros around an image");
        Pointer.memset(place, 0, layout.get_size());
        return fixed(layout, place);
    }

    /** Memory that stays as it is from step to step, freed with the plan. */
    Pointer memory(memory.desc layout, String what) {
        return resources.memory(layout, cpu, what).get_data_handle();
    }

    /** Memory that stays where it is as long as the plan is used. */
    Tensor fixed(memory.desc layout, Pointer place) {
        Tensor tensor = foreign(layout);
        tensor.region().bind(place);
        return tensor;
    }

    /**
     * Where a step is to write a parameter's gradient, which {@link #keep} is called after.
     *
     * @param written as the step writes it
     * @param layout how it is kept
     * @param array where it is kept
     */
    Tensor gradient(memory.desc written, memory.desc layout, INDArray array) {
        if (firstImage > 0) {
            return fixed(written, memory(written, "gradients of a part of a batch"));
        }
        return written.equals(layout) ? fixed(layout, array) : allocate(written);
    }

    /** Brings a parameter's gradient to where it is kept, or adds it there to that of the parts before. */
    void keep(Tensor gradient, memory.desc layout, INDArray array) {
        if (firstImage > 0) {
            Tensor sum = fixed(layout, array);
            reorder.primitive_desc description =
                    reordering(gradient, sum, Descriptions.attributes(true, Activation.IDENTITY));
            Map<Integer, memory> arguments =
                    new HashMap<>(Map.of(dnnl.DNNL_ARG_FROM, view(gradient), dnnl.DNNL_ARG_TO, view(sum)));
            memory.desc scratch = description.scratchpad_desc();
            if (scratch.get_size() > 0) {
                arguments.put(dnnl.DNNL_ARG_SCRATCHPAD, resources.memory(scratch, cpu, "what an addition needs"));
            }
            additions.add(Step.of(new reorder(description), arguments, resources));
        } else if (!gradient.layout().equals(layout)) {
            copy(gradient, fixed(layout, array));
        }
    }

    /** A step that copies values into another layout or type. */
    void copy(Tensor from, Tensor to) {
        reorder.primitive_desc description = reordering(from, to, Descriptions.noAttributes());
        step(description, new reorder(description), Map.of(dnnl.DNNL_ARG_FROM, from, dnnl.DNNL_ARG_TO, to));
    }

    private reorder.primitive_desc reordering(Tensor from, Tensor to, primitive_attr attributes) {
        return new reorder.primitive_desc(cpu, from.layout(), cpu, to.layout(), attributes, false);
    }

    /** Appends a step. */
    void step(primitive_desc_base description, primitive computation, Map<Integer, Tensor> arguments) {
        step(description, computation, arguments, Map.of());
    }

    /**
     * Appends a step.
     *
     * @param weights memory that it reads, and that belongs to others
     */
    void step(
            primitive_desc_base description,
            primitive computation,
            Map<Integer, Tensor> arguments,
            Map<Integer, memory> weights) {
        Map<Integer, memory> all = new HashMap<>(weights);
        arguments.forEach((role, tensor) -> all.put(role, view(tensor)));
        memory.desc scratch = description.scratchpad_desc();
        if (scratch.get_size() > 0) {
            all.put(dnnl.DNNL_ARG_SCRATCHPAD, view(allocate(scratch)));
        }
        current.add(Step.of(computation, all, resources));
    }

    /** What a primitive makes of one value. */
    Tensor result(primitive_desc_base description, primitive computation, Tensor source) {
        return result(description, computation, Map.of(dnnl.DNNL_ARG_SRC, source), null);
    }

    /**
     * What a primitive makes of what it reads.
     *
     * @param notes what it writes for its backward pass; null where that needs none
     */
    Tensor result(
            primitive_desc_base description, primitive computation, Map<Integer, Tensor> read, @Nullable Tensor notes) {
        Tensor target = allocate(description.dst_desc());
        step(description, computation, read, dnnl.DNNL_ARG_DST, target, notes);
        return target;
    }

    /**
     * The gradient of a primitive's input, which its backward pass makes of what it reads.
     *
     * @param notes of its forward pass; null where there are none
     */
    Tensor inputGradient(
            primitive_desc_base description, primitive computation, Map<Integer, Tensor> read, @Nullable Tensor notes) {
        Tensor target = allocate(description.diff_src_desc());
        step(description, computation, read, dnnl.DNNL_ARG_DIFF_SRC, target, notes);
        return target;
    }

    private void step(
            primitive_desc_base description,
            primitive computation,
            Map<Integer, Tensor> read,
            int role,
            Tensor target,
            @Nullable Tensor notes) {
        Map<Integer, Tensor> arguments = new HashMap<>(read);
        arguments.put(role, target);
        if (notes != null) {
            arguments.put(dnnl.DNNL_ARG_WORKSPACE, notes);
        }
        step(description, computation, arguments);
    }

    /** A value or a gradient in a plan: its layout and its buffer. */
    record Tensor(memory.desc layout, Region region) {
        /** [N, C, H, W], whatever the layout. */
        long[] dimensions() {
            return dimensions(layout);
        }

        /** Plain order for numbers of its type, in an image of other dimensions or the same. */
        memory.desc plainly(long[] dimensions) {
            return Descriptions.plain(dimensions, layout.data_type());
        }

        /** [N, C, H, W] of what has a layout. */
        static long[] dimensions(memory.desc layout) {
            long[] dimensions = new long[4];
            layout.dims().get(dimensions);
            return dimensions;
        }
    }

    /** A primitive and the memories that it works on. */
    record Step(primitive computation, IntMemoryMap arguments) {
        /** Hands both to the resources. */
        static Step of(primitive computation, Map<Integer, memory> arguments, NativeResources resources) {
            IntMemoryMap map = resources.own(new IntMemoryMap());
            arguments.forEach(map::put);
            return new Step(resources.own(computation), map);
        }

        void execute(stream order) {
            computation.execute(order, arguments);
        }
    }
}
