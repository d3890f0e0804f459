package org.transfer4j.internal.format.keras;

import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.NetworkLayers.LayerShapes;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.ArrayLayout;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

/** The layers with weights in a file of Keras, whichever of its layouts it has. */
public final class KerasFile {
    /** Where a {@code .keras} archive has its weights, in the layout of {@code .weights.h5}. */
    public static final String WEIGHTS_ENTRY = "model.weights.h5";

    /** Far more than any network has. */
    private static final int MOST_ARRAYS = 100_000;

    private KerasFile() {}

    /** Refuses more arrays than a network has. */
    private static void requireCount(Hdf5 file, int arrays) {
        if (arrays > MOST_ARRAYS) {
            throw new WeightsException(
                    file.path(), "is damaged: it has " + MOST_ARRAYS + " arrays at most, but names more");
        }
    }

    /** Reads names and shapes; the values are read when they are asked for. */
    public static WeightsFile read(Hdf5 file, Closeable source) {
        Map<Boolean, List<StoredLayer>> layers =
                layers(file).stream().collect(Collectors.partitioningBy(KerasNormalization::isOne));
        return new WeightsFile(
                file.path(),
                new Layout(),
                layers.getOrDefault(false, List.of()),
                layers.getOrDefault(true, List.of()),
                Map.of(),
                source);
    }

    /** All layers that have numbers, also those that are preprocessing. */
    static List<StoredLayer> layers(Hdf5 file) {
        return LegacyLayout.read(file)
                .or(() -> Keras3Layout.read(file))
                .orElseThrow(() -> new WeightsException(
                        file.path(),
                        "holds no weights of Keras: neither an attribute layer_names nor groups called vars; at its"
                                + " root are "
                                + file.children(file.root()).stream()
                                        .limit(10)
                                        .map(node -> node.getName())
                                        .toList()));
    }

    /**
     * A kernel [height, width, in, out] as [out, in, height, width]; one of a depthwise convolution [height, width, in,
     * multiplier] as [in * multiplier, 1, height, width].
     *
     * @param wanted the shape in which the values are wanted
     */
    static float[] outputsFirst(float[] keras, long... wanted) {
        int outs = (int) wanted[0];
        int ins = (int) wanted[1];
        int area = (int) (wanted[2] * wanted[3]);
        float[] values = new float[keras.length];
        int from = 0;
        for (int cell = 0; cell < area; cell++) {
            for (int in = 0; in < ins; in++) {
                for (int out = 0; out < outs; out++) {
                    values[(out * ins + in) * area + cell] = keras[from++];
                }
            }
        }
        return values;
    }

    /**
     * Keras' layout.
     *
     * <ul>
     *   <li>Kernels of convolutions: [height, width, in, out], here [out, in, height, width]; of depthwise convolutions
     *       [height, width, in, multiplier], here [in * multiplier, 1, height, width]; a Conv2D with a group for each
     *       channel has the same values, as [height, width, 1, out].
     *   <li>Slopes: [height, width, channels], here [channels, height, width].
     *   <li>Kernels of dense layers: [in, out], here [out, in], whose inputs are in another order after a Flatten, because
     *       Keras flattens [height, width, channels] and we [channels, height, width].
     * </ul>
     */
    private static final class Layout implements ArrayLayout {
        @Override
        public String owner() {
            return "Keras";
        }

        @Override
        public long[] kernelShape(LayerShapes layer, LayerShapes.Parameter kernel) {
            long[] shape = kernel.shape().toArray();
            if (shape.length == 4) {
                return kernel.isDepthwise() && kernel.op() instanceof Op.Convolution op
                        ? new long[] {shape[2], shape[3], op.inputs(), shape[0] / op.inputs()}
                        : new long[] {shape[2], shape[3], shape[1], shape[0]};
            }
            if (kernel.op() instanceof Op.Dense) {
                return new long[] {shape[1], shape[0]};
            }
            return shape.length == 3 ? new long[] {shape[1], shape[2], shape[0]} : shape;
        }

        @Override
        public long[] shape(LayerShapes layer, LayerShapes.Parameter parameter, StoredArray array) {
            long[] shape = shape(layer, parameter);
            if (!parameter.isDepthwise()) {
                // a dense layer on pixels is a convolution of one pixel here
                long[] dense = shape.length == 4 && shape[0] * shape[1] == 1 ? new long[] {shape[2], shape[3]} : shape;
                return array.hasShape(dense) ? dense : shape;
            }
            if (layer.isSeparable()) {
                return shape;
            }
            long[] grouped = {shape[0], shape[1], 1, shape[2] * shape[3]};
            return array.hasShape(grouped) ? grouped : shape;
        }

