package org.transfer4j.internal.onednn;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.javacpp.Pointer;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.trunk.Algorithm;

/** Makes the primitives of a program for one batch size. */
final class PlanBuilder {
    private final OneDnn.Library library;
    private final Program program;
    private final memory.data_type type;
    private final int batch;
    private final WeightSource weights;
    private final AlgorithmChoice algorithms;
    private final NativeResources resources;
    private final Tape tape;
    private final Map<Integer, Tensor> tensors = new HashMap<>();
    private final Map<Integer, Integer> remainingUses;

    private PlanBuilder(
            OneDnn.Library library,
            Program program,
            Precision precision,
            int batch,
            WeightSource weights,
            AlgorithmChoice algorithms,
            NativeResources resources) {
        this.library = library;
        this.program = program;
        this.type = Layouts.type(precision);
        this.batch = batch;
        this.weights = weights;
        this.algorithms = algorithms;
        this.resources = resources;
        this.tape = new Tape(library.cpu(), type, resources);
        this.remainingUses = program.uses();
    }

    static Plan build(
            OneDnn.Library library,
            Program program,
            Precision precision,
            int batch,
            WeightSource weights,
            AlgorithmChoice algorithms) {
        NativeResources resources = new NativeResources();
        try {
            return NativeScope.call(
                    () -> new PlanBuilder(library, program, precision, batch, weights, algorithms, resources).build());
        } catch (RuntimeException | Error cause) {
            resources.close();
            throw cause;
        }
    }

    /** Whether oneDNN has primitives for all of a program: builds a plan without weights and throws it away. */
    static void check(OneDnn.Library library, Program program, Precision precision, AlgorithmChoice algorithms) {
        try (NativeResources unbound = new NativeResources()) {
            build(library, program, precision, 1, new UnboundWeights(library.cpu(), unbound), algorithms)
                    .close();
        }
    }

    private Plan build() {
        Tensor input = tape.allocate(Layouts.plain(dimensions(program.input())));
        tensors.put(program.input().id(), input);
        for (Operation operation : program.operations()) {
            Emission.emit(operation, this);
            operation.inputs().forEach(value -> remainingUses.merge(value.id(), -1, Integer::sum));
        }
        Tensor output = tape.allocate(Layouts.plain(dimensions(program.output())));
        tape.copy(tensor(program.output()), output);
        return new Plan(batch, tape, input.region(), output.region(), resources);
    }

    Tape tape() {
        return tape;
    }

    engine engine() {
        return library.cpu();
    }

    InstructionSet instructionSet() {
        return library.instructionSet();
    }

    /** In which convolutions compute, where oneDNN can. */
    memory.data_type type() {
        return type;
    }

    /** Describes what reads a tensor: in the tensor's own type, or in float where oneDNN has nothing for that. */
    <D extends primitive_desc_base> D inTypeOf(
            Tensor tensor, BiFunction<memory.desc, memory.data_type, D> description) {
        memory.desc layout = tensor.layout();
        memory.data_type own = layout.data_type();
        Supplier<D> asItIs = () -> description.apply(layout, own);
        Supplier<D> inFloat =
                () -> description.apply(Layouts.retyped(layout, memory.data_type.f32), memory.data_type.f32);
        return FirstSupported.of(own == memory.data_type.f32 ? List.of(asItIs) : List.of(asItIs, inFloat));
    }

    boolean isInput(Value value) {
        return value.id() == program.input().id();
    }

    WeightSource weights() {
        return weights;
    }

    long[] dimensions(Value value) {
        return value.shape().withBatch(batch);
    }

    Tensor tensor(Value value) {
        Tensor tensor = tensors.get(value.id());
        if (tensor == null) {
            throw new IllegalStateException("value " + value + " is read before it is made");
        }
        return tensor;
    }

    void define(Value value, Tensor tensor) {
        tensors.put(value.id(), tensor);
    }

    Algorithm algorithm(Operation.Convolution convolution) {
        return algorithms.choose(convolution, batch);
    }

    /**
     * The same values in another layout; the tensor itself where the layout is the same. Copies are not shared: a value may be
     * written over.
     */
    Tensor arranged(Tensor tensor, memory.desc layout) {
        return tensor.layout().equals(layout) ? tensor : tape.copied(tensor, layout);
    }

    /** A buffer that holds a value and may be written over: its own where nobody reads it again, else a copy. */
    Tensor accumulator(Value value, memory.desc layout, Region readAtTheSameTime) {
        Tensor tensor = tensor(value);
        boolean free = remainingUses.getOrDefault(value.id(), 0) == 1
                && !isInput(value)
                && tensor.region() != readAtTheSameTime
                && tensor.layout().equals(layout);
        return free ? tensor : tape.copied(tensor, layout);
    }

    /** Memory without contents: enough to find out whether a plan can be built. */
    private record UnboundWeights(engine cpu, NativeResources resources) implements WeightSource {
        @Override
        public memory weights(Filter filter, memory.desc layout) {
            return resources.own(new memory(layout, cpu, new Pointer()));
        }

        @Override
        public memory bias(Filter filter) {
            return resources.own(new memory(Layouts.vector(filter.outputs()), cpu, new Pointer()));
        }
    }
}
