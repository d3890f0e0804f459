package org.transfer4j.internal.format.keras;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** A model in a file of Keras, read whole: what changes in the file afterwards changes nothing here. */
public final class KerasModel {
    private static final Logger log = LoggerFactory.getLogger(KerasModel.class);

    /** A file may be compressed, but by no more than deflate can. Two bytes a number is the least. */
    private static final double MOST_PARAMETERS_PER_BYTE = 1032 / 2.0;

    private final ModelDescription model;
    private final ImagePreprocessing preprocessing;
    private final GraphConversion whole;
    private final @Nullable Map<String, Map<String, INDArray>> values;

    private KerasModel(
            ModelDescription model,
            ImagePreprocessing preprocessing,
            GraphConversion whole,
            @Nullable Map<String, Map<String, INDArray>> values) {
        this.model = model;
        this.preprocessing = preprocessing;
        this.whole = whole;
        this.values = values;
    }

    /**
     * Reads a model, and the weights of all layers that can be computed.
     *
     * @param file an {@code .h5} or {@code .keras} file of a whole model; one without weights will do where others are named
     * @throws WeightsException if the file is damaged, or holds no model
     */
    public static KerasModel read(Path file) {
        KerasModelFile content = KerasModelFile.read(file);
        ModelDescription described = ModelDescription.read(content);
        described.checkInput();
        LeadingScaling.Split split = LeadingScaling.of(described, () -> content.requireWeights(described));
        ModelDescription model = split.model();
        if (split.preprocessing().isEmpty()) {
            log.info(
                    "{} says nothing of preprocessing: its layers get pixels of 0..255, RGB, unless preprocessing(...)"
                            + " says otherwise",
                    file);
        }
        GraphConversion whole = GraphConversion.whole(model, model.height(), model.width());
        checkSize(content, whole.parameters());
        warnOfRegularization(model, whole);
        return new KerasModel(
                model,
                split.preprocessing().orElseGet(ImagePreprocessing::none),
                whole,
                values(content, model, whole.stored()));
    }

    private static @Nullable Map<String, Map<String, INDArray>> values(
            KerasModelFile content, ModelDescription model, Map<String, List<GraphConversion.StoredParameter>> stored) {
        if (stored.isEmpty()) {
            // of such a model the file has none
            return Map.of();
        }
        return content.weights().isPresent() ? content.requireWeights(model).read(stored) : null;
    }

    /** What Keras would do in a training, and nobody does here. Dense layers of a top are no part of the backbone. */
    private static void warnOfRegularization(ModelDescription model, GraphConversion whole) {
        List<String> layers = model.layers().values().stream()
                .filter(layer -> whole.stored().containsKey(layer.name()) && layer.isRegularized())
                .map(LayerDescription::name)
                .toList();
        if (!layers.isEmpty()) {
            log.warn(
                    "{} has regularizers or constraints of the layers {}, which a training does not heed;"
                            + " Optimizer.weightDecay is one for all",
                    model.file(),
                    layers);
        }
    }

    /** Before anything is allocated: a network's weights are in its file. */
    private static void checkSize(KerasModelFile file, long parameters) {
        if (parameters > file.length() * MOST_PARAMETERS_PER_BYTE) {
            throw new WeightsException(
                    file.path(),
                    String.format(
                            Locale.ROOT,
                            "is damaged: a network of %,d parameters can't be in a file of %,d bytes",
                            parameters,
                            file.length()));
        }
        NativeMemory.require(
                file.path(),
                String.format(Locale.ROOT, "a network of %,d parameters", parameters),
                Float.BYTES * parameters);
    }

    /** The model's name in Keras. */
    public String name() {
        return model.name();
    }

    /** The height of its input; 224 where it takes any. */
    public int height() {
        return model.height();
    }

    /** The width of its input; 224 where it takes any. */
    public int width() {
        return model.width();
    }

    /** What the model does to pixels before its first layer; nothing where it does nothing. */
    public ImagePreprocessing preprocessing() {
        return preprocessing;
    }

    /** The first layer that gives images; empty if there is none that can be computed. */
    public Optional<String> anyImages() {
        return whole.anyImages();
    }

    /**
     * The part of the model that makes features.
     *
     * @param layer the layer that gives them, empty for the last that gives images
     * @throws WeightsException if there is no such part that can be computed
     * @throws IllegalArgumentException if there is no layer of that name; the message lists the names
     */
    public Features upTo(Optional<String> layer) {
        if (layer.isPresent() && !model.layers().containsKey(layer.get())) {
            String taken = model.models().contains(layer.get())
                    ? ", but a model of that name, and models used as layers are taken apart into their layers"
                    : "";
            throw new IllegalArgumentException(model.name() + " has no layer named \"" + layer.get() + "\"" + taken
                    + "; its layers are " + model.layers().keySet());
        }
        GraphConversion.End end = layer.map(name -> new GraphConversion.End(name, Optional.empty()))
                .orElseGet(whole::lastOfImages);
        GraphConversion.upTo(model, end.layer(), height(), width()).requireImages(end.layer());
        return new Features(end);
    }

    /** A part of the model that makes features. */
    public final class Features {
        private final GraphConversion.End end;

        private Features(GraphConversion.End end) {
            this.end = end;
        }

        /**
         * Whether the model's own top takes the mean or the maximum of the last images, or flattens them; empty where it has
         * no top, or the features are from below.
         */
        public Optional<Boolean> averaged() {
            return end.averaged();
        }

        /** The smallest input at which each layer has an output. By halving: what fits a size fits a larger one. */
        public int minimumSize() {
            int fits = NetworkSize.smallest(this::fits, Math.max(height(), width()));
            return Math.min(fits, Math.min(height(), width()));
        }

        private boolean fits(int size) {
            try {
                network(size, size);
                return true;
            } catch (WeightsException e) {
                return false;
            }
        }

        /** The network that makes the features of images of a size. */
        public Network network(int height, int width) {
            return GraphConversion.upTo(model, end.layer(), height, width).network(end.layer());
        }

        /** The weights, in the shapes of the ops: float, C order. */
        public Network.Values values() {
            if (values == null) {
                throw KerasModelFile.noWeights(model.file());
            }
            Map<String, Map<String, INDArray>> stored = values;
            return (node, parameter) -> {
                INDArray value = stored.getOrDefault(node.name(), Map.of()).get(parameter);
                return value != null
                        ? value
                        : Nd4j.valueArrayOf(
                                node.op().parameter(parameter).toArray(),
                                node.op().fixed(parameter).orElseThrow(),
                                DataType.FLOAT);
            };
        }
    }
}
