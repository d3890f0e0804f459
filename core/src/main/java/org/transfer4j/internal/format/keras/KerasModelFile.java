package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.format.FileKind;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.format.ZipContents;
import org.transfer4j.internal.format.keras.GraphConversion.StoredParameter;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.network.Op;

/**
 * A file of a whole model of Keras: HDF5, its configuration in the attribute {@code model_config}, or the zip archive
 * {@code .keras} with {@code config.json} and {@code model.weights.h5} inside. Which of them it is is seen from its first
 * bytes.
 *
 * @param version the first number of the version of Keras that wrote it; empty where it does not say
 * @param length of the file, in bytes
 * @param weights empty where an archive has none
 */
record KerasModelFile(Path path, JsonNode configuration, OptionalInt version, long length, Optional<Hdf5> weights) {
    private static final String CONFIGURATION = "config.json";
    private static final String METADATA = "metadata.json";
    private static final String ATTRIBUTE = "model_config";
    private static final String VERSION = "keras_version";
    private static final Pattern MAJOR = Pattern.compile("(\\d{1,4})\\.");

    /** No configuration is longer. That of a network of 500 layers has half a MiB. */
    private static final int LARGEST_CONFIGURATION = 32 << 20;

    /**
     * Reads a file.
     *
     * @throws WeightsException if it is neither kind of file, damaged, or holds weights alone
     */
    static KerasModelFile read(Path path) {
        WeightsFile.requireFile(path);
        try {
            return Interruption.deferred(() -> {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                    return FileKind.isZip(FileKind.head(channel))
                            ? archive(ZipContents.open(path, channel))
                            : file(Hdf5.open(path, channel));
                }
            });
        } catch (IOException e) {
            throw FileFailure.of("can't read the model file " + path, e);
        }
    }

    private static KerasModelFile archive(ZipContents zip) throws IOException {
        if (!zip.has(CONFIGURATION)) {
            throw noEntry(zip.path(), CONFIGURATION);
        }
        JsonNode metadata =
                zip.has(METADATA) ? json(zip.path(), METADATA, text(zip, METADATA)) : MissingNode.getInstance();
        Optional<Hdf5> weights = zip.has(KerasFile.WEIGHTS_ENTRY)
                ? Optional.of(Hdf5.open(zip, KerasFile.WEIGHTS_ENTRY))
                : Optional.empty();
        return new KerasModelFile(
                zip.path(),
                json(zip.path(), CONFIGURATION, text(zip, CONFIGURATION)),
                version(metadata.path(VERSION).asText()),
                zip.channel().size(),
                weights);
    }

    private static KerasModelFile file(Hdf5 file) {
        Path path = file.path();
        List<String> texts = file.strings(file.root(), ATTRIBUTE).orElse(List.of());
        if (texts.size() != 1) {
            throw new WeightsException(
                    path,
                    "holds no model: it has no attribute " + ATTRIBUTE
                            + ". Keras writes models with model.save(...); a file of weights alone goes with a backbone"
                            + " that is known, as Weights.file");
        }
        if (texts.get(0).length() > LARGEST_CONFIGURATION) {
            throw new WeightsException(path, ATTRIBUTE + " has more than " + LARGEST_CONFIGURATION + " characters");
        }
        List<String> versions = file.strings(file.root(), VERSION).orElse(List.of());
        return new KerasModelFile(
                path,
                json(path, ATTRIBUTE, texts.get(0)),
                version(versions.isEmpty() ? "" : versions.get(0)),
                file.length(),
                Optional.of(file));
    }

    private static OptionalInt version(String text) {
        Matcher number = MAJOR.matcher(text);
        return number.lookingAt() ? OptionalInt.of(Integer.parseInt(number.group(1))) : OptionalInt.empty();
    }

    private static String text(ZipContents zip, String entry) throws IOException {
        try {
            return StrictJson.decode(entry, zip.bytes(entry, LARGEST_CONFIGURATION));
        } catch (MalformedModelException e) {
            throw new WeightsException(zip.path(), e.reason(), e);
        }
    }

    private static JsonNode json(Path path, String name, String text) {
        try {
            return Json.tree(text);
        } catch (JsonProcessingException e) {
            throw new WeightsException(
                    path, "the model's configuration, " + name + ", is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static WeightsException noEntry(Path path, String entry) {
        return new WeightsException(path, "is a zip archive, but no .keras model: it has no entry called " + entry);
    }

    /** The weights, by layers. */
    Weights requireWeights(ModelDescription model) {
        return new Weights(path, weights.orElseThrow(() -> noWeights(path)), model.places());
    }

    static WeightsException noWeights(Path path) {
        return noEntry(path, KerasFile.WEIGHTS_ENTRY);
    }

    /**
     * The weights of a model from the file that describes it. The file knows which layers there are and what they are
     * called, so that, other than with weights from elsewhere, layers that nobody asks for are no sign of another network.
     */
    static final class Weights {
        private final Path path;
        private final Map<String, List<StoredLayer>> layers = new HashMap<>();

        /**
         * Reads names and shapes.
         *
         * @param places of layers whose names others have as well
         */
        private Weights(Path path, Hdf5 file, Map<String, ModelDescription.Place> places) {
            this.path = path;
            Map<String, List<StoredLayer>> byName = new HashMap<>();
            for (StoredLayer layer : KerasFile.layers(file)) {
                if (!layer.named()) {
                    throw new WeightsException(
                            path,
                            "does not tell the names of its layers, as files of the first versions of Keras 3: load the model"
                                    + " with a later version and save it again");
                }
                byName.computeIfAbsent(layer.name(), name -> new ArrayList<>()).add(layer);
            }
            layers.putAll(byName);
            places.forEach((name, place) -> layers.put(
                    name,
                    byName.getOrDefault(place.name(), List.of()).stream()
                            .filter(place::isOf)
                            .toList()));
        }

        /**
         * The values of one array of a layer.
         *
         * @param layer the layer's name
         * @param index which of its arrays
         * @param length how many values it must have, in one dimension
         */
        float[] vector(String layer, int index, int length) {
            List<StoredArray> arrays = arrays(layer);
            if (index >= arrays.size()) {
                throw new WeightsException(
                        path, layer + " has " + arrays.size() + " arrays, expected more than " + index);
            }
            return arrays.get(index).read(length);
        }

        /**
         * Reads layers.
         *
         * @param wanted what the file must hold of each, in Keras' order
         * @return by node and parameter, in the op's shapes: float, C order, owned by the caller
         * @throws WeightsException if the file lacks one or has it in another shape
         */
        Map<String, Map<String, INDArray>> read(Map<String, List<StoredParameter>> wanted) {
            List<String> faults = new ArrayList<>();
            wanted.forEach((layer, parameters) -> check(layer, parameters, faults));
            if (!faults.isEmpty()) {
                throw new WeightsException(
                        path,
                        "its weights do not fit its configuration (shapes are Keras'): "
                                + WeightsFile.listed("; ", faults));
            }
            Map<String, Map<String, INDArray>> values = new HashMap<>();
            wanted.forEach((layer, parameters) -> {
                for (int i = 0; i < parameters.size(); i++) {
                    StoredParameter parameter = parameters.get(i);
                    values.computeIfAbsent(parameter.node().name(), node -> new LinkedHashMap<>())
                            .put(parameter.name(), read(arrays(layer).get(i), parameter));
                }
            });
            return values;
        }

        private List<StoredArray> arrays(String name) {
            List<StoredLayer> found = layers.getOrDefault(name, List.of());
            if (found.size() != 1) {
                throw new WeightsException(
                        path, "holds weights of " + found.size() + " layers called " + name + ", expected 1");
            }
            return found.get(0).arrays();
        }

        private void check(String layer, List<StoredParameter> parameters, List<String> faults) {
            List<StoredArray> arrays = arrays(layer);
            if (arrays.size() != parameters.size()) {
                faults.add(layer + " has " + arrays.size() + " arrays, expected " + parameters.size());
                return;
            }
            for (int i = 0; i < arrays.size(); i++) {
                long[] wanted = kerasShape(parameters.get(i));
                if (!arrays.get(i).hasShape(wanted)) {
                    faults.add(arrays.get(i).name() + " is of shape "
                            + arrays.get(i).shapeText() + ", expected " + Arrays.toString(wanted));
                }
            }
        }

        /** Keras has its kernels' outputs last, and of depthwise kernels the inputs before how often each is used. */
        private static long[] kerasShape(StoredParameter parameter) {
            if (!(parameter.node().op() instanceof Op.Convolution op)
                    || !parameter.name().equals(Op.WEIGHTS)) {
                return parameter.shape().toArray();
            }
            if (parameter.node().kind().equals("Dense")) {
                return new long[] {op.inputs(), op.outputs()};
            }
            int height = op.window().kernel().height();
            int width = op.window().kernel().width();
            boolean depthwise =
                    op.groups() == op.inputs() && !parameter.node().kind().equals("Conv2D");
            return depthwise
                    ? new long[] {height, width, op.inputs(), op.outputs() / op.inputs()}
                    : new long[] {height, width, op.inputs() / op.groups(), op.outputs()};
        }

        private static INDArray read(StoredArray array, StoredParameter parameter) {
            float[] values = array.read(kerasShape(parameter));
            long[] shape = parameter.shape().toArray();
            boolean kernel = parameter.name().equals(Op.WEIGHTS);
            return Nd4j.create(kernel ? KerasFile.outputsFirst(values, shape) : values, shape, 'c');
        }
    }
}
