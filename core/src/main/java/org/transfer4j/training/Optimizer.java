package org.transfer4j.training;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * How weights follow gradients. Immutable: each call returns a new optimizer; the last call of a kind wins.
 *
 * <pre>{@code
 * Optimizer.sgd(0.05).decay(1e-5)
 * Optimizer.adamW(1e-3).clipNorm(1).schedule(Schedule.cosine())
 * }</pre>
 *
 * <p>The numbers are those of Keras 3 with the same settings, where nothing else is said.
 */
public abstract sealed class Optimizer permits Optimizer.Rated, Optimizer.Custom {
    final OptimizerSettings settings;

    Optimizer(OptimizerSettings settings) {
        this.settings = settings;
    }

    /**
     * Plain stochastic gradient descent: w = w - rate * gradient.
     *
     * @param learningRate the learning rate, positive
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is not positive and finite
     */
    public static Sgd sgd(double learningRate) {
        return new Sgd(OptimizerSettings.rate(learningRate), Momentum.NONE, 0, OptimizerSettings.NONE);
    }

    /**
     * Adam (D. Kingma and J. Ba, 2015) with beta1 0.9, beta2 0.999 and epsilon 1e-8 (Keras' default is 1e-7).
     *
     * @param learningRate the learning rate, positive; 1e-3 is the usual one
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is not positive and finite
     */
    public static Adam adam(double learningRate) {
        return new Adam(OptimizerSettings.rate(learningRate), OptimizerSettings.NONE);
    }

    /**
     * AdamW (I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization", 2019): {@link #adam} with
     * {@link #weightDecay} 0.01, which can be set to another value.
     *
     * @param learningRate the learning rate, positive; 1e-3 is the usual one
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is not positive and finite
     */
    public static Adam adamW(double learningRate) {
        return adam(learningRate).weightDecay(0.01);
    }

    /**
     * RMSProp (T. Hinton, 2012) as in Keras: v = 0.9 v + 0.1 gradient², w = w - rate * gradient / sqrt(v + 1e-7), where v
     * starts at zero. ND4J's {@code RmsProp} differs: it has 0.95 in place of 0.9, 1e-8 in place of 1e-7, adds it to the
     * root, and starts with it.
     *
     * @param learningRate the learning rate, positive; 1e-3 is the usual one
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is not positive and finite
     */
    public static RmsProp rmsProp(double learningRate) {
        return new RmsProp(OptimizerSettings.rate(learningRate), OptimizerSettings.NONE);
    }

    /**
     * Any updater of ND4J. It keeps its own learning rate and schedule.
     *
     * @param updater the updater; it is cloned
     * @return the optimizer
     */
    public static Optimizer of(IUpdater updater) {
        return new Custom(Updaters.copy(updater), OptimizerSettings.NONE);
    }

    /**
     * Lets the learning rate change during the training. It replaces a decay, as a decay replaces it.
     *
     * @param schedule default {@link Schedule#constant()}
     * @return a new optimizer
     * @throws IllegalArgumentException if this is an updater of ND4J, which has a schedule of its own
     */
    public Optimizer schedule(Schedule schedule) {
        return with(settings.withSchedule(Objects.requireNonNull(schedule, "schedule")));
    }

    /**
     * Makes weights smaller in each step, beside the gradient: w = w - rate * decay * w, with the rate of the step. This
     * is decoupled weight decay (I. Loshchilov and F. Hutter, 2019), as in all optimizers of Keras and in PyTorch's
     * {@code AdamW}; for plain SGD it is the same as an L2 penalty of decay / 2. Biases and the parameters of batch
     * normalization are exempt. The reported loss does not include it.
     *
     * @param decay zero (the default, but for AdamW) or positive; usual are 1e-4 for SGD and 0.01 for AdamW
     * @return a new optimizer
     * @throws IllegalArgumentException if the decay is negative or not finite, or if this is an updater of ND4J without
     *     learning rate
     */
    public Optimizer weightDecay(double decay) {
        return with(settings.withWeightDecay(OptimizerSettings.notNegative("weight decay", decay)));
    }

    /**
     * Scales the gradient down where it is long: so that the Euclidean norm of all of it, over all layers, is at most
     * this (R. Pascanu et al., 2013; Keras' {@code global_clipnorm}, PyTorch's {@code clip_grad_norm_}). It replaces
     * {@link #clipValue}.
     *
     * @param norm positive; 1 is the usual one
     * @return a new optimizer
     * @throws IllegalArgumentException if the norm is not positive and finite
     */
    public Optimizer clipNorm(double norm) {
        return with(settings.withClipNorm(OptimizerSettings.positive("norm to clip at", norm)));
    }

