package org.transfer4j.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.transfer4j.head.Head;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingSettings;
import org.transfer4j.internal.settings.TrainingSettings.ClassWeights;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.Optimizer;
import scala.Function1;

/**
 * How a head learns, as parameters of Spark ML. Values are checked where they are set, also in a grid of parameters.
 *
 * @param <E> the estimator that has them
 */
abstract class HeadParams<E extends HeadParams<E>> extends Estimator<TransferModel> {
    private static final long serialVersionUID = 1L;

    private static final String EQUAL = "equal";
    private static final String BALANCED = "balanced";
    private static final Pattern LAYER = Pattern.compile("(dense|dropout)\\(([0-9.]+)\\)");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String uid;
    private final Param<String> head;
    private final Param<String> optimizer;
    private final DoubleParam learningRate;
    private final IntParam epochs;
    private final IntParam batchSize;
    private final LongParam seed;
    private final Param<String> classWeights;
    private final IntParam patience;

    HeadParams(String uid) {
        this.uid = uid;
        // each asks for the uid
        head = new Param<>(
                this,
                "head",
                "layers between features and output, as \"dense(256), dropout(0.5)\"; none where it is empty",
                HeadParams.<String>rule(text -> layers(text, Head.flatten())));
        optimizer = new Param<>(
                this, "optimizer", "JSON of an Optimizer, for a head", HeadParams.<String>rule(Optimizer::fromJson));
        learningRate = new DoubleParam(
                this,
                "learningRate",
                "of Adam, where no optimizer is named",
                rule(rate -> Optimizer.adam((Double) rate)));
        epochs = new IntParam(
                this,
                "epochs",
                "passes over the features; as many as one machine takes, if not set",
                atLeastOne("epochs"));
        batchSize = new IntParam(this, "batchSize", "images of one step", atLeastOne("batchSize"));
        seed = new LongParam(this, "seed", "what starting weights, order and dropout follow");
        classWeights = new Param<>(
                this,
                "classWeights",
                "how much classes count: equal, balanced (the rarer, the more), or JSON, as {\"cat\": 2}",
                HeadParams.<String>rule(HeadParams::weights));
        patience = new IntParam(
                this,
                "patience",
                "epochs without a lower loss on the validation rows after which a head ends; all epochs, if not set",
                atLeastOne("patience"));
        setDefault(head, "");
        setDefault(batchSize, 32);
        setDefault(seed, 42L);
        setDefault(classWeights, EQUAL);
    }

    /** A rule of Spark's that says itself what is wrong with a value. */
    static <T> Function1<T, Object> rule(Consumer<T> check) {
        return (Function1<T, Object> & Serializable) value -> {
            check.accept(value);
            return true;
        };
    }

    private static Function1<Object, Object> atLeastOne(String name) {
        return rule(value -> {
            if ((Integer) value < 1) {
                throw new IllegalArgumentException(name + " must be 1 or more, got " + value);
            }
        });
    }

