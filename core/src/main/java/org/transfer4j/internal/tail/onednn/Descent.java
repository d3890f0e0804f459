package org.transfer4j.internal.tail.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.transfer4j.internal.tail.GradientClipping;
import org.transfer4j.internal.tail.HandedRate;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.tail.onednn.DenseLayerMath.Gradient;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.training.Optimizer;

/** How parameters follow gradients. */
sealed interface Descent extends AutoCloseable {
    /**
     * Where a step stands.
     *
     * @param iteration how many steps were done before
     * @param epoch how many epochs were completed before
     * @param rate the learning rate, NaN for an updater that has none
     */
    record StepPoint(int iteration, int epoch, double rate) {}

    /**
     * The way of an optimizer.
     *
     * @param denseAlone whether no layers but dense ones have parameters, and gradients need not be written down
     */
    static Descent of(Optimizer optimizer, ParameterRow parameters, boolean denseAlone) {
        IUpdater updater = optimizer.updater();
        List<ParameterRow.Segment> segments = parameters.segments();
        boolean alike = segments.stream().allMatch(segment -> segment.isPlain() && segment.ratePart() == 1);
        boolean clips = !GradientClipping.of(optimizer).isNone();
        if (denseAlone && alike && !clips && updater.getClass() == Sgd.class) {
            return new Plain(parameters.dense(), optimizer.weightDecay());
        }
        boolean plain = segments.stream().allMatch(ParameterRow.Segment::isPlain);
        return plain && updater.getClass() == Adam.class
                ? new OfAdam(optimizer, (Adam) updater, parameters)
                : new OfUpdater(optimizer, parameters);
    }

    /**
     * One step.
     *
     * @param layers what the gradients of the dense layers are made of, the mean over the batch; those of the layers below
     *     are there already
     * @param rows the batch's size
     * @param known what is done as soon as all gradients are known, where they are written down
     */
    void step(List<Gradient> layers, int rows, StepPoint point, Runnable known);

    /** All gradients, of a descent that writes them down. */
    ParameterRow gradients();

    /** What is remembered from step to step, for the parameters in the order that they lie in. */
    List<UpdaterState.Block> state();

    @Override
    void close();

    /** What decoupled weight decay leaves of a weight: before a step it loses the part rate times decay of itself. */
    private static float kept(double decay, double rate) {
        return decay > 0 ? (float) (1 - rate * decay) : 1;
    }

    /** Stochastic gradient descent, w = w - rate * gradient, without a place for the gradient between. */
    record Plain(List<DenseLayerMath> layers, double weightDecay) implements Descent {
        @Override
        public void step(List<Gradient> gradients, int rows, StepPoint point, Runnable known) {
            Gradient.addAll(gradients, rows, layers, (float) -point.rate(), 1, kept(weightDecay, point.rate()));
        }

        @Override
        public ParameterRow gradients() {
            throw new IllegalStateException("plain gradient descent writes no gradients down");
        }

        @Override
        public List<UpdaterState.Block> state() {
            return List.of();
        }

        @Override
        public void close() {
            // holds nothing
        }
    }

    /** Descent along gradients that are written down first: clipped, and with weight decay at the handed rate. */
    abstract sealed class Written implements Descent {
        /** Weights that a thread makes smaller at a time. */
        private static final long PIECE = 1 << 16;

        private final ParameterRow gradients;
        private final List<DenseLayerMath> dense;
        private final List<INDArray> learned;
        private final GradientClipping clipping;
        private final double weightDecay;
        private final List<Decayed> decayed = new ArrayList<>();

        /** Some weights, no biases, and the part of the learning rate that their layer gets. */
        private record Decayed(INDArray weights, double ratePart) {}