    /**
     * Cuts each value of the gradient to at least minus this and at most this. It replaces {@link #clipNorm}.
     *
     * @param value positive
     * @return a new optimizer
     * @throws IllegalArgumentException if the value is not positive and finite
     */
    public Optimizer clipValue(double value) {
        return with(settings.withClipValue(OptimizerSettings.positive("value to clip at", value)));
    }

    /**
     * What turns gradients into steps. ND4J has schedules other than Keras' decay, weight decay and clipping elsewhere:
     * they are not part of it.
     *
     * @return a new updater; where ND4J has no such one (momentum without Nesterov, RMSProp) one of ours, which model
     *     files do not name
     */
    public abstract IUpdater updater();

    /**
     * The learning rate of a step.
     *
     * @param progress where the training stands
     * @return the rate of the next step; NaN if this is an updater of ND4J without learning rate
     */
    public abstract double learningRate(TrainingProgress progress);

    /**
     * Checks this optimizer against the length of a training.
     *
     * @param epochs how many a training has
     * @throws IllegalArgumentException if the schedule ends before
     * @see Schedule#over
     */
    public void requireFits(int epochs) {
        settings.schedule().requireFits(epochs);
    }

    /**
     * The weight decay.
     *
     * @return zero if there is none
     */
    public double weightDecay() {
        return settings.weightDecay();
    }

    /**
     * The norm at which gradients are clipped.
     *
     * @return empty if they are not
     */
    public OptionalDouble clipNorm() {
        return settings.clipNorm();
    }

    /**
     * The value at which gradients are clipped.
     *
     * @return empty if they are not
     */
    public OptionalDouble clipValue() {
        return settings.clipValue();
    }

