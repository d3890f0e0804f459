package org.transfer4j.internal.tail.onednn;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.training.Optimizer;

/** Heads to train, as the network plan makes them. */
public final class TestHead {
    private static final long SEED = 11;

    private final ComputationGraphConfiguration.GraphBuilder graph =
            new NeuralNetConfiguration.Builder().graphBuilder().addInputs("features");
    private String last = "features";
    private final int inputs;
    private int width;

    private TestHead(int inputs) {
        this.inputs = inputs;
        width = inputs;
    }

    public static TestHead on(int inputs) {
        return new TestHead(inputs);
    }

    public TestHead dense(int units) {
        return dense(units, builder -> builder.activation(Activation.RELU));
    }

    public TestHead dense(int units, Consumer<DenseLayer.Builder> settings) {
        DenseLayer.Builder builder = new DenseLayer.Builder().nIn(width).nOut(units);
        settings.accept(builder);
        String name = "dense_" + units;
        graph.addLayer(name, builder.build(), last);
        last = name;
        width = units;
        return this;
    }

    public TestHead dropout(double dropped) {
        String name = "dropout_after_" + last;
        graph.addLayer(name, new DropoutLayer.Builder(1 - dropped).build(), last);
        last = name;
        return this;
    }

    public Network classes(int count) {
        return classes(count, builder -> {});
    }

    public Network classes(int count, Consumer<OutputLayer.Builder> settings) {
        OutputLayer.Builder builder = new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nIn(width)
                .nOut(count)
                .activation(Activation.SOFTMAX);
        settings.accept(builder);
        ComputationGraphConfiguration whole = graph.addLayer("predictions", builder.build(), last)
                .setOutputs("predictions")
                .build();
        return Dl4jNetwork.network(whole, Shape.of(inputs));
    }

    /** Our own trainer. */
    public static OneDnnTail dense(Network graph, IUpdater updater) {
        return dense(graph, Optimizer.of(updater), TrainingLoss.crossEntropy());
    }

    /** Our own trainer. */
    public static OneDnnTail dense(Network graph, Optimizer optimizer, TrainingLoss loss) {
        OneDnnTail tail = OneDnnTail.of(graph, new TailSettings(optimizer, loss, SEED));
        Dl4jGraphs.fill(tail.parameters(), SEED);
        return tail;
    }

    /** DL4J, from the same parameters. */
    public static GraphTail reference(Network graph, IUpdater updater) {
        return reference(graph, Optimizer.of(updater), TrainingLoss.crossEntropy());
    }

    /** DL4J, from the same parameters. */
    public static GraphTail reference(Network graph, Optimizer optimizer, TrainingLoss loss) {
        GraphTail tail = new GraphTail(graph, new TailSettings(optimizer, loss, SEED));
        Dl4jGraphs.fill(tail.parameters(), SEED);
        return tail;
    }

    public static INDArray features(int rows, int columns, long seed) {
        Random random = new Random(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.max(0, random.nextGaussian());
        }
        return Nd4j.createFromArray(values).reshape(rows, columns);
    }

    public static int[] classIndices(int rows, int classes, long seed) {
        return new Random(seed).ints(rows, 0, classes).toArray();
    }

    /** A dense layer's kernel as Keras has it, [in, out]: a view. */
    public static INDArray kernel(Map<String, INDArray> layer) {
        return layer.get("W").transpose();
    }

    /** All parameters by "layer/name", copied. */
    public static Map<String, float[]> values(Tail tail) {
        Map<String, float[]> values = new TreeMap<>();
        tail.parameters()
                .forEach((layer, parameters) -> parameters.forEach((name, value) ->
                        values.put(layer + "/" + name, value.dup('c').data().asFloat())));
        return values;
    }

    public static void copy(Tail from, Tail to) {
        ParameterValues.copy(from.parameters(), to.parameters());
    }

    static List<String> names(Tail tail) {
        return List.copyOf(values(tail).keySet());
    }
}
