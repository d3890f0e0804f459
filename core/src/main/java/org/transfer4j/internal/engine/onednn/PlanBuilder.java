package org.transfer4j.internal.engine.onednn;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.ArenaLayout.Region;
import org.transfer4j.internal.engine.onednn.OneDnn.InstructionSet;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/** Makes the primitives of a program for one batch size, with a backward pass where it is trained. */
final class PlanBuilder {

    /** Gives the weights of a filter in the layout that a primitive wants. */
    interface WeightSource {
        memory weights(Filter filter, memory.desc layout);

        memory bias(Filter filter);
    }

    /** Says which algorithm computes a convolution. */
    interface AlgorithmChoice {
        /** The choice; where oneDNN has no Winograd for a shape after all, direct takes its place. */
        Algorithm choose(Convolution convolution, int batch);
    }

    /** What a plan is made for. */
    enum Purpose {
        /** Of frozen layers: images and features lie in the arena, or where the caller has them. */
        INFERENCE,
        /** Of layers that are learned, which are asked for an answer. */
        ANSWER,
        /** With a backward pass. */
        TRAINING
    }

    /** The backward pass of an operation. */
    interface Backward {
        /**
         * Records it: gradients of parameters go where they are kept.
         *
         * @param gradient of the output, not to be written to
         * @param wanted whether anybody below learns
         * @return the gradient of each input, which may be the output's; none where not wanted
         */
        List<Tensor> record(Tensor gradient, boolean wanted);
    }

    private final OneDnn.Library library;
    private final Program program;
    private final memory.data_type type;
    private final int batch;
    private final Purpose purpose;
    private final @Nullable WeightSource weights;
    private final AlgorithmChoice algorithms;
    private final NativeResources resources = new NativeResources();
    private final Tape tape;
    private final Map<Integer, Tensor> tensors = new HashMap<>();
    private final Map<Integer, Backward> backwards = new HashMap<>();
    private final Map<Integer, Integer> remainingUses;

    private PlanBuilder(
            OneDnn.Library library,
            Program program,
            Precision precision,
            int batch,
            int firstImage,
            Purpose purpose,
            @Nullable WeightSource weights,
            AlgorithmChoice algorithms) {
        this.purpose = purpose;
        this.library = library;
        this.program = program;
        this.type = Descriptions.type(precision);
        this.batch = batch;
        this.weights = weights;
        this.algorithms = algorithms;
        this.tape = new Tape(library.cpu(), firstImage, resources);
        this.remainingUses = program.uses();
    }

    /** Of frozen layers. */
    static Plan build(
            OneDnn.Library library,
            Program program,
            Precision precision,
            int batch,
            WeightSource weights,
            AlgorithmChoice algorithms) {
        return new PlanBuilder(library, program, precision, batch, 0, Purpose.INFERENCE, weights, algorithms).build();
    }

    /**
     * Of layers that are learned.
     *
     * @param batch how many images
     * @param firstImage where these begin in a batch that others share
     */
    static Plan build(
            OneDnn.Library library, Program program, Precision precision, int batch, int firstImage, Purpose purpose) {
        AlgorithmChoice direct = (convolution, size) -> Algorithm.DIRECT;
        return new PlanBuilder(library, program, precision, batch, firstImage, purpose, null, direct).build();
    }

    /** Whether oneDNN has primitives for all of a program: builds a plan without weights and throws it away. */
    static void check(OneDnn.Library library, Program program, Precision precision, AlgorithmChoice algorithms) {
        try (NativeResources unbound = new NativeResources()) {
            build(library, program, precision, 1, new UnboundWeights(library.cpu(), unbound), algorithms)
                    .close();
        }
    }

    private Plan build() {
        try {
            return NativeResources.inScope(this::record);
        } catch (RuntimeException | Error cause) {
            resources.close();
            throw cause;
        }
    }

    private Plan record() {
        Tensor input = end(program.input());
        tensors.put(program.input().id(), input);
        for (Operation operation : program.operations()) {
            operation.emit(this);
            operation.inputs().forEach(value -> remainingUses.merge(value.id(), -1, Integer::sum));
        }
        Tensor last = tensor(program.output());
        Tensor output = end(program.output());
        tape.copy(last, output);
        tape.turn();
        Tensor outputGradient = tape.foreign(Descriptions.plain(dimensions(program.output())));
        if (isTraining()) {
            recordBackward(tape.arranged(outputGradient, last.layout()));
        }
        return new Plan(batch, tape, input.region(), output.region(), outputGradient.region(), resources);
    }

