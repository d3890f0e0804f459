package org.transfer4j.internal.fitted;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.head.Head;
import org.transfer4j.head.HeadLayer;
import org.transfer4j.internal.cache.FeatureSpace;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.format.modelfile.ExtractorArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.NetworkDescription;
import org.transfer4j.internal.format.modelfile.TopologyJson;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * Frozen layers that are ready to compute, with what is done to images before; safe from several threads. Owns weights and
 * trunk.
 */
public final class Extractor implements AutoCloseable {
    private final String backbone;
    private final int height;
    private final int width;
    private final ImagePreprocessing preprocessing;
    private final Precision precision;
    private final AlgorithmChoices algorithms;
    private final WeightedNetwork frozen;
    private final Trunk trunk;
    private final Trunk passes;
    private final ImageConverter converter;

    private Extractor(
            String backbone,
            ImagePreprocessing preprocessing,
            Precision precision,
            WeightedNetwork frozen,
            AlgorithmChoices algorithms) {
        this.backbone = backbone;
        this.height = frozen.network().inputShape().height();
        this.width = frozen.network().inputShape().width();
        this.preprocessing = preprocessing;
        this.precision = precision;
        this.algorithms = algorithms;
        this.frozen = frozen;
        this.trunk = TrunkCompiler.compile(frozen, precision, algorithms);
        this.passes = trunk.forPasses(PlacedImages.MOST);
        this.converter = new ImageConverter(height, width, preprocessing);
    }

    /**
     * Loads weights and compiles.
     *
     * @throws IllegalArgumentException if no layer is frozen
     */
    public static Extractor of(Settings settings) {
        NativeThreads.applyToNd4j();
        Settings.NetworkSettings network = settings.network();
        Network part = readByHead(network)
                .orElseThrow(() -> new IllegalArgumentException(
                        "a feature extractor needs frozen layers, but " + network.freeze() + " was asked for"));
        return NativeMemory.guarded(() -> {
            NetworkSize.of(part).requireMemory(null, network.height(), network.width());
            WeightedNetwork frozen =
                    BackboneParameters.of(network, settings.data()).fill(part);
            return new Extractor(
                    network.backbone().name(),
                    settings.data().preprocessing(),
                    network.precision(),
                    frozen,
                    network.algorithms());
        });
    }

    /** The frozen layers up to what a head reads, empty where none is frozen: flattened or averaged as the head has it. */
    public static Optional<Network> readByHead(Settings.NetworkSettings network) {
        return network.withHead(bare(network.head())).plan(2).trunk();
    }

    private static Head bare(Head head) {
        return head.layers().get(0) instanceof HeadLayer.GlobalAveragePooling
                ? Head.globalAveragePooling()
                : Head.flatten();
    }

    /** Reads what {@link #write} wrote. */
    public static Extractor read(Path file) {
        NativeMemory.apply();
        NativeThreads.applyToNd4j();
        return NativeMemory.guarded(() -> {
            Loaded loaded = load(file);
            NetworkDescription description = loaded.contents.network();
            return ModelFile.refusing(
                    file,
                    () -> new Extractor(
                            loaded.contents.backbone(),
                            loaded.preprocessing,
                            description.precision(),
                            loaded.frozen,
                            AlgorithmChoices.TABLE.withRecorded(description.algorithms())));
        });
    }

    /** Reads it as {@link #read(Path)} does, but makes nothing that computes, as {@link ModelFile#check}. */
    public static void check(Path file) {
        NativeMemory.apply();
        NativeMemory.guarded(() -> load(file));
    }

    /** All that a file says. */
    private record Loaded(
            ExtractorArchive.Contents contents, ImagePreprocessing preprocessing, WeightedNetwork frozen) {}

    private static Loaded load(Path file) {
        List<Network> proven = new ArrayList<>(1);
        ExtractorArchive.Contents contents = ExtractorArchive.read(
                file, described -> proven.add(ModelFile.refusing(file, () -> proven(file, described))));
        try {
            return ModelFile.refusing(file, () -> {
                WeightedNetwork frozen = new WeightedNetwork(proven.get(0), ParameterValues.zeros(proven.get(0)));
                ModelFile.fill(file, frozen.parameters(), ModelArchive.byLayer(contents.weights()));
                return new Loaded(contents, ImagePreprocessing.fromJson(contents.preprocessing()), frozen);
            });
        } finally {
            contents.weights().values().forEach(INDArray::close);
        }
    }

    /** What can be known before memory is taken for the weights. */
    private static Network proven(Path file, ExtractorArchive.Contents contents) {
        NetworkDescription description = contents.network();
        Network network = ModelFile.network(file, contents.topology(), description);
        // refuses what it can't be
        ImagePreprocessing.fromJson(contents.preprocessing());
        NetworkSize.of(network).requireMemory(file, description.inputHeight(), description.inputWidth());
        return network;
    }

    /** Writes it into a file, whole or not at all. */
    public void write(Path file) {
        ExtractorArchive.write(
                file,
                new ExtractorArchive.Contents(
                        LibraryVersion.current(),
                        backbone,
                        TopologyJson.write(frozen.network()),
                        new NetworkDescription(
                                height,
                                width,
                                3,
                                Optional.of(frozen.network().output()),
                                List.of(),
                                false,
                                precision,
                                trunk.recordedAlgorithms()),
                        preprocessing.toJson(),
                        ModelFile.flat(frozen.parameters())));
    }

    /** The default training of a head on these layers, which are the whole backbone, and stay this one's. */
    public Settings training() {
        NetworkPlan.Layers layers = NetworkPlan.layers(backbone, frozen, preprocessing);
        Settings settings = Settings.of(layers.backbone());
        return settings.with(settings.network()
                .withHead(layers.head())
                .withPrecision(precision)
                .withAlgorithms(algorithms));
    }

    /** What tells its features from those of others, as the feature cache does it. */
    public FeatureSpace space() {
        return FeatureSpace.of(new FeatureSpace.Recipe(
                backbone, frozen, trunk, new NetworkInput(height, width, preprocessing), LibraryVersion.current()));
    }

    /** How many features an image has. */
    public int length() {
        return Math.toIntExact(Shape.of(trunk.featureShape()).elements());
    }

    /** The features of one image, which is closed here. */
    public float[] features(DecodedImage image) {
        try (PlacedImages one = room(1)) {
            one.put(0, image, "image");
            try (INDArray features = trunk.infer(one.array())) {
                return features.reshape(length()).toFloatVector();
            }
        }
    }

    /** Room for images that are computed together, for the caller to close. */
    public PlacedImages room(int images) {
        return new PlacedImages(images, height, width, converter);
    }

    /** The features of images, each the same bits whichever images are beside it. */
    public float[][] features(PlacedImages images) {
        try (INDArray features = passes.infer(images.array())) {
            return features.reshape(features.size(0), length()).toFloatMatrix();
        }
    }

    /** In one line. */
    @Override
    public String toString() {
        return backbone + " up to " + frozen.network().output() + " at " + height + "x" + width + ", preprocessing "
                + preprocessing + ", " + length() + " features";
    }

    @Override
    public void close() {
        trunk.close();
    }
}
