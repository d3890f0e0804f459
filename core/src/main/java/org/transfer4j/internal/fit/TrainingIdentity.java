package org.transfer4j.internal.fit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.internal.cache.ContentHash;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.fitted.FittedNetwork;
import org.transfer4j.internal.fitted.LibraryVersion;
import org.transfer4j.internal.format.modelfile.TopologyJson;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.settings.BackboneParameters.LearnedStart;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingSettings;
import org.transfer4j.internal.settings.TrainingSettings.ClassWeights;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;
import org.transfer4j.training.TrainingHistory;

/**
 * What makes two trainings the same. Its JSON is made of the records component by component, so that none is forgotten:
 * what two runs of one training may differ in is named in {@link #NO_PART}, and a component of a type that has no form
 * here is an error.
 *
 * @param settings with what was left open filled in
 * @param topology a digest of the network
 * @param startingWeights a digest of them, before the first step
 * @param start the classifier that it goes on from
 * @param classes in the order of the outputs
 * @param trainedByDl4j whether listeners of DL4J make it the trainer
 */
record TrainingIdentity(
        String libraryVersion,
        Settings settings,
        String topology,
        String startingWeights,
        Optional<LearnedStart> start,
        List<String> classes,
        boolean trainedByDl4j,
        String trainingImages,
        String validationImages) {
    /** The components that are no part of it, each with the reason. */
    static final Map<String, String> NO_PART = Map.of(
            "Settings.keeping", "it changes no weight, but for who trains, which is here",
            "StartingPoint.weights", "the starting weights are here, wherever they come from",
            "StartingPoint.start", "it is here, behind the starting weights",
            "StartingPoint.droppedClasses", "the classes that are left are here",
            "Data.validation", "the images are here",
            "LearnedStart.parameters", "the starting weights are here, with those of the head",
            "LearnedStart.optimizer",
                    "what it remembers is in the checkpoint, so that a training that began with a"
                            + " classifier in memory goes on with the same one from its file",
            "LearnedStart.memory", "as LearnedStart.optimizer");

    /** Groups whose components stand where the group does: checkpoints have them there. */
    private static final Set<Class<?>> IN_PLACE =
            Set.of(TrainingSettings.Objective.class, TrainingSettings.Course.class, TrainingSettings.KeptWeights.class);

    /** What these say of themselves in words is all that they were told. */
    private static final Set<Class<?>> SAID_IN_WORDS = Set.of(
            Augmentation.class,
            Backbone.class,
            EarlyStopping.class,
            Freeze.class,
            Head.class,
            Loss.class,
            Optimizer.class,
            Phase.class);

    /** So many images are looked at, evenly spread: enough to tell datasets apart, and soon done for large ones. */
    private static final int LOOKED_AT = 512;

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /**
     * Looks at all that a training depends on.
     *
     * @param network before its first step
     */
    static TrainingIdentity of(FitTask task, FittedNetwork network) {
        Settings settings = task.settings();
        LabelledSource validation = task.held();
        ContentHash topology = new ContentHash();
        topology.add(TopologyJson.write(network.plan().network()));
        return new TrainingIdentity(
                LibraryVersion.current(),
                settings.settled(network.classNames().size()),
                topology.text(),
                weights(network.parameters()),
                settings.network().start(),
                network.classNames(),
                !settings.keeping().dl4jListeners().isEmpty(),
                images(task.source()),
                validation == null ? "none" : images(validation));
    }

    private static String weights(Map<String, Map<String, INDArray>> parameters) {
        ContentHash hash = new ContentHash();
        for (Map.Entry<String, Map<String, INDArray>> layer : new TreeMap<>(parameters).entrySet()) {
            for (Map.Entry<String, INDArray> parameter : new TreeMap<>(layer.getValue()).entrySet()) {
                hash.add(layer.getKey() + "/" + parameter.getKey());
                hash.add(parameter.getValue());
            }
        }
        return hash.text();
    }

    private static String images(LabelledSource source) {
        if (source instanceof DatasetSource images) {
            return images(images.dataset());
        }
        throw new IllegalArgumentException(
                "checkpoints need an ImageDataset: a DataSetIterator can't be told from another one");
    }

    private static String images(ImageDataset data) {
        ContentHash hash = new ContentHash();
        List<String> names = data.classNames();
        for (int i = 0; i < data.size(); i++) {
            hash.add(names.get(data.classIndex(i)));
        }
        int step = Math.max(1, data.size() / LOOKED_AT);
        for (int i = 0; i < data.size(); i += step) {
            hash.add(data.contentDigest(i));
        }
        return data.size() + " with the digest " + hash.text();
    }

    /** All that it is, each component under its name. */
    ObjectNode toJson() {
        return object(this);
    }

    private static ObjectNode object(Record value) {
        ObjectNode object = NODES.objectNode();
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            if (!NO_PART.containsKey(value.getClass().getSimpleName() + "." + component.getName())) {
                try {
                    Object part = component.getAccessor().invoke(value);
                    if (IN_PLACE.contains(component.getType())) {
                        object.setAll(object((Record) part));
                    } else {
                        object.set(component.getName(), json(part));
                    }
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("the component " + component + " can't be read", e);
                }
            }
        }
        return object;
    }

    private static JsonNode json(@Nullable Object value) {
        if (value == null) {
            return NODES.nullNode();
        } else if (value instanceof Optional<?> optional) {
            return json(optional.orElse(null));
        } else if (value instanceof OptionalInt optional) {
            return json(optional.isPresent() ? optional.getAsInt() : null);
        } else if (value instanceof OptionalDouble optional) {
            return json(optional.isPresent() ? optional.getAsDouble() : null);
        } else if (SAID_IN_WORDS.stream().anyMatch(type -> type.isInstance(value))
                || value instanceof String
                || value instanceof Enum) {
            return NODES.textNode(value.toString());
        } else if (value instanceof Number || value instanceof Boolean) {
            return read(value.toString());
        } else if (value instanceof List<?> list) {
            ArrayNode array = NODES.arrayNode();
            list.forEach(element -> array.add(json(element)));
            return array;
        } else if (value instanceof Map<?, ?> map) {
            ObjectNode object = NODES.objectNode();
            new TreeMap<Object, Object>(map).forEach((name, element) -> object.set(name.toString(), json(element)));
            return object;
        } else if (value instanceof ClassWeights weights) {
            return weights.byName().map(TrainingIdentity::json).orElse(NODES.textNode("balanced"));
        } else if (value instanceof ImagePreprocessing preprocessing) {
            return read(preprocessing.toJson());
        } else if (value instanceof TrainingHistory history) {
            return read(history.withoutTiming().toJson());
        } else if (value instanceof Record nested) {
            return object(nested);
        }
        throw new IllegalStateException("a training's identity has no form for a " + value.getClass());
    }

    private static JsonNode read(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was written as JSON is none", e);
        }
    }
}
