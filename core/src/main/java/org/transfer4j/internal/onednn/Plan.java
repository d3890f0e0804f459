package org.transfer4j.internal.onednn;

import java.util.List;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/**
 * A program for one batch size. Its buffers lie in an arena that is lent to it for a run, so that plans of several batch
 * sizes share one. Not for two threads at once.
 */
final class Plan implements AutoCloseable {
    private final int batch;
    private final List<PrimitiveStep> steps;
    private final List<Region> regions;
    private final ArenaLayout layout;
    private final Region input;
    private final Region output;
    private final NativeResources resources;

    Plan(int batch, Tape tape, Region input, Region output, NativeResources resources) {
        this.batch = batch;
        this.steps = List.copyOf(tape.forward());
        this.regions = List.copyOf(tape.regions());
        this.layout = ArenaLayout.of(regions.stream().map(Region::lifetime).toList());
        this.input = input;
        this.output = output;
        this.resources = resources;
    }

    long arenaBytes() {
        return layout.bytes();
    }

    /**
     * Runs the program.
     *
     * @param arena at least {@link #arenaBytes()}
     * @param images [count, C, H, W]
     * @param features where [count, ...] goes
     * @param count how many images there are, at most the plan's batch; the rest of the batch is zeros
     */
    void run(stream order, Pointer arena, Pointer images, Pointer features, int count) {
        for (int i = 0; i < regions.size(); i++) {
            regions.get(i).bind(Addresses.offset(arena, layout.offset(i)));
        }
        // whole batches in aligned memory are worked on where they are
        boolean whole = count == batch;
        if (whole && Addresses.isAligned(images)) {
            input.bind(images);
        } else {
            copyIn(images, addressOf(input, arena), count);
        }
        boolean direct = whole && Addresses.isAligned(features);
        Pointer target = direct ? features : addressOf(output, arena);
        output.bind(target);
        for (PrimitiveStep step : steps) {
            step.execute(order);
        }
        order._wait();
        if (!direct) {
            Pointer.memcpy(features, target, share(output, count));
        }
    }

    private void copyIn(Pointer images, Pointer target, int count) {
        long used = share(input, count);
        Pointer.memcpy(target, images, used);
        Pointer.memset(Addresses.offset(target, used), 0, input.bytes() - used);
    }

    private Pointer addressOf(Region region, Pointer arena) {
        return Addresses.offset(arena, layout.offset(regions.indexOf(region)));
    }

    private long share(Region region, int count) {
        return region.bytes() / batch * count;
    }

    @Override
    public void close() {
        resources.close();
    }
}
