package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.json.Json;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** A model in a file of Keras, as far as it makes features. */
public final class KerasModel {
    private static final Logger log = LoggerFactory.getLogger(KerasModel.class);

    /** A file may be compressed, but by no more than deflate can. Two bytes a number is the least. */
    private static final double MOST_PARAMETERS_PER_BYTE = 1032 / 2.0;

    private final ModelDescription model;
    private final ImagePreprocessing preprocessing;
    private final String lastLayer;
    private final Optional<Boolean> averaged;
    private final int minimumSize;

    private KerasModel(ModelDescription model, ImagePreprocessing preprocessing, GraphConversion.End end) {
        this.model = model;
        this.preprocessing = preprocessing;
        this.lastLayer = end.layer();
        this.averaged = end.averaged();
        this.minimumSize = smallest();
    }

    /**
     * Reads a model's configuration.
     *
     * @param file an {@code .h5} or {@code .keras} file of a whole model
     * @param upTo the layer that gives the features, empty for the last that gives images
     * @throws WeightsException if the file is damaged, holds no model, or one that can't be computed
     * @throws IllegalArgumentException if there is no layer of that name; the message lists the names
     */
    public static KerasModel read(Path file, Optional<String> upTo) {
        ModelDescription whole = ModelReader.read(file, configuration(file));
        whole.checkInput();
        LeadingScaling.Split split = LeadingScaling.of(whole, () -> KerasModelWeights.open(file));
        ModelDescription model = split.model();
        if (split.preprocessing().isEmpty()) {
            log.info(
                    "{} says nothing of preprocessing: its layers get pixels of 0..255, RGB, unless preprocessing(...)"
                            + " says otherwise",
                    file);
        }
        GraphConversion.End end = upTo.map(layer -> new GraphConversion.End(known(model, layer), Optional.empty()))
                .orElseGet(() -> GraphConversion.whole(model, model.height(), model.width())
                        .lastOfImages());
        GraphConversion needed = GraphConversion.upTo(model, end.layer(), model.height(), model.width());
        needed.requireImages(end.layer());
        checkSize(file, needed.parameters());
        return new KerasModel(model, split.preprocessing().orElseGet(ImagePreprocessing::none), end);
    }

    private static JsonNode configuration(Path file) {
        try {
            return Json.tree(KerasModelFile.configuration(file));
        } catch (JsonProcessingException e) {
            throw new WeightsException(
                    file, "the model's configuration is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static String known(ModelDescription model, String layer) {
        if (!model.layers().containsKey(layer)) {
            throw new IllegalArgumentException(model.name() + " has no layer named \"" + layer + "\"; its layers are "
                    + model.layers().keySet());
        }
        return layer;
    }

    /** Before anything is allocated: a network's weights are in its file. */
    private static void checkSize(Path file, long parameters) {
        try {
            long size = Files.size(file);
            if (parameters > size * MOST_PARAMETERS_PER_BYTE) {
                throw new WeightsException(
                        file,
                        String.format(
                                Locale.ROOT,
                                "is damaged: a network of %,d parameters can't be in a file of %,d bytes",
                                parameters,
                                size));
            }
        } catch (IOException e) {
            throw FileFailure.of("can't read the model file " + file, e);
        }
    }

    /** By halving: what fits a size fits a larger one. */
    private int smallest() {
        int fits = Math.max(model.height(), model.width());
        int tooSmall = 0;
        while (fits - tooSmall > 1) {
            int size = (fits + tooSmall) >>> 1;
            if (fits(size)) {
                fits = size;
            } else {
                tooSmall = size;
            }
        }
        return Math.min(fits, Math.min(model.height(), model.width()));
    }

    private boolean fits(int size) {
        try {
            GraphConversion.upTo(model, lastLayer, size, size);
            return true;
        } catch (WeightsException e) {
            return false;
        }
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

    /** The smallest input at which each layer has an output. */
    public int minimumSize() {
        return minimumSize;
    }

    /** What the model does to pixels before its first layer; nothing where it does nothing. */
    public ImagePreprocessing preprocessing() {
        return preprocessing;
    }

    /**
     * Whether the model's own top takes the mean or the maximum of the last images, or flattens them; empty where it has no
     * top, or {@code upTo} is below.
     */
    public Optional<Boolean> averaged() {
        return averaged;
    }

    /** The graph that makes the features of images of a size. */
    public ComputationGraphConfiguration configure(int height, int width) {
        return GraphConversion.upTo(model, lastLayer, height, width).build(lastLayer);
    }

    /**
     * Reads the weights.
     *
     * @param expected the graph's layers with DL4J's names of their parameters and their shapes in DL4J
     * @return arrays of those names and shapes
     */
    public Map<String, Map<String, INDArray>> weights(Map<String, Map<String, long[]>> expected) {
        List<KerasModelWeights.LayerArrays> stored =
                GraphConversion.upTo(model, lastLayer, height(), width()).stored();
        return KerasModelWeights.open(model.file()).load(stored, expected);
    }
}