    /**
     * Writes this optimizer as a JSON object of one line, versioned, that {@link #fromJson} of this and later versions
     * reads.
     *
     * @return the JSON; empty for an updater of ND4J, or of the user's own
     */
    public Optional<String> toJson() {
        return this instanceof Custom ? Optional.empty() : Optional.of(OptimizerSettings.Stored.write(this));
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @param json the JSON
     * @return the optimizer with the same settings
     * @throws IllegalArgumentException for text that is not such JSON, a later version, unknown names or fields, and values
     *     out of their range
     */
    public static Optimizer fromJson(String json) {
        return OptimizerSettings.Stored.read(json);
    }

    abstract Optimizer with(OptimizerSettings others);

    private enum Momentum {
        NONE,
        PLAIN,
        NESTEROV
    }

    /**
     * An optimizer with a learning rate, which is one of its own kind whatever is set.
     *
     * @param <S> its own kind
     */
    public abstract static sealed class Rated<S extends Rated<S>> extends Optimizer permits Sgd, Adam, RmsProp {
        final double learningRate;

        Rated(double learningRate, OptimizerSettings settings) {
            super(settings);
            this.learningRate = learningRate;
        }

        /** Its name in JSON. */
        abstract String name();

        @Override
        abstract S with(OptimizerSettings others);

        /** What {@link #with} gave. */
        @SuppressWarnings("unchecked")
        private S own(Optimizer optimizer) {
            return (S) optimizer;
        }

        @Override
        public S schedule(Schedule schedule) {
            return own(super.schedule(schedule));
        }

        @Override
        public S weightDecay(double decay) {
            return own(super.weightDecay(decay));
        }

        @Override
        public S clipNorm(double norm) {
            return own(super.clipNorm(norm));
        }

        @Override
        public S clipValue(double value) {
            return own(super.clipValue(value));
        }

        @Override
        public double learningRate(TrainingProgress progress) {
            return settings.schedule().rate(learningRate, progress);
        }
    }

    /** Stochastic gradient descent, with momentum and Keras' decay as options. */
    public static final class Sgd extends Rated<Sgd> {
        private final Momentum kind;
        final double momentum;

        private Sgd(double learningRate, Momentum kind, double momentum, OptimizerSettings settings) {
            super(learningRate, settings);
            this.kind = momentum > 0 ? kind : Momentum.NONE;
            this.momentum = momentum;
        }

        /**
         * Lets the rate fall with each batch as in Keras 1 and 2 ({@code SGD(lr, decay)}): rate / (1 + decay * t), t
         * the number of updates so far. In Keras 3 the same is {@code InverseTimeDecay(rate, 1, decay)}. It replaces
         * {@link #schedule}.
         *
         * @param decay zero or positive
         * @return a new optimizer
         * @throws IllegalArgumentException if the decay is negative or not finite
         */
        public Sgd decay(double decay) {
            return schedule(Schedule.decay(OptimizerSettings.notNegative("decay", decay)));
        }

        /**
         * Plain momentum (B. Polyak, 1964), as in Keras: v = momentum * v - rate * gradient, w = w + v. It replaces
         * {@link #nesterov}.
         *
         * @param momentum in [0, 1); 0.9 is the usual one
         * @return a new optimizer
         * @throws IllegalArgumentException if the momentum is out of its range
         */
        public Sgd momentum(double momentum) {
            return new Sgd(learningRate, Momentum.PLAIN, OptimizerSettings.momentum(momentum), settings);
        }

        /**
         * Nesterov's accelerated gradient, as in Keras: v = momentum * v - rate * gradient, w = w + momentum * v - rate *
         * gradient. It replaces {@link #momentum}.
         *
         * @param momentum in [0, 1); 0.9 is the usual one
         * @return a new optimizer
         * @throws IllegalArgumentException if the momentum is out of its range
         */
        public Sgd nesterov(double momentum) {
            return new Sgd(learningRate, Momentum.NESTEROV, OptimizerSettings.momentum(momentum), settings);
        }

        boolean isNesterov() {
            return kind == Momentum.NESTEROV;
        }

        @Override
        String name() {
            return "sgd";
        }

        @Override
        Sgd with(OptimizerSettings others) {
            return new Sgd(learningRate, kind, momentum, others);
        }

        @Override
        public IUpdater updater() {
            return switch (kind) {
                case NONE -> Updaters.sgd(learningRate, settings.schedule());
                case PLAIN -> Updaters.momentum(learningRate, settings.schedule(), momentum);
                case NESTEROV -> Updaters.nesterov(learningRate, settings.schedule(), momentum);
            };
        }

        @Override
        public String toString() {
            String moving = switch (kind) {
                case NONE -> "";
                case PLAIN -> ", momentum " + momentum;
                case NESTEROV -> ", Nesterov " + momentum;
            };
            return "SGD(" + learningRate + moving + settings + ")";
        }
    }

    /** Adam, with Keras' decay as an option; with weight decay it is AdamW. */
    public static final class Adam extends Rated<Adam> {
        private Adam(double learningRate, OptimizerSettings settings) {
            super(learningRate, settings);
        }

        /**
         * Lets the rate fall with each batch: rate / (1 + decay * t), t the number of updates so far. It replaces
         * {@link #schedule}.
         *
         * @param decay zero or positive
         * @return a new optimizer
         * @throws IllegalArgumentException if the decay is negative or not finite
         */
        public Adam decay(double decay) {
            return schedule(Schedule.decay(OptimizerSettings.notNegative("decay", decay)));
        }

        @Override
        String name() {
            return "adam";
        }

        @Override
        Adam with(OptimizerSettings others) {
            return new Adam(learningRate, others);
        }

        @Override
        public IUpdater updater() {
            return Updaters.adam(learningRate, settings.schedule());
        }

        @Override
        public String toString() {
            return (weightDecay() > 0 ? "AdamW(" : "Adam(") + learningRate + settings + ")";
        }
    }

    /** RMSProp as in Keras. */
    public static final class RmsProp extends Rated<RmsProp> {
        private RmsProp(double learningRate, OptimizerSettings settings) {
            super(learningRate, settings);
        }

        @Override
        String name() {
            return "rmsProp";
        }

        @Override
        RmsProp with(OptimizerSettings others) {
            return new RmsProp(learningRate, others);
        }

        @Override
        public IUpdater updater() {
            return Updaters.rmsProp(learningRate, settings.schedule());
        }

        @Override
        public String toString() {
            return "RMSProp(" + learningRate + settings + ")";
        }
    }

    /** An updater of ND4J, whose learning rate and schedule are its own. */
    static final class Custom extends Optimizer {
        private final IUpdater updater;

        Custom(IUpdater updater, OptimizerSettings settings) {
            super(settings);
            this.updater = updater;
        }

        @Override
        public Optimizer schedule(Schedule schedule) {
            throw new IllegalArgumentException("an updater of ND4J has a schedule of its own; give it to "
                    + updater.getClass().getSimpleName() + ", got " + schedule);
        }

        @Override
        Custom with(OptimizerSettings others) {
            if (others.weightDecay() > 0 && !updater.hasLearningRate()) {
                throw new IllegalArgumentException("weight decay goes with the learning rate, and "
                        + updater.getClass().getSimpleName() + " has none; got " + others.weightDecay());
            }
            return new Custom(updater, others);
        }

        @Override
        public IUpdater updater() {
            return Updaters.copy(updater);
        }

        @Override
        public double learningRate(TrainingProgress progress) {
            return updater.hasLearningRate()
                    ? updater.getLearningRate(Math.toIntExact(progress.step()), Math.toIntExact(progress.epoch()))
                    : Double.NaN;
        }

        @Override
        public String toString() {
            return updater + settings.toString();
        }
    }
}