        private Written(Optimizer optimizer, ParameterRow parameters) {
            gradients = new ParameterRow(parameters.layout());
            dense = gradients.dense();
            learned = parameters.segments().stream()
                    .map(segment -> gradients.range(segment.from(), segment.to()))
                    .toList();
            clipping = GradientClipping.of(optimizer);
            weightDecay = optimizer.weightDecay();
            for (ParameterRow.Parameter parameter : parameters.parameters()) {
                for (long from = parameter.from(); parameter.weight() && from < parameter.to(); from += PIECE) {
                    long to = Math.min(parameter.to(), from + PIECE);
                    decayed.add(new Decayed(parameters.range(from, to), parameter.ratePart()));
                }
            }
        }

        @Override
        public final void step(List<Gradient> layers, int rows, StepPoint point, Runnable known) {
            Gradient.addAll(layers, rows, dense, 1, 0, 0);
            known.run();
            clipping.apply(learned, 1);
            if (weightDecay > 0) {
                Workers.run(decayed.size(), number -> {
                    Decayed piece = decayed.get(number);
                    piece.weights().muli(kept(weightDecay, point.rate() * piece.ratePart()));
                });
            }
            update(point);
        }

        /** Lets the parameters follow the gradients, which are changed by it. */
        abstract void update(StepPoint point);

        @Override
        public final ParameterRow gradients() {
            return gradients;
        }

        @Override
        public void close() {
            gradients.close();
        }
    }

    /**
     * Adam (D. Kingma and J. Ba, 2015, with epsilon outside of the bias correction as in section 2's remark and in ND4J).
     * ND4J's own takes six nanoseconds for a parameter, and many times as long where a moment gets very small; this one less
     * than one.
     */
    final class OfAdam extends Written {
        private static final int BLOCK = 4096;

        /**
         * Added and taken away again, it makes zero of what is too small for a normal float, and changes nothing that could
         * be seen beside epsilon: the moments of a weight whose gradient has become zero would get there, and processors
         * take a hundred times as long for such numbers.
         */
        private static final float TINY = 1e-30f;

        private final Adam settings;
        private final ParameterRow parameters;
        private final ParameterRow first;
        private final ParameterRow second;
        private final List<ParameterRow.Segment> blocks;

        OfAdam(Optimizer optimizer, Adam settings, ParameterRow parameters) {
            super(optimizer, parameters);
            this.settings = settings;
            this.parameters = parameters;
            first = new ParameterRow(parameters.layout());
            second = new ParameterRow(parameters.layout());
            blocks = parameters.segments().stream()
                    .flatMap(segment -> segment.cut(BLOCK).stream())
                    .toList();
        }

        @Override
        void update(StepPoint point) {
            double rate = point.rate()
                    * Math.sqrt(1 - Math.pow(settings.getBeta2(), point.iteration() + 1))
                    / (1 - Math.pow(settings.getBeta1(), point.iteration() + 1));
            Workers.run(blocks.size(), number -> update(blocks.get(number), rate));
        }

        private void update(ParameterRow.Segment block, double rate) {
            long from = block.from();
            int count = (int) block.length();
            float[] gradient = new float[count];
            float[] mean = new float[count];
            float[] square = new float[count];
            float[] parameter = new float[count];
            gradients().values(from, count).read(0, gradient);
            first.values(from, count).read(0, mean);
            second.values(from, count).read(0, square);
            parameters.values(from, count).read(0, parameter);
            decay(mean, gradient, (float) settings.getBeta1());
            decaySquares(square, gradient, (float) settings.getBeta2());
            descend(parameter, mean, square, (float) (rate * block.ratePart()), (float) settings.getEpsilon());
            first.values(from, count).write(0, mean);
            second.values(from, count).write(0, square);
            parameters.values(from, count).write(0, parameter);
        }

        // one array written in each loop: that is what the JVM turns into vector instructions

        private static void decay(float[] mean, float[] gradient, float beta) {
            float rest = 1 - beta;
            for (int i = 0; i < mean.length; i++) {
                mean[i] = mean[i] * beta + gradient[i] * rest + TINY - TINY;
            }
        }

        private static void decaySquares(float[] square, float[] gradient, float beta) {
            float rest = 1 - beta;
            for (int i = 0; i < square.length; i++) {
                square[i] = square[i] * beta + gradient[i] * gradient[i] * rest + TINY - TINY;
            }
        }

