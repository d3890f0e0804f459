package org.transfer4j.internal.fitted;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.dl4j.Dl4jJson;
import org.transfer4j.internal.fitted.Fitted.PastTraining;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.settings.TrainingSettings.ClassWeights;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

/** A past training as JSON beside the epochs of a history, written and read back: files of strangers are checked property by property. */
public final class PastTrainingJson {
    private static final String PROPERTY = "settings";
    private static final int VERSION = 1;
    private static final int LONGEST_TEXT = 1000;
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Set<String> PROPERTIES = Set.of(
            "version",
            "optimizer",
            "updater",
            "weightDecay",
            "clipNorm",
            "clipValue",
            "optimizerText",
            "loss",
            "classWeights",
            "batchSize",
            "averageDecay",
            "weights",
            "seed");

    private PastTrainingJson() {}

    /** A history's JSON with the settings in it. */
    static String addTo(String historyJson, PastTraining past) {
        try {
            ObjectNode history = (ObjectNode) MAPPER.readTree(historyJson);
            history.set(PROPERTY, write(past));
            return history.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a history gives JSON", e);
        }
    }

    private static ObjectNode write(PastTraining past) throws JsonProcessingException {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", VERSION);
        Optimizer optimizer = past.optimizer();
        if (optimizer != null) {
            Optional<String> ours = optimizer.toJson();
            if (ours.isPresent()) {
                root.set("optimizer", MAPPER.readTree(ours.get()));
            } else {
                Dl4jJson.of(optimizer.updater()).ifPresent(updater -> {
                    root.set("updater", updater);
                    root.put("weightDecay", optimizer.weightDecay());
                    optimizer.clipNorm().ifPresent(norm -> root.put("clipNorm", norm));
                    optimizer.clipValue().ifPresent(value -> root.put("clipValue", value));
                });
            }
        }
        root.put("optimizerText", shortened(past.optimizerText()));
        Loss loss = past.loss();
        if (loss != null && loss.isRegression()) {
            root.putObject("loss").put("regression", regression(loss)).put("delta", loss.delta());
        } else if (loss != null) {
            root.putObject("loss")
                    .put("binary", loss.isBinary())
                    .put("gamma", loss.gamma())
                    .put("labelSmoothing", loss.labelSmoothing());
        }
        past.classWeights()
                .byName()
                .ifPresentOrElse(
                        weights -> weights.forEach(root.putObject("classWeights")::put),
                        () -> root.put("classWeights", "balanced"));
        root.put("batchSize", past.batchSize());
        if (past.weights() != null) {
            root.put("weights", shortened(past.weights()));
        }
        if (past.seed() != null) {
            root.put("seed", past.seed());
        }
        past.averageDecay().ifPresent(decay -> root.put("averageDecay", decay));
        return root;
    }

