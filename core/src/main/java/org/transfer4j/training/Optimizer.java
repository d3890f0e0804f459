package org.transfer4j.training;

import org.nd4j.linalg.learning.config.IUpdater;

/**
 * How weights follow gradients. Immutable: each call returns a new optimizer.
 *
 * <pre>{@code
 * Optimizer.sgd(0.05).decay(1e-5)
 * Optimizer.adam(1e-3)
 * }</pre>
 */
public abstract sealed class Optimizer permits Optimizer.Sgd, Optimizer.Adam, Optimizer.Custom {
    Optimizer() {}

    /**
     * Plain stochastic gradient descent: w = w - rate * gradient.
     *
     * @param learningRate the learning rate, positive
     * @return the optimizer
     */
    public static Sgd sgd(double learningRate) {
        return new Sgd(positive("learning rate", learningRate), 0, 0);
    }

    /**
     * Adam (D. Kingma and J. Ba, 2015) with beta1 0.9, beta2 0.999 and epsilon 1e-8.
     *
     * @param learningRate the learning rate, positive; 1e-3 is the usual one
     * @return the optimizer
     */
    public static Adam adam(double learningRate) {
        return new Adam(positive("learning rate", learningRate), 0);
    }

    /**
     * Any updater of ND4J.
     *
     * @param updater the updater; it is cloned
     * @return the optimizer
     */
    public static Optimizer of(IUpdater updater) {
        return new Custom(updater.clone());
    }

    /**
     * The updater that does the work.
     *
     * @return a new updater of ND4J
     */
    public abstract IUpdater updater();

    static double positive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("the " + what + " must be positive and finite, got " + value);
        }
        return value;
    }

    static double notNegative(String what, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("the " + what + " must be zero or positive and finite, got " + value);
        }
        return value;
    }

    /** Stochastic gradient descent, with Keras' decay and Nesterov's momentum as options. */
    public static final class Sgd extends Optimizer {
        private final double learningRate;
        private final double decay;
        private final double momentum;

        private Sgd(double learningRate, double decay, double momentum) {
            this.learningRate = learningRate;
            this.decay = decay;
            this.momentum = momentum;
        }

        /**
         * Lets the rate fall with each batch as in Keras 1 and 2 ({@code SGD(lr, decay)}): rate / (1 + decay * t), t
         * the number of updates so far. In Keras 3 the same is {@code InverseTimeDecay(rate, 1, decay)}.
         *
         * @param decay zero or positive
         * @return a new optimizer
         */
        public Sgd decay(double decay) {
            return new Sgd(learningRate, notNegative("decay", decay), momentum);
        }

        /**
         * Nesterov's accelerated gradient.
         *
         * @param momentum in [0, 1); 0.9 is the usual one
         * @return a new optimizer
         */
        public Sgd nesterov(double momentum) {
            if (!(momentum >= 0 && momentum < 1)) {
                throw new IllegalArgumentException("momentum is at least 0 and less than 1, got " + momentum);
            }
            return new Sgd(learningRate, decay, momentum);
        }

        @Override
        public IUpdater updater() {
            return Updaters.sgd(learningRate, decay, momentum);
        }

        @Override
        public String toString() {
            return "SGD(" + learningRate + (decay > 0 ? ", decay " + decay : "")
                    + (momentum > 0 ? ", Nesterov " + momentum : "") + ")";
        }
    }

    /** Adam, with Keras' decay as an option. */
    public static final class Adam extends Optimizer {
        private final double learningRate;
        private final double decay;

        private Adam(double learningRate, double decay) {
            this.learningRate = learningRate;
            this.decay = decay;
        }

        /**
         * Lets the rate fall with each batch: rate / (1 + decay * t), t the number of updates so far.
         *
         * @param decay zero or positive
         * @return a new optimizer
         */
        public Adam decay(double decay) {
            return new Adam(learningRate, notNegative("decay", decay));
        }

        @Override
        public IUpdater updater() {
            return Updaters.adam(learningRate, decay);
        }

        @Override
        public String toString() {
            return "Adam(" + learningRate + (decay > 0 ? ", decay " + decay : "") + ")";
        }
    }

    static final class Custom extends Optimizer {
        private final IUpdater updater;

        private Custom(IUpdater updater) {
            this.updater = updater;
        }

        @Override
        public IUpdater updater() {
            return updater.clone();
        }

        @Override
        public String toString() {
            return updater.toString();
        }
    }
}
