package org.transfer4j.training;

/**
 * What a training makes small. Immutable: each call returns a new loss.
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
    private final boolean binary;
    private final double gamma;
    private final double smoothing;

    private Loss(boolean binary, double gamma, double smoothing) {
        this.binary = binary;
        this.gamma = gamma;
        this.smoothing = smoothing;
    }

    /**
     * Categorical cross-entropy: -log p, with p the probability of the right class. The default.
     *
     * @return the loss
     */
    public static Loss crossEntropy() {
        return new Loss(false, 0, 0);
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
        return new Loss(true, 0, 0);
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
        if (!(gamma > 0) || Double.isInfinite(gamma)) {
            throw new IllegalArgumentException("the gamma of a focal loss must be positive and finite, got " + gamma);
        }
        return new Loss(false, gamma, 0);
    }

    /**
     * Takes a fraction of each label away and gives it to all K classes alike (C. Szegedy et al., "Rethinking the
     * Inception Architecture", 2016): the right class is 1 - fraction + fraction / K, each other one fraction / K, and the
     * loss is the sum over the classes. As {@code label_smoothing} in Keras.
     *
     * @param fraction at least 0 and less than 1; 0.1 is the usual one
     * @return a new loss
     * @throws IllegalArgumentException if the fraction is out of its range
     */
    public Loss labelSmoothing(double fraction) {
        if (!(fraction >= 0 && fraction < 1)) {
            throw new IllegalArgumentException("label smoothing is at least 0 and less than 1, got " + fraction);
        }
        return new Loss(binary, gamma, fraction);
    }

    /**
     * Whether each class is judged by itself.
     *
     * @return true for binary cross-entropy
     */
    public boolean isBinary() {
        return binary;
    }

    /**
     * The focal loss' exponent.
     *
     * @return 0 for cross-entropy
     */
    public double gamma() {
        return gamma;
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
    public String toString() {
        String name = gamma > 0 ? "focal loss, gamma " + gamma : binary ? "binary cross-entropy" : "cross-entropy";
        return smoothing > 0 ? name + ", label smoothing " + smoothing : name;
    }
}