        @Override
        public float[] kernel(LayerShapes layer, LayerShapes.Parameter kernel, float[] stored) {
            Shape shape = kernel.shape();
            if (shape.sizes().size() == 4) {
                return outputsFirst(stored, shape.toArray());
            }
            int outputs = shape.channels();
            if (kernel.op() instanceof Op.Dense op) {
                float[] rows = ArrayLayout.transposed(stored, op.inputs(), outputs);
                return layer.flattenedImage()
                        .map(image -> channelsFirst(rows, image, outputs))
                        .orElse(rows);
            }
            return shape.isImage() ? ArrayLayout.transposed(stored, stored.length / outputs, outputs) : stored;
        }

        private static float[] channelsFirst(float[] rows, Shape flattened, int outputs) {
            int area = flattened.height() * flattened.width();
            int channels = flattened.channels();
            float[] values = new float[rows.length];
            for (int output = 0; output < outputs; output++) {
                int start = output * area * channels;
                for (int cell = 0; cell < area; cell++) {
                    for (int channel = 0; channel < channels; channel++) {
                        values[start + channel * area + cell] = rows[start + cell * channels + channel];
                    }
                }
            }
            return values;
        }
    }

    /**
     * The layout of {@code .h5} files from Keras 1 to 3: a group a layer, in the order of the attribute
     * {@code layer_names}, with its arrays in the order of the attribute {@code weight_names}. A whole model has it under
     * {@code model_weights}. A network used as a layer is one group with the arrays of all its layers, whose names are
     * then the last but one part of the arrays' names ("block1_conv1/kernel:0").
     */
    private static final class LegacyLayout {
        private static final String MODEL = "model_weights";
        private static final String LAYERS = "layer_names";
        private static final String WEIGHTS = "weight_names";

        private final Hdf5 file;
        private final Map<Place, List<StoredArray>> layers = new LinkedHashMap<>();
        private int arrays;

        /** A layer of a group, whose name layers of other groups may have as well. */
        private record Place(String group, String name) {}

        private LegacyLayout(Hdf5 file) {
            this.file = file;
        }

        /** The layers, empty where the file has another layout. */
        static Optional<List<StoredLayer>> read(Hdf5 file) {
            Group model =
                    file.find(file.root(), MODEL).orElse(file.root()) instanceof Group group ? group : file.root();
            LegacyLayout layout = new LegacyLayout(file);
            return layout.names(model, LAYERS).map(names -> layout.layers(model, names));
        }

        private List<StoredLayer> layers(Group model, List<String> names) {
            for (String name : eachOnce(LAYERS, names)) {
                if (!(file.find(model, name).orElse(null) instanceof Group group)) {
                    throw new WeightsException(file.path(), "is damaged: it names a layer " + name + " and has none");
                }
                List<String> own = eachOnce(WEIGHTS, names(group, WEIGHTS).orElse(List.of()));
                arrays += own.size();
                requireCount(file, arrays);
                for (String array : own) {
                    addArray(group, name, array);
                }
            }
            return layers.entrySet().stream()
                    .map(layer -> new StoredLayer(
                            layer.getKey().name(), true, layer.getKey().group(), "", layer.getValue()))
                    .toList();
        }

        private List<String> eachOnce(String attribute, List<String> names) {
            Set<String> seen = new HashSet<>();
            for (String name : names) {
                if (!seen.add(name)) {
                    throw new WeightsException(
                            file.path(), "is damaged: " + attribute + " has each name once, but twice " + name);
                }
            }
            return names;
        }

        private void addArray(Group group, String groupName, String arrayName) {
            if (!(file.find(group, arrayName).orElse(null) instanceof Dataset dataset)) {
                throw new WeightsException(
                        file.path(),
                        "is damaged: layer " + groupName + " names weights " + arrayName + " and has none");
            }
            String layer = layerName(groupName, arrayName);
            layers.computeIfAbsent(new Place(groupName, layer), key -> new ArrayList<>())
                    .add(new Hdf5Array(file, arrayName, dataset));
        }

