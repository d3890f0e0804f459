package org.transfer4j.internal.tail.onednn;

import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.dl4j.GraphTail;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.training.Optimizer;

/** Small networks, layer by layer, with a softmax of 5 classes on top. */
final class TestNetwork {
    static final int CLASSES = 5;

    private final GraphBuilder builder;
    private final int channels;
    private final int height;
    private final int width;
    private String last = "input";
    private int count;
    private Network finished;

    private TestNetwork(int channels, int height, int width) {
        this.channels = channels;
        this.height = height;
        this.width = width;
        builder = new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .cacheMode(CacheMode.DEVICE)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(height, width, channels));
    }

    static TestNetwork of(int channels, int height, int width) {
        return new TestNetwork(channels, height, width);
    }

    TestNetwork add(Layer layer) {
        String name = "layer" + ++count;
        builder.addLayer(name, layer, last);
        last = name;
        return this;
    }

    /** 3x3, one output for each pixel. */
    TestNetwork convolution(int outputs, Activation activation) {
        return add(new ConvolutionLayer.Builder(3, 3)
                .nOut(outputs)
                .convolutionMode(ConvolutionMode.Same)
                .activation(activation)
                .build());
    }

    /** 3x3, without a bias, whose gradient below a batch normalization is nothing but rounding. */
    TestNetwork convolutionWithoutBias(int outputs) {
        return add(new ConvolutionLayer.Builder(3, 3)
                .nOut(outputs)
                .convolutionMode(ConvolutionMode.Same)
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .build());
    }

    TestNetwork normalization() {
        return add(new BatchNormalization());
    }

    TestNetwork rectification() {
        return add(new ActivationLayer(Activation.RELU));
    }

    TestNetwork pooling(PoolingType type) {
        return add(
                new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(2, 2).build());
    }

    /** Adds the output of another layer to the last. */
    TestNetwork residual(String other) {
        return vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), last, other);
    }

    TestNetwork vertex(GraphVertex vertex, String... inputs) {
        String name = "layer" + ++count;
        builder.addVertex(name, vertex, inputs);
        last = name;
        return this;
    }

    /** The network, with its softmax. */
    Network network() {
        if (finished == null) {
            finished = Dl4jNetwork.network(finish(), images());
        }
        return finished;
    }

    private ComputationGraphConfiguration finish() {
        return builder.addLayer(
                        "output",
                        new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        last)
                .setOutputs("output")
                .build();
    }

    /** The shape of one image. */
    Shape images() {
        return Shape.of(channels, height, width);
    }

    /** On oneDNN. */
    OneDnnTail own(TailSettings settings) {
        return filled(OneDnnTail.of(network(), settings));
    }

    /** On DL4J. */
    GraphTail stock(TailSettings settings) {
        return filled(new GraphTail(network(), settings));
    }

    /** Plain gradient descent. */
    static TailSettings sgd() {
        return new TailSettings(Optimizer.sgd(0.1), TrainingLoss.crossEntropy(), 1);
    }

    private <T extends Tail> T filled(T tail) {
        Dl4jGraphs.fill(tail.parameters(), 7);
        SplittableRandom random = new SplittableRandom(3);
        // biases, scales and shifts that are neither zero nor one; running variances stay positive
        tail.parameters()
                .forEach((layer, parameters) -> parameters.forEach((name, value) -> {
                    if (value.length() <= 1024 && !name.equals("W")) {
                        value.addi(array(random, 0.2, value.shape()));
                    }
                }));
        return tail;
    }

    Batch batch(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] classes = random.ints(size, 0, CLASSES).toArray();
        return new Batch(array(random, 1, size, channels, height, width), classes);
    }

    private static INDArray array(SplittableRandom random, double scale, long... shape) {
        long length = 1;
        for (long size : shape) {
            length *= size;
        }
        float[] values = new float[Math.toIntExact(length)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * (random.nextDouble() - 0.3));
        }
        return Nd4j.createFromArray(values).reshape('c', shape);
    }
}
