package org.transfer4j.internal.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.json.Json;

/**
 * Goes through DL4J's JSON of a network before DL4J sees it. DL4J M2.1 takes class names from the properties
 * {@code @class} (layers, vertices, preprocessors, activations, losses, updaters, schedules, dropout, constraints,
 * weight starts) and {@code type} (distributions, also in the old form {@code "dist"}), and loading a class runs its
 * static initializer. So:
 *
 * <ul>
 *   <li>the value of a property {@code @class} or {@code type} is a name in {@link #TYPES}, wherever it stands;
 *   <li>any other text is a plain word, except in the places where names of layers stand, which are never taken for
 *       anything else;
 *   <li>a property's name is a plain word, except for those that are names of layers. Here the oldest JSON of DL4J has
 *       types, but only from a fixed list of words.
 * </ul>
 */
public final class TopologyCheck {
    private static final String NAME = Dl4jJson.NAME;

    /**
     * The classes that DL4J's JSON in a file may name: exactly these, and no subclass of them. All are plain configurations of
     * DL4J and ND4J for image networks. They are names, so that none is loaded before it is asked for.
     *
     * <p>Not among them: ActivationPReLU, which carries an array (PReLULayer keeps its own among the weights), and RampSchedule,
     * whose JSON ND4J can write but not read.
     */
    private static final Map<String, String> TYPES_BY_PACKAGE = Map.ofEntries(
            Map.entry("org.deeplearning4j.nn.conf.graph", """
                    LayerVertex FrozenVertex ElementWiseVertex MergeVertex PreprocessorVertex ScaleVertex ShiftVertex
                    SubsetVertex L2NormalizeVertex"""),
            Map.entry("org.deeplearning4j.nn.conf.preprocessor", """
                    CnnToFeedForwardPreProcessor FeedForwardToCnnPreProcessor ComposableInputPreProcessor"""),
            Map.entry("org.deeplearning4j.nn.conf.layers", """
                    ConvolutionLayer Convolution2D Deconvolution2D DepthwiseConvolution2D SeparableConvolution2D
                    SubsamplingLayer Pooling2D GlobalPoolingLayer BatchNormalization LocalResponseNormalization
                    ActivationLayer PReLULayer DropoutLayer DenseLayer OutputLayer LossLayer ZeroPaddingLayer Upsampling2D
                    SpaceToDepthLayer"""),
            Map.entry("org.deeplearning4j.nn.conf.layers.convolutional", "Cropping2D"),
            Map.entry("org.deeplearning4j.nn.conf.layers.misc", "FrozenLayer FrozenLayerWithBackprop"),
            Map.entry("org.deeplearning4j.nn.conf.constraint", """
                    MaxNormConstraint MinMaxNormConstraint NonNegativeConstraint UnitNormConstraint"""),
            Map.entry("org.deeplearning4j.nn.conf.dropout", """
                    AlphaDropout Dropout GaussianDropout GaussianNoise SpatialDropout"""),
            Map.entry("org.deeplearning4j.nn.conf.weightnoise", "DropConnect WeightNoise"),
            Map.entry("org.deeplearning4j.nn.conf.distribution", """
                    BinomialDistribution ConstantDistribution LogNormalDistribution NormalDistribution
                    OrthogonalDistribution TruncatedNormalDistribution UniformDistribution"""),
            Map.entry("org.deeplearning4j.nn.weights", """
                    WeightInitConstant WeightInitDistribution WeightInitIdentity WeightInitLecunUniform WeightInitNormal
                    WeightInitRelu WeightInitReluUniform WeightInitSigmoidUniform WeightInitUniform
                    WeightInitVarScalingNormalFanAvg WeightInitVarScalingNormalFanIn WeightInitVarScalingNormalFanOut
                    WeightInitVarScalingUniformFanAvg WeightInitVarScalingUniformFanIn WeightInitVarScalingUniformFanOut
                    WeightInitXavier WeightInitXavierLegacy WeightInitXavierUniform"""),
            Map.entry("org.nd4j.linalg.activations.impl", """
                    ActivationCube ActivationELU ActivationGELU ActivationHardSigmoid ActivationHardTanH ActivationIdentity
                    ActivationLReLU ActivationMish ActivationRReLU ActivationRationalTanh ActivationReLU ActivationReLU6
                    ActivationRectifiedTanh ActivationSELU ActivationSigmoid ActivationSoftPlus ActivationSoftSign
                    ActivationSoftmax ActivationSwish ActivationTanH ActivationThresholdedReLU"""),
            Map.entry("org.nd4j.linalg.lossfunctions.impl", """
                    LossBinaryXENT LossCosineProximity LossHinge LossKLD LossL1 LossL2 LossMAE LossMCXENT LossMSE
                    LossNegativeLogLikelihood LossPoisson LossSparseMCXENT LossSquaredHinge"""),
            Map.entry("org.nd4j.linalg.learning.config", """
                    AMSGrad AdaBelief AdaDelta AdaGrad AdaMax Adam Nadam Nesterovs NoOp RmsProp Sgd"""),
            Map.entry("org.nd4j.linalg.learning.regularization", "L1Regularization L2Regularization WeightDecay"),
            Map.entry("org.nd4j.linalg.schedule", """
                    CycleSchedule ExponentialSchedule FixedSchedule InverseSchedule MapSchedule PolySchedule SigmoidSchedule
                    StepSchedule"""));

    /** Their full names. */
    static final Set<String> TYPES = TYPES_BY_PACKAGE.entrySet().stream()
            .flatMap(
                    entry -> Arrays.stream(entry.getValue().split("\\s+", -1)).map(name -> entry.getKey() + "." + name))
            .collect(Collectors.toUnmodifiableSet());

