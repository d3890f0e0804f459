package org.transfer4j.training;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a training makes small. Immutable: each call returns a new loss. Losses of the same kind and settings are equal.
 *
 * <pre>{@code
 * Loss.crossEntropy().labelSmoothing(0.1)
 * Loss.focal(2)
 * }</pre>
 *
 * <p>As in Keras, the reported training loss is this loss with class weights, the validation loss is this loss without
 * them. {@code ImageClassifier.evaluate} reports plain categorical cross-entropy always, so that classifiers can be
 * compared, however they were trained.
 */
public final class Loss {
    private final Kind kind;

    /** The exponent of a focal loss, the border of Huber's. */
    private final double parameter;

    private final double smoothing;

    private enum Kind {
        CATEGORICAL,
        BINARY,
        SQUARED,
        ABSOLUTE,
        HUBER
    }

    private Loss(Kind kind, double parameter, double smoothing) {
        this.kind = kind;
        this.parameter = parameter;
        this.smoothing = smoothing;
    }

    /**
     * Categorical cross-entropy: -log p, with p the probability of the right class. The default.
     *
     * @return the loss
     */
    public static Loss crossEntropy() {
        return new Loss(Kind.CATEGORICAL, 0, 0);
    }

    /**
     * Binary cross-entropy, the loss of a {@link org.transfer4j.head.Head#multiLabel() multi-label} head, and its default:
     * the mean over the classes of -log p where the image has the class and of -log(1 - p) where it has not, as Keras'
     * {@code BinaryCrossentropy} and PyTorch's {@code BCEWithLogitsLoss}. (DL4J's {@code LossBinaryXENT} is the sum over the
     * classes.) A class weight multiplies the first term alone, as PyTorch's {@code pos_weight}. Label smoothing makes 1 to 1
     * - fraction / 2 and 0 to fraction / 2.
     *
     * @return the loss
     */
    public static Loss binaryCrossEntropy() {
        return new Loss(Kind.BINARY, 0, 0);
    }

    /**
     * Focal loss (T.-Y. Lin et al., "Focal Loss for Dense Object Detection", 2017): -(1 - p)^gamma log p, with p the
     * probability of the right class; what is right already counts less. There is no alpha (it is 1, where Keras'
     * {@code CategoricalFocalCrossentropy} has 0.25 by default): class weights do the same.
     *
     * @param gamma positive; 2 is the usual one
     * @return the loss
     * @throws IllegalArgumentException if gamma is not positive and finite
     */
    public static Loss focal(double gamma) {
        return new Loss(Kind.CATEGORICAL, OptimizerSettings.positive("gamma of a focal loss", gamma), 0);
    }

    /**
     * The mean squared error of numbers, the default of a {@link org.transfer4j.head.Head#regression() regression head}: the
     * mean over targets and images of (y - t)^2, as Keras' {@code MeanSquaredError} and PyTorch's {@code MSELoss}.
     *
     * <p>This loss and the two that follow are of standardized targets: of each its mean in the training data is taken off, and
     * it is divided by its deviation there (that of the population). So targets of all units count alike, and who predicts the
     * mean alone has a mean squared error of 1 in training; 1 less it is about R2. Predictions and reports are in the targets'
     * own units.
     *
     * @return the loss
     */
    public static Loss meanSquaredError() {
        return new Loss(Kind.SQUARED, 0, 0);
    }

    /**
     * The mean absolute error of numbers: the mean over targets and images of |y - t|, as Keras' {@code MeanAbsoluteError} and
     * PyTorch's {@code L1Loss}. Outliers count less; what is learned is a median, not a mean. Of standardized targets, as
     * {@link #meanSquaredError()}.
     *
     * @return the loss
     */
    public static Loss meanAbsoluteError() {
        return new Loss(Kind.ABSOLUTE, 0, 0);
    }

    /**
     * Huber's loss of numbers (P. J. Huber, "Robust Estimation of a Location Parameter", 1964): the mean over targets and
     * images of e^2 / 2 where the error e = |y - t| is at most delta, of delta (e - delta / 2) where it is larger, as Keras'
     * {@code Huber} and PyTorch's {@code HuberLoss}.
     *
     * @param delta positive, in deviations of the target, since targets are standardized as for {@link #meanSquaredError()};
     *     1 is the usual one
     * @return the loss
     * @throws IllegalArgumentException if delta is not positive and finite
     */
    public static Loss huber(double delta) {
        return new Loss(Kind.HUBER, OptimizerSettings.positive("delta of Huber's loss", delta), 0);
    }

    /**
     * Takes a fraction of each label away and gives it to all K classes alike (C. Szegedy et al., "Rethinking the
     * Inception Architecture", 2016): the right class is 1 - fraction + fraction / K, each other one fraction / K, and the
     * loss is the sum over the classes. As {@code label_smoothing} in Keras.
     *
     * @param fraction at least 0 and less than 1; 0.1 is the usual one
     * @return a new loss
     * @throws IllegalArgumentException if the fraction is out of its range, or the loss is one of numbers, which have no labels
     */
    public Loss labelSmoothing(double fraction) {
        if (!(fraction >= 0 && fraction < 1)) {
            throw new IllegalArgumentException("label smoothing is at least 0 and less than 1, got " + fraction);
        }
        if (isRegression()) {
            throw new IllegalArgumentException("labels are smoothed, but the " + this + " is one of numbers");
        }
        return new Loss(kind, parameter, fraction + 0.0); // not -0, which is another number to equals
    }

    /**
     * Whether each class is judged by itself.
     *
     * @return true for binary cross-entropy
     */
    public boolean isBinary() {
        return kind == Kind.BINARY;
    }

    /**
     * Whether it is one of numbers.
     *
     * @return true for mean squared error, mean absolute error and Huber's loss
     */
    public boolean isRegression() {
        return kind == Kind.SQUARED || isAbsolute() || kind == Kind.HUBER;
    }

    /**
     * Whether it is the mean absolute error.
     *
     * @return true for that alone
     */
    public boolean isAbsolute() {
        return kind == Kind.ABSOLUTE;
    }

    /**
     * Where Huber's loss changes from squares to distances.
     *
     * @return in deviations of the target; 0 for other losses
     */
    public double delta() {
        return kind == Kind.HUBER ? parameter : 0;
    }

    /**
     * The focal loss' exponent.
     *
     * @return 0 for other losses
     */
    public double gamma() {
        return kind == Kind.CATEGORICAL ? parameter : 0;
    }

    /**
     * The label smoothing.
     *
     * @return 0 if there is none
     */
    public double labelSmoothing() {
        return smoothing;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Loss loss
                && kind == loss.kind
                && Double.compare(parameter, loss.parameter) == 0
                && Double.compare(smoothing, loss.smoothing) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, parameter, smoothing);
    }

    @Override
    public String toString() {
        String name = switch (kind) {
            case CATEGORICAL -> parameter > 0 ? "focal loss, gamma " + parameter : "cross-entropy";
            case BINARY -> "binary cross-entropy";
            case SQUARED -> "mean squared error";
            case ABSOLUTE -> "mean absolute error";
            case HUBER -> "Huber's loss, delta " + parameter;
        };
        return smoothing > 0 ? name + ", label smoothing " + smoothing : name;
    }
}