        private static void descend(float[] parameter, float[] mean, float[] square, float rate, float epsilon) {
            for (int i = 0; i < parameter.length; i++) {
                parameter[i] -= mean[i] * rate / ((float) Math.sqrt(square[i]) + epsilon);
            }
        }

        @Override
        public List<UpdaterState.Block> state() {
            INDArray means = first.all().reshape(first.all().length());
            INDArray squares = second.all().reshape(second.all().length());
            return parameters.segments().stream()
                    .map(segment -> new UpdaterState.Block(
                            segment.from(),
                            segment.to(),
                            List.of(
                                    UpdaterState.Block.part(means, segment.from(), segment.to()),
                                    UpdaterState.Block.part(squares, segment.from(), segment.to()))))
                    .toList();
        }

        @Override
        public void close() {
            first.close();
            second.close();
            super.close();
        }
    }

    /**
     * Any updater. ND4J's and ours treat each parameter alone, so that blocks of parameters can be updated at once; others may
     * not, and see as many at once as in DL4J.
     */
    final class OfUpdater extends Written {
        private static final long BLOCK = 1 << 16;

        private final List<Block> blocks = new ArrayList<>();
        private final HandedRate rate = new HandedRate();

        OfUpdater(Optimizer optimizer, ParameterRow parameters) {
            super(optimizer, parameters);
            Map<Double, IUpdater> updaters = new HashMap<>();
            for (ParameterRow.Segment segment : parameters.segments()) {
                IUpdater handed =
                        updaters.computeIfAbsent(segment.ratePart(), part -> rate.handedTo(optimizer.updater(), part));
                segment.cut(isKnown(handed) ? BLOCK : segment.length())
                        .forEach(part -> blocks.add(new Block(
                                handed,
                                part,
                                parameters.range(part.from(), part.to()),
                                gradients().range(part.from(), part.to()))));
            }
        }

        private static boolean isKnown(IUpdater updater) {
            String owner = updater.getClass().getPackageName();
            return owner.equals(Sgd.class.getPackageName()) || owner.equals(Optimizer.class.getPackageName());
        }

        @Override
        void update(StepPoint point) {
            rate.set(point.rate());
            Workers.run(blocks.size(), index -> blocks.get(index).step(point));
        }

        @Override
        public List<UpdaterState.Block> state() {
            return blocks.stream().map(Block::stateBlock).toList();
        }

        @Override
        public void close() {
            blocks.forEach(Block::close);
            super.close();
        }

        /** Some parameters with their updater's state. */
        private static final class Block implements AutoCloseable {
            private final ParameterRow.Segment segment;
            private final INDArray parameters;
            private final INDArray gradient;
            private final @Nullable INDArray state;
            private final GradientUpdater<?> updater;

            Block(IUpdater updater, ParameterRow.Segment segment, INDArray parameters, INDArray gradient) {
                this.segment = segment;
                this.parameters = parameters;
                this.gradient = gradient;
                long stateSize = updater.stateSize(parameters.length());
                this.state = stateSize == 0 ? null : ParameterRow.zeros(stateSize);
                this.updater = updater.instantiate(state, true);
            }

            void step(StepPoint point) {
                regularize(Regularization.ApplyStep.BEFORE_UPDATER, point);
                updater.applyUpdater(gradient, point.iteration(), point.epoch());
                regularize(Regularization.ApplyStep.POST_UPDATER, point);
                parameters.subi(gradient);
            }

            private void regularize(Regularization.ApplyStep moment, StepPoint point) {
                for (Regularization regularization : segment.regularization()) {
                    if (regularization.applyStep() == moment) {
                        regularization.apply(
                                parameters,
                                gradient,
                                point.rate() * segment.ratePart(),
                                point.iteration(),
                                point.epoch());
                    }
                }
            }

            UpdaterState.Block stateBlock() {
                return UpdaterState.Block.of(segment.from(), segment.to(), state);
            }

            @Override
            public void close() {
                if (state != null) {
                    state.close();
                }
            }
        }
    }
}