    /** What the caller hands in or gets; a part of a batch of learned layers is never padded, and needs no place of ours. */
    private Tensor end(Value value) {
        memory.desc layout = Descriptions.plain(dimensions(value));
        return purpose == Purpose.INFERENCE ? tape.allocate(layout) : tape.foreign(layout);
    }

    private void recordBackward(Tensor outputGradient) {
        Map<Integer, Tensor> gradients = new HashMap<>(Map.of(program.output().id(), outputGradient));
        Set<Integer> learning = new HashSet<>();
        Set<Integer> aboveLearning = new HashSet<>();
        for (Operation operation : program.operations()) {
            boolean below = operation.inputs().stream().anyMatch(value -> learning.contains(value.id()));
            if (below) {
                aboveLearning.add(operation.output().id());
            }
            if (below || operation.learns()) {
                learning.add(operation.output().id());
            }
        }
        for (int i = program.operations().size() - 1; i >= 0; i--) {
            Operation operation = program.operations().get(i);
            Tensor gradient = gradients.get(operation.output().id());
            boolean wanted = aboveLearning.contains(operation.output().id());
            if (gradient != null && (wanted || operation.learns())) {
                List<Tensor> inputGradients = backward(operation).record(gradient, wanted);
                if (wanted) {
                    spread(operation, inputGradients, gradients);
                }
            }
        }
    }

    private Backward backward(Operation operation) {
        Backward known = backwards.get(operation.output().id());
        if (known == null) {
            throw new IllegalStateException(
                    "has no backward pass: " + operation.getClass().getSimpleName());
        }
        return known;
    }

    /** What several read has the sum of what comes from each of them. */
    private void spread(Operation operation, List<Tensor> inputGradients, Map<Integer, Tensor> gradients) {
        for (int j = 0; j < inputGradients.size(); j++) {
            Value input = operation.inputs().get(j);
            if (!isInput(input)) {
                Tensor next = inputGradients.get(j);
                Tensor known = gradients.get(input.id());
                gradients.put(input.id(), known == null ? next : ElementEmission.sum(this, known, next));
            }
        }
    }

    boolean isTraining() {
        return purpose == Purpose.TRAINING;
    }

    /** The kind of propagation of a forward primitive. */
    int forward() {
        return isTraining() ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference;
    }

    /** Notes how gradients go back through an operation. */
    void backward(Operation operation, Backward backward) {
        backwards.put(operation.output().id(), backward);
    }

    /** The same of what learns nothing: the gradient of the one input, which is made where it is wanted alone. */
    void backward(Operation.OfOne operation, UnaryOperator<Tensor> inputGradient) {
        backward(operation, (gradient, wanted) -> wanted ? List.of(inputGradient.apply(gradient)) : List.of());
    }

    /** Memory in which a primitive notes for its backward pass what it did; null where it needs none. */
    @Nullable
    Tensor notes(memory.desc layout) {
        return isTraining() && layout.get_size() > 0 ? tape.allocate(layout) : null;
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
        if (purpose != Purpose.INFERENCE) {
            return description.apply(layout, own);
        }
        Supplier<D> asItIs = () -> description.apply(layout, own);
        Supplier<D> inFloat =
                () -> description.apply(Descriptions.retyped(layout, memory.data_type.f32), memory.data_type.f32);
        return Descriptions.firstSupported(own == memory.data_type.f32 ? List.of(asItIs) : List.of(asItIs, inFloat));
    }

    boolean isInput(Value value) {
        return value.id() == program.input().id();
    }

    WeightSource weights() {
        return Objects.requireNonNull(weights);
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
     * The same values in another layout; the tensor itself where the layout is the same. Copies are shared where no value is
     * written over.
     */
    Tensor arranged(Tensor tensor, memory.desc layout) {
        if (purpose != Purpose.INFERENCE) {
            return tape.arranged(tensor, layout);
        }
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
            return resources.own(new memory(Descriptions.vector(filter.outputs()), cpu, new Pointer()));
        }
    }
}
