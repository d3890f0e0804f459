package org.transfer4j.internal.engine.onednn;

import java.util.List;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.transfer4j.internal.engine.onednn.ArenaLayout.Region;

/**
 * A program for one batch size. Its buffers lie in the block of a workspace that is lent to it for a run, so that plans of
 * several batch sizes share one. Not for two threads at once.
 */
final class Plan implements AutoCloseable {
    private final int batch;
    private final Tape tape;
    private final List<Region> regions;
    private final ArenaLayout layout;
    private final Region input;
    private final Region output;
    private final Region outputGradient;
    private final NativeResources resources;

    Plan(int batch, Tape tape, Region input, Region output, Region outputGradient, NativeResources resources) {
        this.batch = batch;
        this.tape = tape;
        this.regions = List.copyOf(tape.regions());
        this.layout = ArenaLayout.of(regions.stream().map(Region::lifetime).toList());
        this.input = input;
        this.output = output;
        this.outputGradient = outputGradient;
        this.resources = resources;
    }

    /** Makes ready what a run reads besides images and weights, given the number of steps that were done before. */
    void prepare(int step) {
        tape.before().forEach(work -> work.accept(step));
    }

    /**
     * Runs the program.
     *
     * @param images [count, C, H, W]
     * @param features where [count, ...] goes
     * @param count how many images there are, at most the plan's batch; the rest of the batch is zeros
     */
    void run(Workspace workspace, Pointer images, Pointer features, int count) {
        Pointer arena = workspace.reserve(layout.bytes());
        for (int i = 0; i < regions.size(); i++) {
            regions.get(i).bind(NativeResources.offset(arena, layout.offsets()[i]));
        }
        // whole batches in aligned memory are worked on where they are
        boolean whole = count == batch;
        if (isForeign(input) || (whole && NativeResources.isAligned(images))) {
            input.bind(images);
        } else {
            copyIn(images, addressOf(input, arena), count);
        }
        boolean direct = isForeign(output) || (whole && NativeResources.isAligned(features));
        Pointer target = direct ? features : addressOf(output, arena);
        output.bind(target);
        execute(tape.forward(), workspace);
        if (!direct) {
            Pointer.memcpy(features, target, share(output, count));
        }
    }

    /**
     * Runs the backward pass of the run before it, whose workspace must be as that left it.
     *
     * @param gradient of the features
     */
    void backward(Workspace workspace, Pointer gradient) {
        outputGradient.bind(gradient);
        execute(tape.backward(), workspace);
    }

    /** How many gradients are added to those of the parts before; none in the first part of a batch. */
    int additions() {
        return tape.additions().size();
    }

    /** Adds one of the gradients to those of the parts before. */
    void add(Workspace workspace, int gradient) {
        execute(List.of(tape.additions().get(gradient)), workspace);
    }

    /** Ends a step, when all gradients are known. */
    void complete() {
        tape.after().forEach(Runnable::run);
    }

    private static void execute(List<Tape.Step> steps, Workspace workspace) {
        stream order = workspace.order();
        for (Tape.Step step : steps) {
            step.execute(order);
        }
        order._wait();
    }

    /** Whether it has no place in the arena. */
    private boolean isForeign(Region region) {
        return !regions.contains(region);
    }

    private void copyIn(Pointer images, Pointer target, int count) {
        long used = share(input, count);
        Pointer.memcpy(target, images, used);
        Pointer.memset(NativeResources.offset(target, used), 0, input.bytes() - used);
    }

    private Pointer addressOf(Region region, Pointer arena) {
        return NativeResources.offset(arena, layout.offsets()[regions.indexOf(region)]);
    }

    private long share(Region region, int count) {
        return region.bytes() / batch * count;
    }

    @Override
    public void close() {
        resources.close();
    }

    /** Where plans run, one at a time: a stream, and a block of native memory that grows to what the largest of them needs. */
    static final class Workspace implements AutoCloseable {
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
                start = block.memory(Descriptions.bytes(bytes), cpu, "what the layers compute")
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
}