        /** Early names have slashes ("conv1/bn" of DenseNet), for which Keras 3, which allows none, has underscores. */
        private static String layerName(String groupName, String arrayName) {
            int last = arrayName.lastIndexOf('/');
            String path = last < 0 ? groupName : arrayName.substring(0, last);
            return path.equals(groupName) ? groupName.replace('/', '_') : path.substring(path.lastIndexOf('/') + 1);
        }

        /** Long lists are split over several attributes, "layer_names0", "layer_names1" and so on. */
        private Optional<List<String>> names(Node node, String attribute) {
            Optional<List<String>> names = file.strings(node, attribute);
            if (names.isPresent()) {
                return names;
            }
            List<String> all = new ArrayList<>();
            Optional<List<String>> part = file.strings(node, attribute + 0);
            for (int i = 1; part.isPresent(); i++) {
                all.addAll(part.get());
                part = file.strings(node, attribute + i);
            }
            return all.isEmpty() ? Optional.empty() : Optional.of(all);
        }
    }

    /**
     * The layout of {@code .weights.h5} files of Keras 3: {@code layers/<group>/vars/0, 1, ...}, where the groups are called
     * after the layers' classes and numbered in the network's order (conv2d, conv2d_1, ...). The layer's own name is the
     * attribute {@code name} of {@code vars}, which the first versions of Keras 3 did not write. A network used as a layer
     * is a group with {@code layers} of its own.
     */
    private static final class Keras3Layout {
        private static final String VARIABLES = "vars";
        private static final String OPTIMIZER = "optimizer";
        private static final Pattern NUMBERED = Pattern.compile("(.*?)(?:_([0-9]{1,6}))?", Pattern.DOTALL);

        /** Far more than any network has; a forged file may hold itself. */
        private static final int MOST_GROUPS = 20_000;

        private static final int DEEPEST = 32;

        private final Hdf5 file;
        private final List<Numbered> layers = new ArrayList<>();
        private int groups;
        private int count;

        /** A layer with what its group's name says of its place. */
        private record Numbered(StoredLayer layer, int number) {}

        private Keras3Layout(Hdf5 file) {
            this.file = file;
        }

        /** The layers, empty where the file has another layout. */
        static Optional<List<StoredLayer>> read(Hdf5 file) {
            Keras3Layout layout = new Keras3Layout(file);
            layout.visit(file.root(), "", 0);
            return layout.layers.isEmpty() ? Optional.empty() : Optional.of(layout.sorted());
        }

        private List<StoredLayer> sorted() {
            return layers.stream()
                    .sorted(Comparator.comparing(
                                    (Numbered numbered) -> numbered.layer().sequence())
                            .thenComparingInt(Numbered::number))
                    .map(Numbered::layer)
                    .toList();
        }

        private void visit(Group group, String path, int depth) {
            groups++;
            if (groups > MOST_GROUPS || depth > DEEPEST) {
                throw new WeightsException(file.path(), "is damaged: its groups are too many or too deep");
            }
            for (Node child : file.children(group)) {
                if (!(file.own(child) instanceof Group childGroup)) {
                    continue;
                }
                String name = childGroup.getName();
                if (name.equals(VARIABLES)) {
                    addLayer(childGroup, path);
                } else if (!(depth == 0 && name.equals(OPTIMIZER))) {
                    visit(childGroup, path + "/" + name, depth + 1);
                }
            }
        }

        private void addLayer(Group variables, String path) {
            List<StoredArray> arrays = new ArrayList<>();
            Optional<Node> array = file.find(variables, "0");
            for (int i = 1; array.isPresent() && array.get() instanceof Dataset dataset; i++) {
                count++;
                requireCount(file, count);
                arrays.add(new Hdf5Array(file, path + "/" + VARIABLES + "/" + (i - 1), dataset));
                array = file.find(variables, Integer.toString(i));
            }
            if (arrays.isEmpty()) {
                return;
            }
            String group = path.substring(path.lastIndexOf('/') + 1);
            Matcher numbered = NUMBERED.matcher(group);
            if (!numbered.matches()) {
                throw new IllegalStateException("every name matches");
            }
            String sequence = path.substring(0, path.length() - group.length()) + numbered.group(1);
            int number = numbered.group(2) == null ? 0 : Integer.parseInt(numbered.group(2));
            Optional<String> name = file.strings(variables, "name").stream()
                    .flatMap(List::stream)
                    .findFirst();
            layers.add(new Numbered(
                    new StoredLayer(name.orElse(group), name.isPresent(), path, sequence, arrays), number));
        }
    }
}