    private static final Set<String> TYPE_PROPERTIES = Set.of("@class", "type");
    private static final String LAYER_NAME = "layerName";

    /** The layers of a MultiLayerConfiguration. */
    private static final String ROW = "confs";

    /** Names of a layer's parameters; in a frozen layer they start with the layer's name. */
    private static final String PARAMETERS = "variables";

    private static final Set<String> MAPS_BY_LAYER = Set.of("vertices", "vertexInputs");
    private static final Set<String> LISTS_OF_LAYERS = Set.of("networkInputs", "networkOutputs", "topologicalOrderStr");
    /** Types of the weights of a loss function. */
    private static final Set<String> LOSS_WEIGHTS = Set.of("FLOAT", "DOUBLE");

    private static final Pattern WORD = Pattern.compile("[-\\w]*");

    private TopologyCheck() {}

    /** Checks the root of a ComputationGraphConfiguration. */
    public static void check(JsonNode root) throws MalformedModelException {
        if (!root.isObject()) {
            throw new MalformedModelException(NAME + ": a network must be a JSON object, but is " + Json.shown(root));
        }
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            String name = property.getKey();
            JsonNode value = property.getValue();
            if (MAPS_BY_LAYER.contains(name) && value.isObject()) {
                for (Map.Entry<String, JsonNode> layer : value.properties()) {
                    checkLayer(name, layer.getKey(), layer.getValue());
                }
            } else if (name.equals(ROW) && value.isArray()) {
                int number = 0;
                for (JsonNode layer : value) {
                    String own = layer.path("layer").path(LAYER_NAME).textValue();
                    checkLayer(name, own == null ? "layer" + number : own, layer);
                    number++;
                }
            } else if (!LISTS_OF_LAYERS.contains(name) || !isListOfTexts(value)) {
                checkProperty(name, value);
            }
        }
    }

    /** Checks a vertex. */
    public static void checkVertex(JsonNode vertex) throws MalformedModelException {
        if (!vertex.isObject()) {
            throw new MalformedModelException("a vertex must be a JSON object, but is " + Json.shown(vertex));
        }
        checkValue("a vertex", vertex);
    }

    private static void checkLayer(String map, String layer, JsonNode value) throws MalformedModelException {
        if (map.equals("vertexInputs") && isListOfTexts(value)) {
            return;
        }
        try {
            checkValue(map, value);
        } catch (MalformedModelException e) {
            throw new MalformedModelException(
                    e.reason() + " (in the layer " + Json.shown(TextNode.valueOf(layer)) + ")", e);
        }
    }

    private static boolean isListOfTexts(JsonNode value) {
        return value.isArray() && all(value, JsonNode::isTextual);
    }

    /** Jackson has a stream of them since 2.19, and clusters older ones. */
    private static boolean all(JsonNode list, Predicate<JsonNode> right) {
        return StreamSupport.stream(list.spliterator(), false).allMatch(right);
    }

    private static void checkProperty(String name, JsonNode value) throws MalformedModelException {
        if (TYPE_PROPERTIES.contains(name)) {
            if (!value.isTextual() || !TYPES.contains(value.textValue())) {
                throw refused(name, Json.shown(value));
            }
            return;
        }
        if (!WORD.matcher(name).matches()) {
            throw refused("a property's name", Json.shown(TextNode.valueOf(name)));
        }
        if (name.equals("weights") && !value.isNull()) {
            checkLossWeights(value);
        }
        boolean named =
                (name.equals(LAYER_NAME) && value.isTextual()) || (name.equals(PARAMETERS) && isListOfTexts(value));
        if (!named) {
            checkValue(name, value);
        }
    }

    /**
     * Checks the one array that the JSON of a network can hold: a loss function's weight for each class, as ND4J's
     * NDArrayTextSerializer writes it. ND4J itself would take any shape for any number of values.
     */
    private static void checkLossWeights(JsonNode array) throws MalformedModelException {
        JsonNode data = array.isArray() ? array : array.path("data");
        boolean numbers = data.isArray() && !data.isEmpty() && all(data, JsonNode::isNumber);
        if (!numbers || (array.isObject() && !fits(array, data.size()))) {
            throw new MalformedModelException(
                    NAME + ": the weights of a loss function must be one list of numbers with a fitting shape, but are "
                            + Json.shown(array));
        }
    }

    private static boolean fits(JsonNode array, int count) {
        JsonNode shape = array.path("shape");
        boolean vector = shape.isArray() && (shape.size() == 1 || (shape.size() == 2 && isNumber(shape.get(0), 1)));
        return vector
                && isNumber(shape.get(shape.size() - 1), count)
                && LOSS_WEIGHTS.contains(array.path("dataType").asText());
    }

    private static boolean isNumber(JsonNode node, int value) {
        return node.isInt() && node.intValue() == value;
    }

    private static void checkValue(String place, JsonNode value) throws MalformedModelException {
        if (value.isTextual() && !WORD.matcher(value.textValue()).matches() && !TYPES.contains(value.textValue())) {
            throw refused(place, Json.shown(value));
        }
        if (value.isArray()) {
            for (JsonNode element : value) {
                checkValue(place, element);
            }
        }
        for (Map.Entry<String, JsonNode> property : value.properties()) {
            checkProperty(property.getKey(), property.getValue());
        }
    }

    private static MalformedModelException refused(String place, String text) {
        return new MalformedModelException(NAME + ": " + place + " is " + text
                + ", which model files may not name. Layers and other parts of a network must be of the classes that"
                + " Transfer4J knows; nothing was loaded");
    }
}
