package org.transfer4j.testing;

import java.util.Map;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.dl4j.Dl4jParameters;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.dl4j.Graphs;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.RandomStreams;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;

/** Networks in DL4J and here. */
public final class Dl4jGraphs {
    private Dl4jGraphs() {}

    /** DL4J's network as ours. */
    public static Network network(ComputationGraphConfiguration graph, long... image) {
        return Dl4jNetwork.network(graph, Shape.of(image));
    }

    /** The same with its weights, which are not copied. */
    public static WeightedNetwork weighted(ComputationGraph graph, long... image) {
        Network network = network(graph.getConfiguration(), image);
        return new WeightedNetwork(
                network,
                Dl4jParameters.ofLayers(network, Graphs.parameters(graph)).values());
    }

    /** Fills a graph with random weights. */
    public static <G extends ComputationGraph> G fill(G graph, long seed, long... image) {
        Dl4jParameters.copy(filled(network(graph.getConfiguration(), image), seed), graph);
        return graph;
    }

    /** Fills the parameters of any network, ours or DL4J's, with random weights: kernels about as wide as He's. */
    public static void fill(Map<String, Map<String, INDArray>> parameters, long seed) {
        parameters.forEach((layer, values) -> {
            SplittableRandom random = RandomStreams.of(seed, layer.hashCode());
            values.forEach((name, value) -> {
                switch (name) {
                    case "b", "beta", "mean", "log10stdev" -> value.assign(0);
                    case "gamma", "var" -> value.assign(1);
                    default -> {
                        long inputs = value.length() / value.size(0);
                        if (value.rank() == 2) {
                            inputs = Math.max(inputs, value.size(0));
                        }
                        double limit = Math.sqrt(6.0 / inputs);
                        float[] all = new float[(int) value.length()];
                        for (int i = 0; i < all.length; i++) {
                            all[i] = (float) ((2 * random.nextDouble() - 1) * limit);
                        }
                        value.assign(Nd4j.createFromArray(all).reshape(value.shape()));
                    }
                }
            });
        });
    }

    /** A network with random weights. */
    public static WeightedNetwork filled(Network network, long seed) {
        Map<String, Map<String, INDArray>> parameters = ParameterValues.zeros(network);
        InitialWeights.fill(network, parameters, seed);
        return new WeightedNetwork(network, parameters);
    }

    /** Our network in DL4J, with a copy of its weights. */
    public static ComputationGraph graph(WeightedNetwork network) {
        ComputationGraph graph = Graphs.instantiate(Dl4jWriter.write(network.network(), new NoOp()));
        Dl4jParameters.copy(network, graph);
        return graph;
    }
}
