package org.transfer4j.internal.onnx;

import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Small DL4J networks of three-channel images, with random weights that are the same in every run. */
final class Networks {
    private Networks() {}

    /** Begins a graph whose input is named input. */
    static GraphBuilder graph() {
        return new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(DataType.FLOAT)
                .weightInit(WeightInit.RELU)
                .graphBuilder()
                .addInputs("input")
                .allowDisconnected(true)
                .validateOutputLayerConfig(false);
    }

    static ComputationGraph layers(int height, int width, Layer... layers) {
        GraphBuilder graph = graph();
        String last = "input";
        for (int i = 0; i < layers.length; i++) {
            String name = "layer" + (i + 1);
            graph.addLayer(name, layers[i], last);
            last = name;
        }
        return initialized(graph.setOutputs(last)
                .setInputTypes(InputType.convolutional(height, width, 3))
                .build());
    }

    static ComputationGraph initialized(ComputationGraphConfiguration configuration) {
        ComputationGraph network = new ComputationGraph(configuration);
        network.init();
        Random random = new Random(11);
        for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
            Map<String, INDArray> parameters = layer.paramTable();
            if (parameters != null) {
                parameters.forEach((name, values) -> randomize(name, values, random));
            }
        }
        return network;
    }

    private static void randomize(String name, INDArray values, Random random) {
        switch (name) {
            case "b", "beta", "mean", "log10stdev" -> fill(values, () -> 0.3 * random.nextGaussian());
            case "gamma", "var" -> fill(values, () -> 0.5 + random.nextDouble());
            // slopes of a parametric rectifier begin at 0
            default -> {
                if (values.amaxNumber().doubleValue() == 0) {
                    fill(values, random::nextGaussian);
                }
            }
        }
    }

    private static void fill(INDArray values, DoubleSupplier source) {
        for (long i = 0; i < values.length(); i++) {
            values.putScalar(i, source.getAsDouble());
        }
    }

    /** Images [batch, 3, height, width] with values as after preprocessing. */
    static INDArray images(int batch, int height, int width) {
        Random random = new Random(batch);
        float[] values = new float[batch * 3 * height * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Nd4j.create(values, new long[] {batch, 3, height, width}, 'c');
    }
}
