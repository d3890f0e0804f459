package org.transfer4j.internal.dl4j;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

/** A vertex of DL4J of which the ops do not say all: settings of its training, or what DL4J alone computes. */
public record Dl4jOrigin(GraphVertex vertex) implements Network.Origin {
    /** Settings that say nothing of what a layer computes once it has its parameters. */
    private static final Set<String> NO_MATTER = Set.of(
            "layerName",
            "iupdater",
            "biasUpdater",
            "weightInitFn",
            "biasInit",
            "gainInit",
            "cudnnAlgoMode",
            "cudnnFwdAlgo",
            "cudnnBwdDataAlgo",
            "cudnnBwdFilterAlgo",
            "cudnnAllowFallback");

    /** Settings that the ops say where a layer was read: padding in another notation, activations, what is pooled. */
    private static final Set<String> SAID_BY_OPS =
            Set.of("activationFn", "convolutionMode", "padding", "poolingDimensions");

    /** Whether a vertex that was written of the ops stands for the one of which they were read. */
    static boolean isSaid(GraphVertex read, Optional<GraphVertex> written) {
        return written.isPresent() && unsaid(read).equals(unsaid(written.get()));
    }

    private static JsonNode unsaid(GraphVertex vertex) {
        JsonNode settings = settings(vertex);
        if (vertex instanceof LayerVertex) {
            ((ObjectNode) settings.get("layerConf")).remove(SAID_BY_OPS);
        }
        return settings;
    }

    private static JsonNode settings(GraphVertex vertex) {
        if (vertex instanceof LayerVertex layer) {
            // the layer's own are put in below
            LayerVertex others = new LayerVertex(null, layer.getPreProcessor());
            others.setOutputVertex(layer.isOutputVertex());
            ObjectNode settings = JsonMappers.getMapper().valueToTree(others);
            // of the others, such as the seed, none is the layer's
            ObjectNode own =
                    JsonMappers.getMapper().valueToTree(layer.getLayerConf().getLayer());
            own.remove(NO_MATTER);
            settings.set("layerConf", own);
            return settings;
        }
        return JsonMappers.getMapper().valueToTree(vertex);
    }

    @Override
    public long parameterCount() {
        return vertex.numParams(true);
    }

    /** The layer, if it is one; of a frozen one what is frozen. */
    private @Nullable Layer layer() {
        return Graphs.layer(vertex);
    }

    @Override
    public Map<String, Shape> parameters(Op op) {
        Map<String, Shape> parameters = new LinkedHashMap<>(op.parameters());
        parameters.keySet().removeIf(parameter -> fixed(parameter).isPresent());
        if (op instanceof Op.Foreign && vertex instanceof LayerVertex settings && parameterCount() > 0) {
            // DL4J notes the parameters' names in the configuration
            NeuralNetConfiguration configuration = settings.getLayerConf().clone();
            try (INDArray row = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', 1, parameterCount())) {
                configuration
                        .getLayer()
                        .initializer()
                        .init(configuration, row, false)
                        .forEach((name, values) -> parameters.put(name, Shape.of(values.shape())));
            }
        }
        return parameters;
    }

    /** DL4J may lock a batch normalization's scale and shift, and has then no such parameters. */
    @Override
    public OptionalDouble fixed(String parameter) {
        if (layer() instanceof BatchNormalization normalization && normalization.isLockGammaBeta()) {
            return switch (parameter) {
                case Op.GAMMA -> OptionalDouble.of(normalization.getGamma());
                case Op.BETA -> OptionalDouble.of(normalization.getBeta());
                default -> OptionalDouble.empty();
            };
        }
        return OptionalDouble.empty();
    }

    @Override
    public List<Regularization> regularization(String parameter) {
        return Optional.ofNullable(layer())
                .map(layer -> layer.getRegularizationByParam(parameter))
                .map(List::copyOf)
                .orElse(List.of());
    }

    /** All that matters, for what DL4J alone computes is said by nothing else. */
    @Override
    public String description() {
        return settings(vertex).toString();
    }

    @Override
    public Optional<String> ownTraining() {
        if (vertex instanceof FrozenVertex) {
            return Optional.of("is frozen in the network itself");
        }
        return vertex instanceof LayerVertex layer
                ? Optional.ofNullable(ownTraining(layer.getLayerConf()))
                : Optional.empty();
    }

    private static @Nullable String ownTraining(NeuralNetConfiguration configuration) {
        Layer layer = configuration.getLayer();
        if (layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop) {
            return "is frozen in the network itself";
        }
        if (configuration.getDataType() != DataType.FLOAT) {
            return "computes in " + configuration.getDataType();
        }
        if (!configuration.isMiniBatch() || !configuration.isMinimize()) {
            return "is to be trained without minibatches, or to be maximized";
        }
        if (layer.getConstraints() != null && !layer.getConstraints().isEmpty()) {
            return "has constraints " + layer.getConstraints();
        }
        if (layer.getIDropout() != null && !isPlain(layer.getIDropout())) {
            return "drops what it reads by " + layer.getIDropout();
        }
        if (layer instanceof BaseLayer weighted) {
            if (weighted.getWeightNoise() != null) {
                return "has weight noise " + weighted.getWeightNoise();
            }
            GradientNormalization normalization = weighted.getGradientNormalization();
            if (normalization != null && normalization != GradientNormalization.None) {
                return "normalizes its gradient by " + normalization;
            }
        }
        return layer instanceof OutputLayer output && !isPlain(output.getLossFn())
                ? "has a loss of its own, " + output.getLossFn()
                : null;
    }

    private static boolean isPlain(IDropout dropout) {
        return dropout instanceof SpatialDropout channels
                ? channels.getPSchedule() == null
                : dropout.getClass() == Dropout.class && ((Dropout) dropout).getPSchedule() == null;
    }

    private static boolean isPlain(ILossFunction loss) {
        if (loss instanceof LossMCXENT categorical) {
            return categorical.getWeights() == null
                    && categorical.getSoftmaxClipEps() == new LossMCXENT().getSoftmaxClipEps();
        }
        return loss instanceof LossBinaryXENT binary && binary.getWeights() == null;
    }

    /** Dropout of a layer of dropout is an op. */
    @Override
    public double retained() {
        if (vertex instanceof LayerVertex settings
                && !(settings.getLayerConf().getLayer() instanceof DropoutLayer)
                && settings.getLayerConf().getLayer().getIDropout() instanceof Dropout dropout
                // DL4J takes 0 for no dropout
                && dropout.getP() != 0) {
            return dropout.getP();
        }
        return 1;
    }
}
