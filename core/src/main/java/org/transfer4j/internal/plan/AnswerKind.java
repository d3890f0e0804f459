package org.transfer4j.internal.plan;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.head.Head;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.training.Loss;

/** What a network says of an image. All that follows from it alone is here: output layer, loss, and what outputs are called. */
public enum AnswerKind {
    /** One class of several: probabilities with the sum 1. */
    ONE_CLASS(Activation.Function.SOFTMAX, 2, "Classes", "classifier"),

    /** Any number of labels: a probability each. */
    LABELS(Activation.Function.SIGMOID, 2, "Classes", "classifier"),

    /** Numbers. */
    NUMBERS(null, 1, "Targets", "regressor");

    private final Activation.@Nullable Function activation;
    private final int shown;
    private final String outputsTitle;
    private final String model;

    AnswerKind(Activation.@Nullable Function activation, int shown, String outputsTitle, String model) {
        this.activation = activation;
        this.shown = shown;
        this.outputsTitle = outputsTitle;
        this.model = model;
    }

    /** That of a head. */
    public static AnswerKind of(Head head) {
        return head.isRegression() ? NUMBERS : head.isMultiLabel() ? LABELS : ONE_CLASS;
    }

    /** That for which a loss is. */
    public static AnswerKind of(Loss loss) {
        return loss.isRegression() ? NUMBERS : loss.isBinary() ? LABELS : ONE_CLASS;
    }

    /** That of a whole network, by its output layer; empty where it has none that a head ends in, nor votes. */
    static Optional<AnswerKind> of(Network network) {
        Op output = network.op(network.output());
        if (output instanceof Op.Dense) {
            return Optional.of(NUMBERS);
        }
        if (output instanceof Op.Neighbours) {
            return Optional.of(ONE_CLASS);
        }
        return Stream.of(ONE_CLASS, LABELS).filter(kind -> kind.ends(network)).findFirst();
    }

    /** Whether a network ends in a dense layer and the activation for it. */
    private boolean ends(Network network) {
        Network.Node last = network.nodes().get(network.output());
        return last != null
                && activation != null
                && last.op().equals(new Op.Activate(Activation.of(activation)))
                && network.op(last.inputs().get(0)) instanceof Op.Dense;
    }

    /** What ends the output layer, above its dense part; empty where the sums are the answer. */
    Optional<Activation.Function> activation() {
        return Optional.ofNullable(activation);
    }

    /** The loss where none was chosen. */
    public Loss loss() {
        return switch (this) {
            case ONE_CLASS -> Loss.crossEntropy();
            case LABELS -> Loss.binaryCrossEntropy();
            case NUMBERS -> Loss.meanSquaredError();
        };
    }

    /** How many outputs there are at least: of two classes one has to be chosen, but a label may be there or not. */
    public int fewest() {
        return this == ONE_CLASS ? 2 : 1;
    }

    /** How many outputs a table shows where the data decides. */
    public int shown() {
        return shown;
    }

    /** What outputs are called, with a capital. */
    public String outputsTitle() {
        return outputsTitle;
    }

    /** What a model with such answers is called. */
    public String model() {
        return model;
    }

    /** How many outputs a head of this kind asks for; empty where the data decides. */
    public OptionalInt wanted(Head head) {
        return this == NUMBERS ? head.targetCount() : head.classCount();
    }

    /** A head of this kind with the layers of another, its number of outputs left open. */
    Head ending(Head layers) {
        return switch (this) {
            case ONE_CLASS -> layers;
            case LABELS -> layers.multiLabel();
            case NUMBERS -> layers.regression();
        };
    }

    /** A head of this kind with so many outputs. */
    public Head head(Head own, int count) {
        return this == NUMBERS ? own.regression(count) : own.classes(count);
    }

    /**
     * Checks a loss.
     *
     * @throws IllegalArgumentException if it is for answers of another kind
     */
    public void require(Loss chosen) {
        if (of(chosen) != this) {
            throw new IllegalArgumentException(
                    switch (this) {
                        case ONE_CLASS ->
                            "a softmax head can't be trained with " + chosen
                                    + "; end the head with multiLabel(), or choose Loss.crossEntropy() or Loss.focal(...)";
                        case LABELS -> "a multi-label head is trained with Loss.binaryCrossEntropy(), got " + chosen;
                        case NUMBERS ->
                            "a regression head is trained with Loss.meanSquaredError(),"
                                    + " Loss.meanAbsoluteError() or Loss.huber(...), got " + chosen;
                    });
        }
    }
}