    private static String regression(Loss loss) {
        return loss.isAbsolute() ? "absolute" : loss.delta() > 0 ? "huber" : "squared";
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(LONGEST_TEXT, text.length()));
    }

    /**
     * Reads the settings beside a history.
     *
     * @return null where there are none
     * @throws IllegalArgumentException if they are not what {@link #addTo} writes, or contradict the classes
     */
    public static @Nullable PastTraining read(String historyJson, List<String> classNames) {
        try {
            JsonNode root = MAPPER.readTree(historyJson).path(PROPERTY);
            if (root.isMissingNode()) {
                return null;
            }
            root.fieldNames().forEachRemaining(name -> require(PROPERTIES.contains(name), name, "not there"));
            require(root.path("version").asInt() == VERSION, "version", VERSION);
            int batchSize = root.path("batchSize").asInt();
            require(root.path("batchSize").isInt() && batchSize > 0, "batchSize", "1 or more");
            String text = text(root, "optimizerText");
            Optimizer optimizer = optimizer(root);
            return new PastTraining(
                    optimizer,
                    optimizer == null ? text : optimizer.toString(),
                    root.has("loss") ? loss(root.path("loss")) : null,
                    classWeights(root.path("classWeights"), classNames),
                    batchSize,
                    averageDecay(root),
                    root.has("weights") ? text(root, "weights") : null,
                    root.has("seed") ? seed(root.path("seed")) : null);
        } catch (JsonProcessingException | MalformedModelException e) {
            throw new IllegalArgumentException("the training settings can't be read: " + e.getMessage(), e);
        }
    }

    private static String text(JsonNode root, String property) {
        JsonNode text = root.path(property);
        require(text.isTextual() && text.textValue().length() <= LONGEST_TEXT, property, "a short text");
        return text.textValue();
    }

    private static long seed(JsonNode seed) {
        require(seed.isIntegralNumber() && seed.canConvertToLong(), "seed", "a whole number");
        return seed.longValue();
    }

    private static OptionalDouble averageDecay(JsonNode root) {
        if (!root.has("averageDecay")) {
            return OptionalDouble.empty();
        }
        double decay = number(root, "averageDecay");
        require(decay > 0 && decay < 1, "averageDecay", "between 0 and 1");
        return OptionalDouble.of(decay);
    }

    private static @Nullable Optimizer optimizer(JsonNode root) throws MalformedModelException {
        if (root.has("optimizer")) {
            return Optimizer.fromJson(root.path("optimizer").toString());
        }
        if (!root.has("updater")) {
            return null;
        }
        Optimizer optimizer = Optimizer.of(Dl4jJson.updater(root.path("updater")));
        if (root.path("weightDecay").asDouble() != 0) {
            optimizer = optimizer.weightDecay(number(root, "weightDecay"));
        }
        if (root.has("clipNorm")) {
            optimizer = optimizer.clipNorm(number(root, "clipNorm"));
        }
        return root.has("clipValue") ? optimizer.clipValue(number(root, "clipValue")) : optimizer;
    }

    private static Loss loss(JsonNode json) {
        if (json.has("regression")) {
            require(json.size() == 2, "loss", "regression and delta");
            double delta = number(json, "delta");
            Loss loss = switch (json.path("regression").asText()) {
                case "squared" -> Loss.meanSquaredError();
                case "absolute" -> Loss.meanAbsoluteError();
                case "huber" -> Loss.huber(delta);
                default ->
                    throw new IllegalArgumentException(
                            "in the training settings, a loss of numbers must be squared, absolute or huber");
            };
            require(loss.delta() == delta, "delta", "0 but where the loss is Huber's");
            return loss;
        }
        require(json.size() == 3 && json.path("binary").isBoolean(), "loss", "binary, gamma and labelSmoothing");
        double gamma = number(json, "gamma");
        boolean binary = json.path("binary").booleanValue();
        require(!binary || gamma == 0, "gamma", "0 where the loss is binary");
        Loss loss = binary ? Loss.binaryCrossEntropy() : gamma == 0 ? Loss.crossEntropy() : Loss.focal(gamma);
        return loss.labelSmoothing(number(json, "labelSmoothing"));
    }

    private static ClassWeights classWeights(JsonNode json, List<String> classNames) {
        if (json.isTextual()) {
            require(json.textValue().equals("balanced"), "classWeights", "balanced, or by class");
            return ClassWeights.BALANCED;
        }
        require(json.isObject(), "classWeights", "balanced, or by class");
        Map<String, Double> weights = new LinkedHashMap<>();
        json.fieldNames().forEachRemaining(name -> {
            require(classNames.contains(name), "classWeights", "of the classes " + classNames);
            weights.put(name, number(json, name));
        });
        return ClassWeights.of(weights);
    }

    private static double number(JsonNode object, String property) {
        require(object.path(property).isNumber(), property, "a number");
        return object.path(property).doubleValue();
    }

    private static void require(boolean right, String property, Object rule) {
        if (!right) {
            throw new IllegalArgumentException("in the training settings, " + property + " must be " + rule);
        }
    }
}