    private static Head layers(String text, Head start) {
        Head head = start;
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            Matcher layer = LAYER.matcher(part.strip());
            if (!layer.matches()) {
                throw new IllegalArgumentException(
                        "head must be layers such as dense(256) and dropout(0.5), with commas between, got " + text);
            }
            try {
                head = layer.group(1).equals("dense")
                        ? head.dense(Integer.parseInt(layer.group(2)))
                        : head.dropout(Double.parseDouble(layer.group(2)));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("head has no number in " + part.strip() + ": " + text, e);
            }
        }
        return head;
    }

    private static ClassWeights weights(String text) {
        if (text.equals(EQUAL)) {
            return ClassWeights.EQUAL;
        }
        if (text.equals(BALANCED)) {
            return ClassWeights.BALANCED;
        }
        try {
            return ClassWeights.of(JSON.readValue(text, new TypeReference<Map<String, Double>>() {}));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "classWeights must be equal, balanced, or a JSON object of numbers by class name, got " + text, e);
        }
    }

    /**
     * What is set, for a training.
     *
     * @param layers the default training on the frozen layers
     * @param several whether images may have several labels
     * @param validated whether there are rows for validation
     * @throws IllegalArgumentException if settings contradict each other
     */
    final Settings settings(Settings layers, boolean several, boolean validated) {
        requireConsistent(validated);
        Head own = layers(getOrDefault(head), layers.network().head());
        TrainingSettings training = layers.training()
                .withBatchSize((Integer) getOrDefault(batchSize))
                .withClassWeights(weights(getOrDefault(classWeights)));
        if (isSet(optimizer)) {
            training = training.withOptimizer(Optimizer.fromJson(getOrDefault(optimizer)));
        } else if (isSet(learningRate)) {
            training = training.withOptimizer(Optimizer.adam((Double) getOrDefault(learningRate)));
        }
        if (isSet(epochs)) {
            training = training.withEpochs(OptionalInt.of((Integer) getOrDefault(epochs)));
        }
        if (isSet(patience)) {
            training =
                    training.withEarlyStopping(Optional.of(EarlyStopping.patience((Integer) getOrDefault(patience))));
        }
        return layers.with(layers.network().withHead(several ? own.multiLabel() : own))
                .with(layers.data().withSeed((Long) getOrDefault(seed)))
                .with(training);
    }

    private void requireConsistent(boolean validated) {
        if (isSet(optimizer) && isSet(learningRate)) {
            throw new IllegalArgumentException(
                    "optimizer and learningRate must not both be set: an optimizer has its own learning rate");
        }
        if (isSet(patience) && !validated) {
            throw new IllegalArgumentException("patience needs validation rows: set validationIndicatorCol");
        }
    }

    abstract E self();

    @Override
    public String uid() {
        return uid;
    }

    /**
     * The layers of the head.
     *
     * @return its parameter
     */
    public Param<String> head() {
        return head;
    }

    /**
     * Sets the layers between the features and the output layer, which is there in any case.
     *
     * @param value dense (with ReLU) and dropout layers, as "dense(256), dropout(0.5)"; default "": none
     * @return this
     */
    public E setHead(String value) {
        set(head, value);
        return self();
    }

    /**
     * The optimizer.
     *
     * @return its parameter
     */
    public Param<String> optimizer() {
        return optimizer;
    }

    /**
     * Sets the optimizer by its JSON.
     *
     * @param value what {@link Optimizer#toJson()} gives; default Adam(1e-3)
     * @return this
     */
    public E setOptimizer(String value) {
        set(optimizer, value);
        return self();
    }

    /**
     * Sets the optimizer.
     *
     * @param value one of the library's own, with its schedule; default Adam(1e-3)
     * @return this
     * @throws IllegalArgumentException if it is one of ND4J's, which has no JSON
     */
    public E setOptimizer(Optimizer value) {
        return setOptimizer(value.toJson()
                .orElseThrow(() -> new IllegalArgumentException(
                        "optimizer must be one that can be written as JSON, got " + value)));
    }

    /**
     * The learning rate.
     *
     * @return its parameter
     */
    public DoubleParam learningRate() {
        return learningRate;
    }

    /**
     * Sets the learning rate of Adam, where no optimizer is set: for grids of parameters.
     *
     * @param value positive; default 1e-3
     * @return this
     */
    public E setLearningRate(double value) {
        set(learningRate, value);
        return self();
    }

    /**
     * How often the features are gone through.
     *
     * @return its parameter
     */
    public IntParam epochs() {
        return epochs;
    }

    /**
     * Sets how often the features are gone through.
     *
     * @param value 1 or more; default as {@link org.transfer4j.TransferLearner#epochs} on one machine
     * @return this
     */
    public E setEpochs(int value) {
        set(epochs, value);
        return self();
    }

    /**
     * How many images make one step.
     *
     * @return its parameter
     */
    public IntParam batchSize() {
        return batchSize;
    }

    /**
     * Sets how many images make one step.
     *
     * @param value 1 or more; default 32
     * @return this
     */
    public E setBatchSize(int value) {
        set(batchSize, value);
        return self();
    }

    /**
     * What all random choices follow.
     *
     * @return its parameter
     */
    public LongParam seed() {
        return seed;
    }

    /**
     * Sets what all random choices follow: starting weights, the order of the images in each epoch, dropout.
     *
     * @param value any number; default 42
     * @return this
     */
    public E setSeed(long value) {
        set(seed, value);
        return self();
    }

    /**
     * How much classes count.
     *
     * @return its parameter
     */
    public Param<String> classWeights() {
        return classWeights;
    }

    /**
     * Sets how much classes count.
     *
     * @param value "equal", the default; "balanced", as {@link org.transfer4j.TransferLearner#balancedClassWeights}; or a JSON object
     *     of positive numbers by class name, as {@link org.transfer4j.TransferLearner#classWeights}
     * @return this
     */
    public E setClassWeights(String value) {
        set(classWeights, value);
        return self();
    }

    /**
     * Sets how much classes count.
     *
     * @param value positive, by class name; a class that is not named has 1
     * @return this
     */
    public E setClassWeights(Map<String, Double> value) {
        try {
            return setClassWeights(JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("names and numbers give JSON", e);
        }
    }

    /**
     * When a head ends early.
     *
     * @return its parameter
     */
    public IntParam patience() {
        return patience;
    }

    /**
     * Ends a head after some epochs without a lower loss on the validation rows, and takes the best epoch.
     *
     * @param value epochs, 1 or more; not set by default: all epochs are run
     * @return this
     */
    public E setPatience(int value) {
        set(patience, value);
        return self();
    }
}
