package org.transfer4j.onnxruntime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import onnx.Onnx.ModelProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.head.Head;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.onnx.ModelBytes;
import org.transfer4j.onnxruntime.ModelFile.WeightPlaces;
import org.transfer4j.onnxruntime.OnnxTopology.Probe;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * An ONNX model as a backbone, run by ONNX Runtime and never trained: what PyTorch, timm, transformers and Keras export.
 *
 * <pre>{@code
 * Backbone backbone = OnnxBackbone.of(Path.of("dinov2_vits14.onnx")).backbone(ImagePreprocessing.torch());
 * TransferLearner.of(backbone).fit(data);
 * }</pre>
 *
 * <p>The model must have one input that the features need: float or float16, [N, 3, H, W] or [N, H, W, 3], with a fixed or
 * free batch and size. Its features are what its last output gives, or the one of {@link #output}: [N, C, H, W], [N, D], or
 * tokens [N, T, D], of which {@link #tokens} says what is taken. The backbone gives them as [N, C, H, W], single numbers as
 * [N, D, 1, 1]. The whole model goes into the file of a saved classifier, which can be loaded where this module is; by
 * {@link #weightsOutside} its weights stay where they are.
 *
 * <p>A file is looked at before ONNX Runtime sees it: operators of others, loops, and weights outside of the model's folder are
 * refused, and so is a model that takes more memory for its images than {@code transfer4j.memory} allows, or of which that
 * can't be known. How long it takes is not bounded: let a stranger's run in a process that is.
 *
 * <p>Immutable; each step gives a new one.
 */
public final class OnnxBackbone {
    private static final int DEFAULT_SIDE = 224;

    private final Path file;
    private final ModelGraph graph;
    private final Map<String, WeightPlaces.Place> places;
    private final Settings settings;

    /** What the file does not say; changed by nobody once a description has it. */
    private static final class Settings {
        private Optional<String> input = Optional.empty();
        private Optional<String> output = Optional.empty();
        private Optional<Tokens> tokens = Optional.empty();
        private Optional<Integer> prefix = Optional.empty();
        private boolean inputChannelsLast;
        private Optional<Boolean> outputChannelsLast = Optional.empty();
        private Optional<Shape> size = Optional.empty();
        private Optional<String> licence = Optional.empty();
        private boolean weightsOutside;

        private Settings copy() {
            Settings copy = new Settings();
            copy.input = input;
            copy.output = output;
            copy.tokens = tokens;
            copy.prefix = prefix;
            copy.inputChannelsLast = inputChannelsLast;
            copy.outputChannelsLast = outputChannelsLast;
            copy.size = size;
            copy.licence = licence;
            copy.weightsOutside = weightsOutside;
            return copy;
        }
    }

    private OnnxBackbone(Path file, ModelGraph graph, Map<String, WeightPlaces.Place> places, Settings settings) {
        this.file = file;
        this.graph = graph;
        this.places = places;
        this.settings = settings;
    }

    /**
     * Reads a model, with weights that it has in files beside it: 2 GB together at most.
     *
     * @param file an ONNX model
     * @return a description, with which {@link #backbone} makes the backbone
     * @throws ModelFileException if it is no ONNX model, is damaged, or has what is not run here
     * @throws java.io.UncheckedIOException if there is no such file or it can't be read
     */
    public static OnnxBackbone of(Path file) {
        ModelFile.Read read = ModelFile.read(file);
        return new OnnxBackbone(file, new ModelGraph(read.model()), read.places(), new Settings());
    }

    /**
     * Says which input takes the images.
     *
     * @param name an input's name; default: the one that there is
     * @return a new description
     */
    public OnnxBackbone input(String name) {
        return with(next -> next.input = Optional.of(name));
    }

    /**
     * Says which output gives the features; also that of an inner node, such as {@code /blocks.11/Add_1_output_0}: the model
     * ends there, and what it does not need is left out.
     *
     * @param name an output's name; default: the model's last. {@link #cutPoints} lists some
     * @return a new description
     * @throws IllegalArgumentException if there is no such output; the message lists those that there are
     */
    public OnnxBackbone output(String name) {
        named(() -> graph.output(Optional.of(name)));
        return with(next -> next.output = Optional.of(name));
    }

    /**
     * Says what becomes of tokens, where the features are [N, T, D].
     *
     * @param choice default: {@link Tokens#CLASS_AND_MEAN}, or {@link Tokens#MEAN} where no token stands before the patches
     * @return a new description
     */
    public OnnxBackbone tokens(Tokens choice) {
        return with(next -> next.tokens = Optional.of(choice));
    }

    /**
     * Says how many tokens stand before those of the patches: the class token and registers.
     *
     * @param count 0 or more; default: what is left when the patches, of a size that divides the image's, are taken off
     * @return a new description
     */
    public OnnxBackbone prefixTokens(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("0 tokens or more stand before the patches, got " + count);
        }
        return with(next -> next.prefix = Optional.of(count));
    }

    /**
     * Says that images are [N, H, W, C], where the file does not.
     *
     * @return a new description
     */
    public OnnxBackbone channelsLast() {
        return with(next -> next.inputChannelsLast = true);
    }

    /**
     * Says how the features of images lie, [N, H, W, C] or [N, C, H, W].
     *
     * @param last whether channels are last; default: as in the input
     * @return a new description
     */
    public OnnxBackbone outputChannelsLast(boolean last) {
        return with(next -> next.outputChannelsLast = Optional.of(last));
    }

    /**
     * Sets the backbone's own input size, where the model takes any.
     *
     * @param height pixels, 1 or more; default 224
     * @param width pixels, 1 or more; default 224
     * @return a new description
     */
    public OnnxBackbone inputSize(int height, int width) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("an input is 1x1 or larger, got " + height + "x" + width);
        }
        return with(next -> next.size = Optional.of(Shape.of(3, height, width)));
    }

    /**
     * Names the terms of the model's weights, which go into the files of classifiers.
     *
     * @param text licence and attribution
     * @return a new description
     */
    public OnnxBackbone licence(String text) {
        return with(next -> next.licence = Optional.of(text));
    }

    /**
     * Leaves the weights in the model's own files. A saved classifier is small then: it has the names, sizes and SHA-256 of the
     * files, and is loaded where they lie beside it, or by {@link org.transfer4j.ImageClassifier#load(Path, Path)}; a file that is
     * missing or was changed is an error. Default: all goes into the file of a saved classifier.
     *
     * @return a new description
     */
    public OnnxBackbone weightsOutside() {
        return with(next -> next.weightsOutside = true);
    }

    private OnnxBackbone with(Consumer<Settings> change) {
        Settings next = settings.copy();
        change.accept(next);
        return new OnnxBackbone(file, graph, places, next);
    }

    /**
     * Where the model is best ended, for {@link #output}: the sums that end its blocks, or, where it has none, other ends of
     * blocks; all that comes above passes through each of them.
     *
     * @return names from the lowest up; empty where none was found
     */
    public List<String> cutPoints() {
        return graph.cutPoints(Optional.empty());
    }

    /**
     * Makes the backbone: ends the model at the output, and runs it on an image of noise, to see what it gives.
     *
     * @param preprocessing what the model's weights were trained with, which no ONNX file says: for most of timm and torchvision
     *     {@link ImagePreprocessing#torch()}; {@code preprocessor_config.json} of transformers has mean and deviation
     * @return the backbone, named after the file
     * @throws IllegalArgumentException if what was said does not fit the model, or it does not give features of images: the
     *     message says which rule it breaks
     * @throws ModelFileException if ONNX Runtime does not take the model, such as for its opset
     * @throws org.transfer4j.error.MemoryLimitException if it needs more memory than {@code transfer4j.memory} allows
     */
    public Backbone backbone(ImagePreprocessing preprocessing) {
        Objects.requireNonNull(preprocessing, "preprocessing");
        FirstUse.ND4J.start();
        return named(() -> {
            String output = graph.output(settings.output);
            ModelGraph.ImageInput input = graph.input(output, settings.input, settings.inputChannelsLast);
            if (input.batch() > OnnxRuntimeEngine.MOST_IMAGES) {
                throw new IllegalArgumentException("takes " + input.batch() + " images at once alone, at most "
                        + OnnxRuntimeEngine.MOST_IMAGES + " are run: export it with a free batch, or a smaller one");
            }
            Shape images = images(input);
            Features features = features(output, input, images);
            OnnxTopology topology = new OnnxTopology(
                    features.model,
                    weights(output),
                    features.input,
                    settings.licence.orElse(null),
                    settings.weightsOutside ? outline(features.model) : null);
            Shape shape = topology.network(images.height(), images.width()).shape(OnnxTopology.LAYER);
            Backbone.Builder builder = Backbone.builder(name(), topology)
                    .inputSize(images.height(), images.width())
                    .preprocessing(preprocessing)
                    .defaultHead(shape.isPixel() ? Head.flatten() : Head.globalAveragePooling());
            settings.licence.ifPresent(builder::licence);
            return builder.build();
        });
    }

    private OutsideWeights.Outline outline(INDArray model) {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file is in a folder");
        return OutsideWeights.of(model, places, folder);
    }

    /** The model's bytes, and its input, whose batch may turn out to be one. */
    private record Features(INDArray model, ModelGraph.ImageInput input) {}

    private Features features(String output, ModelGraph.ImageInput input, Shape images) {
        ModelProto part = FeatureModel.raw(graph, output, input);
        ComputedSizes.require(file, part, ComputedSizes.shape(images, Math.max(1, input.batch())));
        INDArray raw = ModelBytes.of(part);
        try (raw;
                SharedSession.Lease lease = lease(raw)) {
            long batch = input.batch();
            if (batch == 0
                    && (ComputedSizes.batch(part, 2, images) == 1 || !Probe.takesSeveral(lease.session(), images))) {
                batch = 1;
            }
            ModelGraph.ImageInput known = input.withBatch(batch);
            long[] shape =
                    Probe.run(lease.session(), images, Math.max(1, batch)).shape();
            if (shape.length < 2 || shape.length > 4) {
                throw new IllegalArgumentException("gives " + shape.length + " dimensions at \"" + output
                        + "\", which are no features: it must be [N, C, H, W], [N, D] or tokens [N, T, D]");
            }
            int prefix = shape.length == 3 ? prefix(shape[1], images) : 0;
            ModelProto whole = FeatureModel.of(
                    graph,
                    output,
                    known,
                    shape.length,
                    settings.outputChannelsLast.orElse(input.channelsLast()),
                    tokens(prefix),
                    prefix);
            return new Features(ModelBytes.of(whole), known);
        }
    }

    private SharedSession.Lease lease(INDArray model) {
        try {
            return SharedSession.lease(ModelBytes.sha256(model), model);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(file, "can't be run: " + e.getMessage(), e);
        }
    }

    private Shape images(ModelGraph.ImageInput input) {
        Shape wanted = settings.size.orElse(Shape.of(3, DEFAULT_SIDE, DEFAULT_SIDE));
        long height = input.height() > 0 ? input.height() : wanted.height();
        long width = input.width() > 0 ? input.width() : wanted.width();
        if (settings.size.isPresent()) {
            height = wanted.height();
            width = wanted.width();
        }
        input.require(height, width);
        return Shape.of(3, height, width);
    }

    private Tokens tokens(int prefix) {
        Tokens chosen = settings.tokens.orElse(prefix > 0 ? Tokens.CLASS_AND_MEAN : Tokens.MEAN);
        if (prefix == 0 && chosen != Tokens.MEAN) {
            throw new IllegalArgumentException("has no token before those of its patches: Tokens.MEAN is all there is");
        }
        return chosen;
    }

    /** The least number of tokens that are left where the patches of some size are taken off. */
    private int prefix(long tokens, Shape images) {
        if (settings.prefix.isPresent()) {
            if (settings.prefix.get() >= tokens) {
                throw new IllegalArgumentException(
                        "has " + tokens + " tokens, of which " + settings.prefix.get() + " can't stand before patches");
            }
            return settings.prefix.get();
        }
        for (int patch = 1; patch <= Math.min(images.height(), images.width()); patch++) {
            if (images.height() % patch == 0 && images.width() % patch == 0) {
                long left = tokens - (long) (images.height() / patch) * (images.width() / patch);
                // patches grow: the first that leaves none too few leaves the least
                if (left >= 0 && left < MOST_PREFIX) {
                    return (int) left;
                }
            }
        }
        throw new IllegalArgumentException("gives " + tokens + " values [N, T, D] for an image of " + images.height()
                + "x"
                + images.width() + ", which are no patches: if they are tokens, prefixTokens(...) says how many stand"
                + " before the patches");
    }

    private static final int MOST_PREFIX = 17;

    private long weights(String output) {
        return graph.weights(graph.upTo(output)).stream()
                .filter(Tensors::isFloat)
                .mapToLong(Tensors::elements)
                .sum();
    }

    private String name() {
        String name = file.getFileName().toString();
        return name.endsWith(".onnx") && name.length() > ".onnx".length()
                ? name.substring(0, name.length() - ".onnx".length())
                : name;
    }

    /** Errors name the file. */
    private <T> T named(Supplier<T> step) {
        try {
            return step.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file.getFileName() + " " + e.getMessage(), e);
        }
    }
}
