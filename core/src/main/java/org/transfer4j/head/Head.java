package org.transfer4j.head;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The layers put on a backbone: first its features become a vector ({@link #flatten()} or
 * {@link #globalAveragePooling()}), then come dense and dropout layers in the order of the calls, last a dense softmax
 * layer with one output a class, a sigmoid layer where images have {@linkplain #multiLabel() several labels}, or a linear one
 * that gives {@linkplain #regression() numbers}. Immutable: each call returns a new head.
 *
 * <pre>{@code
 * Head.globalAveragePooling().dense(256).dropout(0.5).classes(10)
 * }</pre>
 *
 * <p>Dense layers have ReLU and start from He-uniform weights, the output layer from Glorot-uniform ones (K. He et
 * al., 2015; X. Glorot and Y. Bengio, 2010); biases start at zero.
 */
public final class Head {
    private final List<HeadLayer> layers;
    private final OutputLayer last;
    private final OptionalInt outputs;

    /** What the layers end in; what that means is {@code AnswerKind}'s. */
    private enum OutputLayer {
        SOFTMAX("Softmax", "classes of the data"),
        SIGMOID("Sigmoid", "classes of the data"),
        LINEAR("Linear", "targets of the data");

        private final String title;
        private final String open;

        OutputLayer(String title, String open) {
            this.title = title;
            this.open = open;
        }
    }

    private Head(List<HeadLayer> layers, OutputLayer last, OptionalInt outputs) {
        this.layers = layers;
        this.last = last;
        this.outputs = outputs;
    }

    /**
     * Starts with all of the features in a row: the most a linear layer can use, and the widest. For VGG16 at 224x224
     * that is 25,088 values an image.
     *
     * @return a head that flattens
     */
    public static Head flatten() {
        return new Head(List.of(new HeadLayer.Flatten()), OutputLayer.SOFTMAX, OptionalInt.empty());
    }

    /**
     * Starts with each channel's mean: small (512 values for VGG16), and independent of the input size.
     *
     * @return a head that pools
     */
    public static Head globalAveragePooling() {
        return new Head(List.of(new HeadLayer.GlobalAveragePooling()), OutputLayer.SOFTMAX, OptionalInt.empty());
    }

    /**
     * Adds a dense layer with ReLU.
     *
     * @param units the number of outputs, 1 or more
     * @return a new head
     */
    public Head dense(int units) {
        return with(new HeadLayer.Dense(units));
    }

    /**
     * Adds dropout.
     *
     * @param rate the fraction of the inputs set to zero while training, in [0, 1)
     * @return a new head
     */
    public Head dropout(double rate) {
        return with(new HeadLayer.Dropout(rate));
    }

    /**
     * Sets the number of classes. Without this call it is taken from the data.
     *
     * @param count the number of classes, 2 or more; of a {@link #multiLabel} head 1 or more
     * @return a new head
     * @throws IllegalArgumentException if there are fewer
     */
    public Head classes(int count) {
        int fewest = isMultiLabel() ? 1 : 2;
        if (count < fewest) {
            throw new IllegalArgumentException(
                    "a head needs " + fewest + (fewest == 1 ? " class" : " classes") + " or more, got " + count);
        }
        return new Head(layers, isRegression() ? OutputLayer.SOFTMAX : last, OptionalInt.of(count));
    }

    /**
     * Lets an image have several labels, or none: each class has a sigmoid output of its own, a probability independent of
     * the others', in the place of softmax, whose probabilities have the sum 1. Such a head is fitted to a
     * {@link org.transfer4j.dataset.MultiLabelDataset}, or to an iterator with multi-hot labels, with binary cross-entropy.
     *
     * @return a new head
     */
    public Head multiLabel() {
        return new Head(layers, OutputLayer.SIGMOID, isRegression() ? OptionalInt.empty() : outputs);
    }

    /**
     * Lets the head give numbers in the place of probabilities: a linear output for each target of the data. Such a head is
     * fitted to a {@link org.transfer4j.dataset.RegressionDataset}. A head of which nothing was said of classes becomes one by
     * that itself.
     *
     * @return a new head
     */
    public Head regression() {
        return new Head(layers, OutputLayer.LINEAR, OptionalInt.empty());
    }

    /**
     * Lets the head give so many numbers: {@link #regression()}, with an error where the data has other than as many targets.
     *
     * @param targets 1 or more
     * @return a new head
     * @throws IllegalArgumentException if there are none
     */
    public Head regression(int targets) {
        if (targets < 1) {
            throw new IllegalArgumentException("a regression head gives 1 number or more, got " + targets);
        }
        return new Head(layers, OutputLayer.LINEAR, OptionalInt.of(targets));
    }

    /**
     * The layers before the output layer.
     *
     * @return the layers in order, at least one
     */
    public List<HeadLayer> layers() {
        return layers;
    }

    /**
     * The number of classes.
     *
     * @return the count, empty where the data decides, and where the outputs are numbers
     */
    public OptionalInt classCount() {
        return isRegression() ? OptionalInt.empty() : outputs;
    }

    /**
     * How many numbers it gives.
     *
     * @return the count, empty where the data decides, and where the outputs are probabilities
     */
    public OptionalInt targetCount() {
        return isRegression() ? outputs : OptionalInt.empty();
    }

    /**
     * Whether it gives numbers.
     *
     * @return true for linear outputs
     */
    public boolean isRegression() {
        return last == OutputLayer.LINEAR;
    }

    /**
     * Whether an image may have several labels.
     *
     * @return true for sigmoid outputs
     */
    public boolean isMultiLabel() {
        return last == OutputLayer.SIGMOID;
    }

    private Head with(HeadLayer layer) {
        return new Head(Stream.concat(layers.stream(), Stream.of(layer)).toList(), last, outputs);
    }

    @Override
    public String toString() {
        String output = last.title + "[" + (outputs.isPresent() ? outputs.getAsInt() : last.open) + "]";
        return layers.stream().map(Object::toString).collect(Collectors.joining(" > ", "", " > " + output));
    }
}
