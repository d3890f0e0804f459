package org.transfer4j;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.network.Graphs;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.internal.network.Vertices;
import org.transfer4j.internal.weights.WeightsLoader;

/** The starting parameters of a learner's network: the backbone's as the learner says, the head's random; or a classifier's. */
final class BackboneParameters {
    private final long seed;
    private final Map<String, Map<String, INDArray>> loaded;

    private BackboneParameters(long seed, Map<String, Map<String, INDArray>> loaded) {
        this.seed = seed;
        this.loaded = loaded;
    }

    /** Reads, or fetches and reads, the backbone's weights; checks them against the backbone. */
    static BackboneParameters of(TransferLearner learner) {
        LearnedStart start = learner.start().orElse(null);
        if (start != null) {
            return new BackboneParameters(learner.seed(), start.parameters());
        }
        if (learner.weights() instanceof Weights.Random) {
            return new BackboneParameters(learner.seed(), Map.of());
        }
        ComputationGraphConfiguration backbone =
                NetworkPlan.backbone(learner.backbone(), learner.height(), learner.width());
        Map<String, Map<String, long[]>> expected = new LinkedHashMap<>();
        Graphs.parameters(Graphs.instantiate(backbone)).forEach((layer, parameters) -> {
            Map<String, long[]> shapes = new LinkedHashMap<>();
            parameters.forEach((name, value) -> shapes.put(name, value.shape()));
            expected.put(layer, shapes);
        });
        return new BackboneParameters(
                learner.seed(),
                WeightsLoader.load(
                        learner.weights(),
                        learner.backbone().pretrainedWeights(),
                        expected,
                        Vertices.depthwiseConvolutions(backbone)));
    }

    /** Fills a part of the network. */
    ComputationGraph fill(ComputationGraph part) {
        fill(part.getConfiguration(), Graphs.parameters(part));
        return part;
    }

    /** Fills the parameters of a part of the network, given by layer and DL4J's names. */
    void fill(ComputationGraphConfiguration part, Map<String, Map<String, INDArray>> parameters) {
        Map<String, Map<String, INDArray>> notLoaded = new LinkedHashMap<>(parameters);
        Map<String, Map<String, INDArray>> known = new LinkedHashMap<>(loaded);
        known.keySet().removeIf(layer -> !fits(loaded.get(layer), parameters.get(layer)));
        notLoaded.keySet().removeAll(known.keySet());
        InitialWeights.fill(part, notLoaded, seed);
        Graphs.copy(known, parameters);
    }

    /** A head for other classes, or with other layers, begins anew where the shapes differ. */
    private static boolean fits(@Nullable Map<String, INDArray> some, @Nullable Map<String, INDArray> others) {
        return some != null && others != null && shapes(some).equals(shapes(others));
    }

    private static Map<String, String> shapes(Map<String, INDArray> parameters) {
        Map<String, String> shapes = new LinkedHashMap<>();
        parameters.forEach((name, value) -> shapes.put(name, Arrays.toString(value.shape())));
        return shapes;
    }
}
