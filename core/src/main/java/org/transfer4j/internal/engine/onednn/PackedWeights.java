package org.transfer4j.internal.engine.onednn;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * The weights of a trunk in oneDNN's layouts. Plans share them, those of different threads too: the batch sizes from 4 up
 * have one Winograd layout in nearly all layers (4 times the size of the plain weights), single images have another.
 */
final class PackedWeights implements PlanBuilder.WeightSource, AutoCloseable {
    private static final String WHAT = "the weights in the order that oneDNN wants";

    private final engine cpu;
    private final int threads;
    private final NativeResources resources = new NativeResources();
    private final IdentityHashMap<Filter, List<Packed>> packed = new IdentityHashMap<>();
    private final IdentityHashMap<Filter, memory> biases = new IdentityHashMap<>();

    private volatile boolean stopped;

    /** What packs ahead, of which nobody waits for the result. */
    static final class Ahead extends Thread {
        Ahead(Runnable work) {
            super(work, "transfer4j-pack");
            setDaemon(true);
        }
    }

    private record Packed(memory.desc layout, memory contents) {}

    /**
     * Packs nothing yet.
     *
     * @param threads how many pack, however many compute
     */
    PackedWeights(engine cpu, int threads) {
        this.cpu = cpu;
        this.threads = threads;
    }

    @Override
    public synchronized memory weights(Filter filter, memory.desc layout) {
        List<Packed> known = packed.computeIfAbsent(filter, key -> new ArrayList<>());
        for (Packed candidate : known) {
            if (candidate.layout().equals(layout)) {
                return candidate.contents();
            }
        }
        if (stopped && Thread.currentThread() instanceof Ahead) {
            throw new CancellationException("nobody needs the weights any more");
        }
        memory contents = NativeThreads.with(threads, () -> pack(filter, layout));
        known.add(new Packed(resources.own(contents.get_desc()), contents));
        return contents;
    }

    /** Lets those that pack ahead give up. */
    void stopAhead() {
        stopped = true;
    }

    @Override
    public synchronized memory bias(Filter filter) {
        return biases.computeIfAbsent(filter, key -> filled(Descriptions.vector(key.outputs()), key.bias()));
    }

    private memory pack(Filter filter, memory.desc layout) {
        memory.desc plainLayout = Descriptions.plainWeights(filter.dimensions());
        if (plainLayout.equals(layout)) {
            return filled(plainLayout, filter.weights());
        }
        memory contents = resources.memory(layout, cpu, WHAT);
        try (NativeResources temporary = new NativeResources()) {
            memory plain = temporary.memory(plainLayout, cpu, WHAT);
            fill(plain, filter.weights());
            reorder.primitive_desc description =
                    new reorder.primitive_desc(cpu, plainLayout, cpu, layout, Descriptions.noAttributes(), false);
            memory scratch = temporary.memory(description.scratchpad_desc(), cpu, WHAT);
            Map<Integer, memory> arguments =
                    Map.of(dnnl.DNNL_ARG_FROM, plain, dnnl.DNNL_ARG_TO, contents, dnnl.DNNL_ARG_SCRATCHPAD, scratch);
            stream order = temporary.own(new stream(cpu));
            Tape.Step.of(new reorder(description), arguments, temporary).execute(order);
            order._wait();
        }
        return contents;
    }

    private memory filled(memory.desc layout, float[] values) {
        memory filled = resources.memory(layout, cpu, WHAT);
        fill(filled, values);
        return filled;
    }

    private static void fill(memory target, float[] values) {
        new FloatPointer(target.get_data_handle()).put(values, 0, values.length);
    }

    @Override
    public synchronized void close() {
        packed.clear();
        biases.clear();
        resources.close();
    }
}
