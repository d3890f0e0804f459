package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.network.Network;

/**
 * A model with the models within it taken apart.
 *
 * @param file where it stands, for errors
 * @param name the model's name
 * @param input the input layer's name
 * @param inputShape [null, height, width, channels], where height and width may be null too; missing if nothing says it
 * @param layers by name, each after all that it needs; a layer within a model, whose name another has as well, by the path
 *     of names to it, as {@code base/conv2d}
 * @param places of layers whose names others have as well, by the names that they have here
 * @param models the names of the models within, which are no layers here
 * @param outputs the layers that give the outputs
 */
record ModelDescription(
        Path file,
        String name,
        String input,
        JsonNode inputShape,
        Map<String, LayerDescription> layers,
        Map<String, Place> places,
        Set<String> models,
        List<String> outputs) {
    /** What Keras' own networks take, where a model takes any size. */
    private static final int DEFAULT_SIZE = 224;

    private static final int RANK = 4;
    private static final int LARGEST = 1 << 15;

    /**
     * Where a file has a layer.
     *
     * @param name in the file
     * @param group in the layout of Keras 3, as {@code /layers/functional/layers/conv2d}
     * @param outermost the layer, or the outermost model within the model that has it, which is a group of the older layout
     */
    record Place(String name, String group, String outermost) {
        boolean isOf(StoredLayer layer) {
            return name.equals(layer.name()) && (group.equals(layer.group()) || outermost.equals(layer.group()));
        }
    }

    /**
     * Reads Keras' configuration of a model, of Keras 2 or 3, functional or sequential.
     *
     * @throws WeightsException if it is that of no such model
     */
    static ModelDescription read(KerasModelFile content) {
        Path file = content.path();
        JsonNode root = content.configuration();
        String type = root.path("class_name").asText();
        if (!Reader.isModel(type)) {
            throw new WeightsException(
                    file,
                    "a backbone is a functional or a sequential model, but the file's is of the class "
                            + Json.shown(root.path("class_name"))
                            + "; a class of your own can't be read without its program");
        }
        String custom = CustomClass.fault(root);
        if (custom != null) {
            throw new WeightsException(file, "the model (" + CustomClass.name(root) + "): " + custom);
        }
        Reader reader = new Reader(file, content.version());
        JsonNode settings = root.path("config");
        reader.countNames(settings, 0);
        List<String> outputs = reader.model(type, settings, null, Reader.Within.OUTERMOST);
        if (reader.input == null) {
            throw reader.noInput();
        }
        return new ModelDescription(
                file,
                settings.path("name").asText("keras-model"),
                reader.input,
                reader.inputShape,
                reader.layers,
                reader.places,
                reader.models,
                outputs);
    }

    ModelDescription withLayers(Map<String, LayerDescription> others) {
        return new ModelDescription(file, name, input, inputShape, others, places, models, outputs);
    }

    int height() {
        return size(1);
    }

    int width() {
        return size(2);
    }

    void checkInput() {
        boolean images = inputShape.isMissingNode()
                || (inputShape.isArray()
                        && inputShape.size() == RANK
                        && inputShape.get(RANK - 1).asInt() == 3);
        if (!images) {
            throw new WeightsException(
                    file,
                    "a backbone takes RGB images, [null, height, width, 3], but the input " + input
                            + " is of the shape " + Json.shown(inputShape));
        }
        height();
        width();
    }

    private int size(int dimension) {
        JsonNode size = inputShape.path(dimension);
        if (size.isMissingNode() || size.isNull()) {
            return DEFAULT_SIZE;
        }
        if (!size.isIntegralNumber() || !size.canConvertToInt() || size.intValue() < 1 || size.intValue() > LARGEST) {
            throw new WeightsException(
                    file,
                    "images of 1 to " + LARGEST + " pixels can be taken, but the input " + input + " is of the shape "
                            + Json.shown(inputShape));
        }
        return size.intValue();
    }

    /** Goes through a configuration. Models used as layers are taken apart, so that there is one list of layers in the end. */
    private static final class Reader {
        private static final Set<String> FUNCTIONAL = Set.of("Functional", "Model");
        private static final String SEQUENTIAL = "Sequential";
        private static final String INPUT = "InputLayer";
        private static final String NORMALIZATION = "BatchNormalization";
        /** What also takes a constant before its input. */
        private static final Set<String> CONSTANT_FIRST = Set.of("Add", "Multiply", "Maximum", "Subtract");

        /** Far more than any network has. */
        private static final int MOST_LAYERS = 10_000;

        private static final int DEEPEST = 16;

        private final Path file;
        private final OptionalInt version;
        private final Map<String, LayerDescription> layers = new LinkedHashMap<>();
        private final Map<String, Place> places = new HashMap<>();
        private final Set<String> models = new LinkedHashSet<>();
        private final Map<String, Integer> names = new HashMap<>();
        private @Nullable String input;
        private JsonNode inputShape = MissingNode.getInstance();

        private Reader(Path file, OptionalInt version) {
            this.file = file;
            this.version = version;
        }

        private WeightsException noInput() {
            for (LayerDescription layer : layers.values()) {
                if (layer.inputs().isEmpty() && layer.fault() != null) {
                    return layer.refused(layer.fault());
                }
            }
            return refused("it has no input");
        }

        private static boolean isModel(String type) {
            return FUNCTIONAL.contains(type) || type.equals(SEQUENTIAL);
        }

        private WeightsException refused(String reason) {
            return new WeightsException(file, "the model's configuration can't be used: " + reason);
        }

        /**
         * Adds the layers of a model.
         *
         * @param given what the model is called with, null for the outermost
         * @param within where it is
         * @return the layers that give its outputs
         */
        private List<String> model(String type, JsonNode settings, @Nullable String given, Within within) {
            if (within.depth() > DEEPEST) {
                throw refused("models lie within models more than " + DEEPEST + " deep");
            }
            return type.equals(SEQUENTIAL)
                    ? List.of(sequential(settings, given, within))
                    : functional(settings, given, within);
        }

        /** The layers of a model: the oldest files of sequential ones have the list itself. */
        private static JsonNode layersOf(JsonNode settings) {
            return settings.isArray() ? settings : settings.path("layers");
        }

        /** Counts how many layers have a name. Inputs of models within are none. */
        private void countNames(JsonNode settings, int depth) {
            for (JsonNode layer : layersOf(settings)) {
                String type = layer.path("class_name").asText();
                if (isModel(type) && depth < DEEPEST) {
                    countNames(layer.path("config"), depth + 1);
                } else if (depth == 0 || !type.equals(INPUT)) {
                    names.merge(nameOf(layer), 1, Integer::sum);
                }
            }
        }

        /**
         * Where layers are.
         *
         * @param models the names of the models around, the outermost but one first
         * @param group of the innermost, in Keras 3's layout of weights
         */
        private record Within(List<String> models, String group) {
            static final Within OUTERMOST = new Within(List.of(), "");

            int depth() {
                return models.size();
            }

            String path(String name) {
                return Stream.concat(models.stream(), Stream.of(name)).collect(Collectors.joining("/"));
            }

            Within model(String name, String innerGroup) {
                return new Within(
                        Stream.concat(models.stream(), Stream.of(name)).toList(), innerGroup);
            }

            /** Those of a model's layers, by their classes, numbered: conv2d, conv2d_1. */
            IdentityHashMap<JsonNode, String> groups(JsonNode settings) {
                IdentityHashMap<JsonNode, String> groups = new IdentityHashMap<>();
                Map<String, Integer> numbers = new HashMap<>();
                for (JsonNode layer : layersOf(settings)) {
                    String name = groupName(layer);
                    int number = numbers.merge(name, 1, Integer::sum) - 1;
                    groups.put(layer, group + "/layers/" + name + (number == 0 ? "" : "_" + number));
                }
                return groups;
            }

            /** Keras' name of a class in lower case. */
            private static String groupName(JsonNode layer) {
                return layer.path("class_name")
                        .asText()
                        .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                        .replaceAll("([a-z])([A-Z])", "$1_$2")
                        .toLowerCase(Locale.ROOT);
            }
        }

        private String sequential(JsonNode settings, @Nullable String given, Within within) {
            @Nullable String last = given;
            IdentityHashMap<JsonNode, String> groups = within.groups(settings);
            for (JsonNode layer : layersOf(settings)) {
                String type = layer.path("class_name").asText();
                String custom = CustomClass.fault(layer);
                if (type.equals(INPUT) && custom == null) {
                    last = last == null ? declareInput(layer.path("config"), nameOf(layer)) : last;
                } else {
                    if (last == null) {
                        last = declareInput(firstShaped(layer, settings), "input_1");
                    }
                    List<String> inputs = List.of(last);
                    last = isModel(type) && custom == null
                            ? only(model(type, layer.path("config"), last, model(layer, groups, within)), nameOf(layer))
                            : add(layer, named(layer, nameOf(layer), groups, within), inputs, Call.OF_INPUTS, custom);
                }
            }
            if (last == null) {
                throw refused("a sequential model has no layers");
            }
            return last;
        }

        /** A sequential model without an input layer tells the shape in its first layer, or by itself. */
        private static JsonNode firstShaped(JsonNode layer, JsonNode model) {
            JsonNode settings = layer.path("config");
            return settings.has("batch_input_shape") || settings.has("batch_shape") ? settings : model;
        }

        private String declareInput(JsonNode settings, String name) {
            if (input != null) {
                throw refused("a backbone has one input, but it has two, " + input + " and " + name);
            }
            for (String property : List.of("batch_shape", "batch_input_shape", "build_input_shape")) {
                if (settings.has(property) && inputShape.isMissingNode()) {
                    inputShape = settings.path(property);
                }
            }
            input = name;
            return name;
        }

        /**
         * A layer among those of one model.
         *
         * @param name of the layer, or of one of its uses
         * @param calls all uses, or this one
         * @param uses how often the layer is used
         */
        private record Local(String name, String type, JsonNode json, List<Call> calls, int uses) {
            boolean isInput() {
                return type.equals(INPUT) && CustomClass.fault(json) == null;
            }

            /** Whether each of its uses is a layer here, as there are no weights that they would have to share. */
            private boolean isSeveral() {
                return uses > 1 && CustomClass.fault(json) == null && LayerConversion.isWithoutWeights(type);
            }

            /** What a use is called: the first as the layer. */
            String name(int use) {
                return isSeveral() && use > 0 ? name + ":" + (use + 1) : name;
            }

            List<Local> eachUse() {
                return isSeveral()
                        ? IntStream.range(0, uses)
                                .mapToObj(use -> new Local(name(use), type, json, List.of(calls.get(use)), uses))
                                .toList()
                        : List.of(this);
            }
        }

        /** What a layer is called here, or one of its uses. */
        private String named(JsonNode layer, String use, IdentityHashMap<JsonNode, String> groups, Within within) {
            String name = nameOf(layer);
            if (names.getOrDefault(name, 0) < 2) {
                return use;
            }
            String unique = within.path(use);
            String outermost =
                    within.models().isEmpty() ? name : within.models().get(0);
            places.put(unique, new Place(name, groups.getOrDefault(layer, ""), outermost));
            return unique;
        }

        /** The place within a model that is a layer. */
        private Within model(JsonNode layer, IdentityHashMap<JsonNode, String> groups, Within around) {
            models.add(nameOf(layer));
            return around.model(nameOf(layer), groups.getOrDefault(layer, ""));
        }

        private List<String> functional(JsonNode settings, @Nullable String given, Within within) {
            Map<String, Local> locals = new LinkedHashMap<>();
            for (JsonNode layer : settings.path("layers")) {
                List<Call> calls = new ArrayList<>();
                layer.path("inbound_nodes").forEach(node -> calls.add(Call.read(node)));
                String name = nameOf(layer);
                Local local = new Local(name, layer.path("class_name").asText(), layer, calls, calls.size());
                for (Local use : local.eachUse()) {
                    if (locals.put(use.name(), use) != null) {
                        throw refused("it has two layers called " + use.name());
                    }
                    checkCount(locals.size());
                }
            }
            List<String> outputs = outputs(locals, settings.path("output_layers"));
            if (outputs.isEmpty()) {
                throw refused("it has no output");
            }
            Map<String, String> values = new HashMap<>();
            IdentityHashMap<JsonNode, String> groups = within.groups(settings);
            for (String name : order(locals, outputs)) {
                Local local = local(locals, name);
                List<String> inputs =
                        inputsOf(locals, local).stream().map(values::get).toList();
                values.put(name, value(local, inputs, given, groups, within));
            }
            return outputs.stream().map(values::get).toList();
        }

        private String value(
                Local local,
                List<String> inputs,
                @Nullable String given,
                IdentityHashMap<JsonNode, String> groups,
                Within within) {
            if (local.isInput()) {
                return given == null ? declareInput(local.json().path("config"), local.name()) : given;
            }
            String fault = fault(local);
            if (isModel(local.type()) && fault == null) {
                String one = only(inputs, local.name());
                Within model = model(local.json(), groups, within);
                return only(model(local.type(), local.json().path("config"), one, model), local.name());
            }
            return add(
                    local.json(),
                    named(local.json(), local.name(), groups, within),
                    inputs,
                    fault == null ? local.calls().get(0) : Call.OF_INPUTS,
                    fault);
        }

        /** The layers that the outputs need, in the file's order where that can be. */
        private Set<String> order(Map<String, Local> locals, List<String> outputs) {
            try {
                Set<String> needed = Network.inOrder(outputs, name -> inputsOf(locals, local(locals, name)));
                List<String> inFileOrder =
                        locals.keySet().stream().filter(needed::contains).toList();
                return Network.inOrder(inFileOrder, name -> inputsOf(locals, local(locals, name)));
            } catch (IllegalArgumentException e) {
                throw refused(String.valueOf(e.getMessage()));
            }
        }

        private Local local(Map<String, Local> locals, String name) {
            Local local = locals.get(name);
            if (local == null) {
                throw refused("it names a layer " + name + " and has none");
            }
            return local;
        }

        /** Of a layer with weights that is used more than once, those of its first use. */
        private List<String> inputsOf(Map<String, Local> locals, Local local) {
            if (local.isInput() || local.calls().isEmpty()) {
                return List.of();
            }
            List<String> inputs = local.calls().get(0).tensors().stream()
                    .map(tensor -> reference(locals, tensor))
                    .toList();
            if (inputs.isEmpty() && fault(local) == null) {
                throw refused(local.name() + " (" + local.type() + ") has no input");
            }
            return inputs;
        }

        /** What is said of a layer only where the features need it: layers below may not be computable either. */
        private static @Nullable String fault(Local local) {
            String custom = CustomClass.fault(local.json());
            if (custom != null) {
                return custom;
            }
            if (local.calls().size() != 1) {
                return "each layer of a backbone with weights is used once, but it is used "
                        + local.calls().size() + " times";
            }
            Call call = local.calls().get(0);
            if (!call.readable()) {
                return "a backbone's layers take their inputs by position, but it takes one by name, as an argument or in a"
                        + " dictionary";
            }
            if (call.training() && (isModel(local.type()) || local.type().equals(NORMALIZATION))) {
                return "a backbone computes as in prediction, but it is called with training=True";
            }
            if (call.constantFirst() && !CONSTANT_FIRST.contains(local.type())) {
                return "a backbone's layers take constants after their input, but it takes one before";
            }
            for (JsonNode tensor : call.tensors()) {
                if (tensor.path(2).asInt() != 0) {
                    return "a backbone's layers have one output, but it takes another one of "
                            + Json.shown(tensor.path(0));
                }
            }
            return null;
        }

        /** The layer of [layer, use, output], or its use. */
        private String reference(Map<String, Local> locals, JsonNode tensor) {
            boolean well = tensor.isArray()
                    && tensor.size() >= 3
                    && tensor.get(0).isTextual()
                    && tensor.get(1).isIntegralNumber()
                    && tensor.get(2).isIntegralNumber();
            if (!well) {
                throw refused("an input is [layer, use, output], but is " + Json.shown(tensor));
            }
            String name = tensor.get(0).textValue();
            Local local = locals.get(name);
            return local == null ? name : local.name(tensor.get(1).asInt());
        }

        /** One tensor, or a list of tensors; an output of a layer other than the first has no counterpart. */
        private List<String> outputs(Map<String, Local> locals, JsonNode tensors) {
            List<String> names = new ArrayList<>();
            for (JsonNode tensor : tensors.path(0).isTextual() ? List.of(tensors) : tensors) {
                names.add(reference(locals, tensor));
                if (tensor.path(2).asInt() != 0) {
                    throw refused("an output is [layer, use, 0], but is " + Json.shown(tensor));
                }
            }
            return names;
        }

        private String only(List<String> names, String model) {
            if (names.size() != 1) {
                throw refused("a model within a model has one input and one output, but " + model + " has " + names);
            }
            return names.get(0);
        }

        private String add(JsonNode layer, String name, List<String> inputs, Call call, @Nullable String fault) {
            LayerDescription description = new LayerDescription(
                    file,
                    version,
                    CustomClass.name(layer),
                    name,
                    layer.path("config"),
                    inputs,
                    call.constants(),
                    call.constantFirst(),
                    fault);
            if (name.equals(input) || layers.put(name, description) != null) {
                throw refused("it has two layers called " + name + "; give one of them another name in Keras");
            }
            checkCount(layers.size());
            return name;
        }

        private void checkCount(int count) {
            if (count > MOST_LAYERS) {
                throw refused("it has more than " + MOST_LAYERS + " layers");
            }
        }

        private String nameOf(JsonNode layer) {
            JsonNode name = layer.has("name")
                    ? layer.path("name")
                    : layer.path("config").path("name");
            if (!name.isTextual() || name.textValue().isBlank()) {
                throw refused("a layer has a name, but one of the class " + Json.shown(layer.path("class_name"))
                        + " has " + Json.shown(name));
            }
            return name.textValue();
        }

        /**
         * One use of a layer, {@code inbound_nodes} in a file.
         *
         * @param tensors the outputs that it is called with, as [layer, use, output]
         * @param constants other arguments by position
         * @param constantFirst whether a constant comes before the tensors, as in {@code 1 - x}
         * @param training whether it is called with {@code training=True}
         * @param readable whether that is all: it is not where a tensor is given by name
         */
        private record Call(
                List<JsonNode> tensors,
                List<JsonNode> constants,
                boolean constantFirst,
                boolean training,
                boolean readable) {
            private static final String TRAINING = "training";
            private static final String CLASS = "class_name";
            private static final String TENSOR = "__keras_tensor__";

            /** Nothing but the inputs. */
            static final Call OF_INPUTS = new Call(List.of(), List.of(), false, false, true);

            /** Reads one element of {@code inbound_nodes}, in the form of Keras 3 or of Keras 2. */
            static Call read(JsonNode node) {
                return node.has("args") ? keras3(node) : keras2(node);
            }

            private static Call keras3(JsonNode node) {
                List<JsonNode> tensors = new ArrayList<>();
                List<JsonNode> constants = new ArrayList<>();
                List<JsonNode> named = new ArrayList<>(tensorsIn(node.path("kwargs")));
                for (JsonNode argument : node.path("args")) {
                    if (argument.isArray() && argument.size() > 0 && isTensor(argument.get(0))) {
                        argument.forEach(element -> addArgument(element, tensors, constants));
                    } else {
                        addArgument(argument, tensors, constants);
                        if (argument.isObject() && !isTensor(argument)) {
                            named.addAll(tensorsIn(argument));
                        }
                    }
                }
                JsonNode first = node.path("args").path(0);
                boolean constantFirst = first.isNumber() || (first.isObject() && !isTensor(first));
                named.forEach(argument -> addArgument(argument, tensors, constants));
                boolean training = node.path("kwargs").path(TRAINING).asBoolean();
                return new Call(tensors, constants, constantFirst, training, named.isEmpty());
            }

            private static List<JsonNode> tensorsIn(JsonNode argument) {
                return argument.findParents(CLASS).stream()
                        .filter(Call::isTensor)
                        .toList();
            }

            private static void addArgument(JsonNode argument, List<JsonNode> tensors, List<JsonNode> constants) {
                if (isTensor(argument)) {
                    tensors.add(argument.path("config").path("keras_history"));
                } else {
                    constants.add(argument);
                }
            }

            private static boolean isTensor(JsonNode argument) {
                return argument.path(CLASS).asText().equals(TENSOR);
            }

            /**
             * [[layer, use, output, arguments by name], ...], or in some versions one of them without the outer list; by name
             * where a model is called with a dictionary.
             */
            private static Call keras2(JsonNode node) {
                List<JsonNode> tensors = new ArrayList<>();
                List<JsonNode> constants = new ArrayList<>();
                boolean single =
                        node.isArray() && node.size() > 0 && node.get(0).isTextual();
                boolean training = false;
                for (JsonNode tensor : single ? List.of(node) : node) {
                    tensors.add(tensor);
                    training |= tensor.path(3).path(TRAINING).asBoolean();
                    // the second operand of an operation of TensorFlow, such as tf.math.truediv
                    Optional.ofNullable(tensor.path(3).get("y")).ifPresent(constants::add);
                }
                return new Call(tensors, constants, false, training, !node.isObject());
            }
        }
    }

    /**
     * Tells a class of somebody's own from Keras' own of the same name, which may compute something else. Keras 3 and the last
     * versions of Keras 2 write a {@code module}, which is not Keras', or null, where somebody's program has the class; a class
     * that was registered goes by a name such as {@code Custom>Conv2D}, which all versions write.
     */
    static final class CustomClass {
        private static final String CLASS = "class_name";
        private static final String MODULE = "module";
        private static final String SEPARATOR = ">";

        /** Keras 2 is called tf_keras beside Keras 3. */
        private static final Pattern OWN = Pattern.compile("(tf_)?keras(\\..*)?", Pattern.DOTALL);

        private CustomClass() {}

        /** Why a layer or a model can't be taken for Keras' own; null where it can. */
        static @Nullable String fault(JsonNode json) {
            for (String property : List.of(CLASS, "registered_name")) {
                JsonNode name = json.path(property);
                if (name.asText().contains(SEPARATOR)) {
                    return fault(property, name);
                }
            }
            JsonNode module = json.path(MODULE);
            boolean own = module.isMissingNode()
                    || (module.isTextual() && OWN.matcher(module.textValue()).matches());
            return own ? null : fault(MODULE, module);
        }

        private static String fault(String property, JsonNode value) {
            return "a class of your own can't be computed without its program, and its " + property + " is "
                    + Json.shown(value);
        }

        /** What a class is called here, which is the name of none of Keras' own where it is not one of these. */
        static String name(JsonNode json) {
            String name = json.path(CLASS).asText();
            return fault(json) == null || name.contains(SEPARATOR) ? name : "custom " + name;
        }
    }
}
