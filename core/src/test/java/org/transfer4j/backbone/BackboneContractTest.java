package org.transfer4j.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.WeightsException;
import org.transfer4j.head.Head;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.safetensors.SafetensorsFile;
import org.transfer4j.internal.format.safetensors.SafetensorsFile.WeightsOrigin;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.onnx.OnnxParity;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Backbones;
import org.transfer4j.testing.Bits;
import org.transfer4j.testing.Dl4jGraphs;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.PublishedNetworks;
import org.transfer4j.testing.RelativeL2;
import org.transfer4j.testing.TorchWeightsFile;
import org.transfer4j.training.EpochRecord;

/**
 * What every backbone of the library must do. A new one is found by itself, and has its line in the table of what is known of
 * it from elsewhere. What computes is a quarter as wide as the backbone, with all of its layers; at full width their features
 * are compared with those of Keras and PyTorch.
 */
class BackboneContractTest {
    private static final int HEIGHT = 40;
    private static final int WIDTH = 33;

    /** What kernels are multiplied by: with wider ones many blocks make a large error, or loss, of each rounding. */
    private static final double FACTOR = 0.5;

    /** The modules above the last images, in torchvision's and timm's networks. */
    private static final List<String> TOPS =
            List.of("fc", "head.", "classifier", "pre_logits", "conv_head", "norm_head", "final_conv");

    /**
     * What others say of a backbone.
     *
     * @param parameters as many as the publisher counts below the top, with running means and variances
     * @param features of an image of 224x201
     * @param published the names that it has in the tables of published networks
     */
    record Known(String method, long parameters, Shape features, List<String> published) {
        @Override
        public String toString() {
            return method;
        }
    }

    private static Known known(String method, long parameters, int channels, int height, int width, String... names) {
        return new Known(method, parameters, Shape.of(channels, height, width), List.of(names));
    }

    // Keras' numbers are those of model.summary(), EfficientNet's less 7 of its preprocessing; torchvision's and timm's
    // are of
    // their own tables, less the top, and the running means and variances
    static final List<Known> KNOWN = List.of(
            known("vgg16", 14_714_688, 512, 7, 6, "VGG16 | Keras", "VGG-16 | timm", "VGG-16 | torchvision"),
            known("vgg19", 20_024_384, 512, 7, 6, "VGG19 | Keras", "VGG-19 | timm"),
            known(
                    "vgg16BatchNorm",
                    138_365_992 - 123_642_856 + 8_448,
                    512,
                    7,
                    6,
                    "VGG-16 with batch normalization | timm",
                    "VGG-16 with batch normalization | torchvision"),
            known("resNet50", 23_587_712, 2048, 7, 7, "ResNet50 | Keras"),
            known(
                    "resNet50V15",
                    25_557_032 - 2_049_000 + 53_120,
                    2048,
                    7,
                    7,
                    "ResNet-50 v1.5 | timm",
                    "ResNet-50 v1.5 | torchvision"),
            known("resNet101V15", 44_549_160 - 2_049_000 + 105_344, 2048, 7, 7, "ResNet-101 v1.5 | timm"),
            known("resNet152V15", 60_192_808 - 2_049_000 + 151_424, 2048, 7, 7, "ResNet-152 v1.5 | timm"),
            known("resNeXt50", 25_028_904 - 2_049_000 + 68_224, 2048, 7, 7, "ResNeXt-50 32x4d | timm"),
            known("resNet18", 11_689_512 - 513_000 + 9_600, 512, 7, 7, "ResNet-18 | timm", "ResNet-18 | torchvision"),
            known("resNet34", 21_797_672 - 513_000 + 17_024, 512, 7, 7, "ResNet-34 | timm"),
            known("mobileNetV2", 2_257_984, 1280, 7, 7, "MobileNetV2 | Keras"),
            known(
                    "mobileNetV2Torch",
                    3_504_872 - 1_281_000 + 34_112,
                    1280,
                    7,
                    7,
                    "MobileNetV2 | timm",
                    "MobileNetV2 | torchvision"),
            // with a convolution above the pooling, that is a part of the top
            known(
                    "mobileNetV3Large",
                    5_483_032 - 1_281_000 - 961 * 1280 + 24_400,
                    960,
                    7,
                    7,
                    "MobileNetV3Large | Keras",
                    "MobileNetV3-Large | timm"),
            known(
                    "mobileNetV3LargeTorch",
                    5_483_032 - 1_281_000 - 961 * 1280 + 24_400,
                    960,
                    7,
                    7,
                    "MobileNetV3-Large | timm"),
            known(
                    "mobileNetV4ConvSmall",
                    3_774_024 - 1_281_000 - 962 * 1280 + 22_528,
                    960,
                    7,
                    7,
                    "MobileNetV4-conv-small | timm"),
            known(
                    "mobileNetV4ConvMedium",
                    9_715_512 - 1_281_000 - 962 * 1280 + 65_344,
                    960,
                    7,
                    7,
                    "MobileNetV4-conv-medium | timm"),
            known("efficientNetB0", 4_049_571 - 7, 1280, 7, 7, "EfficientNetB0 | Keras", "EfficientNet-B0 | timm"),
            known(
                    "efficientNetB0Torch",
                    5_288_548 - 1_281_000 + 42_016,
                    1280,
                    7,
                    7,
                    "EfficientNet-B0 | timm",
                    "EfficientNet-B0 | torchvision"),
            known(
                    "efficientNetV2B0",
                    7_139_704 - 1_281_000 + 60_608,
                    1280,
                    7,
                    7,
                    "EfficientNetV2B0 | Keras",
                    "EfficientNetV2-B0 | timm"),
            known(
                    "efficientNetV2S",
                    21_458_488 - 1_281_000 + 153_872,
                    1280,
                    7,
                    7,
                    "EfficientNetV2S | Keras",
                    "EfficientNetV2-S | timm"),
            known(
                    "denseNet121",
                    7_037_504,
                    1024,
                    7,
                    6,
                    "DenseNet121 | Keras",
                    "DenseNet-121 | timm",
                    "DenseNet-121 | torchvision"),
            known(
                    "regNetY016",
                    11_202_430 - 889_000 + 52_672,
                    888,
                    7,
                    7,
                    "RegNetY-1.6GF | timm",
                    "RegNetY-1.6GF | torchvision"),
            known("hgNetV2B0", 5_996_550 - 2_049_000 - 2048 * 1024 - 2 + 12_272, 1024, 7, 7, "HGNetV2-B0 | timm"),
            known("hgNetV2B4", 19_796_680 - 2_049_000 - 2048 * 2048 + 45_696, 2048, 7, 7, "HGNetV2-B4 | timm"),
            known("tinyVgg", 503_824, 128, 28, 25),
            known("tinyResNet", 1_451_680, 512, 28, 26));

    private static Network whole(String method, int height, int width) {
        return SizedBackbone.of(Backbones.named(method), height, width).network();
    }

    @Test
    void eachHasItsLine() {
        assertThat(KNOWN.stream().map(Known::method))
                .containsExactlyInAnyOrderElementsOf(Backbones.all().toList());
    }

    @ParameterizedTest
    @FieldSource("KNOWN")
    void parametersAndFeaturesAreAsMany(Known known) {
        Network network = whole(known.method(), 224, 201);
        assertThat(network.parameterCount()).isEqualTo(known.parameters());
        assertThat(network.shape(network.output())).isEqualTo(known.features());
        int least = Backbones.named(known.method()).minimumSize();
        Network smallest = whole(known.method(), least, least);
        assertThat(smallest.shape(smallest.output()).channels())
                .isEqualTo(known.features().channels());
    }

    @ParameterizedTest
    @MethodSource("org.transfer4j.testing.Backbones#all")
    void itSaysUnderWhichTermsItsWeightsAre(String method) {
        Backbone backbone = Backbones.named(method);
        assertThat(backbone.licence().orElseThrow())
                .containsPattern("Apache License 2.0|BSD 3-Clause|MIT licence|CC BY 4.0");
        assertThat(backbone.upTo(backbone.cutPoints().get(0)).licence()).isEqualTo(backbone.licence());
    }

    /** Each layer with weights is in the publisher's network, in its shapes, and what is more there is the top. */
    @ParameterizedTest
    @FieldSource("KNOWN")
    void layersHaveTheNamesAndShapesOfThePublishedNetworks(Known known) {
        Network network = whole(known.method(), 64, 64);
        List<Map<String, String>> unused =
                new ArrayList<>(Backbones.named(known.method()).torchNames());
        for (String name : known.published()) {
            boolean keras = name.endsWith("Keras");
            List<Map<String, String>> tables =
                    keras ? List.of(Map.of()) : Backbones.named(known.method()).torchNames();
            List<Map<String, String>> fitting = tables.stream()
                    .filter(table -> {
                        Map<String, List<String>> ours = layers(network, table, keras);
                        return ours.equals(published(name, keras, ours.keySet()));
                    })
                    .toList();
            assertThat(fitting)
                    .as("%s, else %s", name, layers(network, tables.get(0), keras))
                    .isNotEmpty();
            unused.removeAll(fitting);
        }
        assertThat(unused).as("tables that no published network fits").isEmpty();
    }

    private static Map<String, List<String>> layers(Network network, Map<String, String> names, boolean keras) {
        return network.layers().entrySet().stream()
                .filter(layer -> Network.parameterCount(layer.getValue()) > 0)
                .collect(Collectors.toMap(
                        layer -> names.getOrDefault(layer.getKey(), layer.getKey()),
                        layer -> layer.getValue().stream()
                                .flatMap(node -> node.op().parameters().values().stream()
                                        .map(shape -> keras ? inKeras(shape, node.op()) : shape.toArray()))
                                .map(Arrays::toString)
                                .sorted()
                                .toList()));
    }

    private static long[] inKeras(Shape shape, Op op) {
        long[] sizes = shape.toArray();
        if (sizes.length < 4) {
            return sizes;
        }
        return op instanceof Op.Convolution convolution && convolution.isDepthwise()
                ? new long[] {sizes[2], sizes[3], sizes[0], sizes[1]}
                : new long[] {sizes[2], sizes[3], sizes[1], sizes[0]};
    }

    private static Map<String, List<String>> published(String name, boolean keras, Set<String> ours) {
        Map<String, List<long[]>> layers =
                PublishedNetworks.in(keras ? "keras" : "torch").get(name);
        assertThat(layers).as(name).isNotNull();
        return layers.entrySet().stream()
                .filter(layer -> ours.contains(layer.getKey()) || TOPS.stream().noneMatch(layer.getKey()::startsWith))
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        layer -> layer.getValue().stream()
                                .map(Arrays::toString)
                                .sorted()
                                .toList()));
    }

    /** Both parts together are the whole at the end of every block, the last of which is the network's. */
    @ParameterizedTest
    @MethodSource("org.transfer4j.testing.Backbones#all")
    void itCanBeCutAtTheEndOfEveryBlock(String method) {
        Backbone backbone = Backbones.named(method);
        assertThat(backbone.cutPoints()).last().isEqualTo(whole(method, 64, 64).output());
        for (String end : backbone.cutPoints()) {
            NetworkPlan plan = NetworkPlan.of(backbone, 64, 64, Head.globalAveragePooling(), 3, Freeze.upTo(end));
            Set<String> trunk = plan.trunk().orElseThrow().layers().keySet();
            Set<String> tail = plan.tail().layers().keySet();
            Set<String> both = new HashSet<>(trunk);
            both.addAll(tail);
            assertThat(both).isEqualTo(plan.network().layers().keySet());
            assertThat(trunk).doesNotContainAnyElementsOf(tail).contains(end);
            assertThat(plan.tail().input()).isEqualTo(plan.cut().orElseThrow());
            assertThat(plan.featureShape())
                    .isEqualTo(plan.network().shape(plan.tail().input()).toArray());
        }
    }

    /** As the reference has it: on oneDNN, in ONNX Runtime, and on DL4J unless that refuses a layer by its name. */
    @ParameterizedTest
    @MethodSource("org.transfer4j.testing.Backbones#all")
    void everyEngineComputesTheSame(String method) throws OrtException {
        WeightedNetwork network =
                filled(SizedBackbone.of(Backbones.narrow(method), HEIGHT, WIDTH).network());
        INDArray images = images(2);
        try (Trunk reference = TrunkCompiler.inJava(network);
                Trunk compiled = TrunkCompiler.compile(network, Precision.FLOAT32)) {
            INDArray expected = reference.infer(images);
            assertThat(compiled.engine()).startsWith(OneDnn.available() ? "oneDNN" : "");
            assertSame("oneDNN", compiled.infer(images), expected);
            assertSame("ONNX Runtime", OnnxParity.features(network, images), expected);
            if (Backbones.UNSAID_BY_DL4J.contains(method)) {
                assertThatThrownBy(() -> TrunkCompiler.onDl4j(network))
                        .hasMessageMatching("layer '.*' \\(.*\\): DL4J can't compute .*");
            } else {
                try (Trunk onDl4j = TrunkCompiler.onDl4j(network)) {
                    assertSame("DL4J", onDl4j.infer(images), expected);
                }
            }
        }
    }

    private static void assertSame(String engine, INDArray features, INDArray expected) {
        assertThat(RelativeL2.worst(features, expected)).as(engine).isLessThan(1e-4);
    }

    /** With a normalization that is not the identity, and biases. */
    private static WeightedNetwork filled(Network network) {
        WeightedNetwork filled = Dl4jGraphs.filled(network, 7);
        SplittableRandom random = new SplittableRandom(3);
        filled.parameters()
                .values()
                .forEach(layer -> layer.forEach((name, value) -> {
                    if (value.rank() == 4) {
                        value.muli(FACTOR);
                    }
                    double spread = name.equals("gamma") || name.equals("var") ? 0.25 : 0.1;
                    if (value.rank() < 4) {
                        float[] change = new float[(int) value.length()];
                        for (int i = 0; i < change.length; i++) {
                            change[i] = (float) (random.nextDouble(-1, 1) * spread);
                        }
                        value.addi(Nd4j.createFromArray(change).reshape(value.shape()));
                    }
                }));
        return filled;
    }

    private static INDArray images(int count) {
        SplittableRandom random = new SplittableRandom(5);
        float[] pixels = new float[count * 3 * HEIGHT * WIDTH];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextDouble(-2, 2);
        }
        return Nd4j.createFromArray(pixels).reshape(count, 3, HEIGHT, WIDTH);
    }

    /** Frozen at the end of a block in the middle, and wholly: one step of training lowers the loss. */
    @ParameterizedTest
    @MethodSource("org.transfer4j.testing.Backbones#all")
    void itIsTrainedSavedAndLoaded(String method, @TempDir Path folder) {
        ImageDataset data = Pictures.dataset(8);
        Backbone backbone = Backbones.narrow(method);
        // timm's variants of one network are told apart by the name
        Path weights = TorchWeightsFile.of(
                folder.resolve("efficientnet.safetensors"),
                SizedBackbone.of(backbone, 32, 32).network(),
                Map.of(),
                FACTOR);
        TransferLearner learner = TransferLearner.of(backbone)
                .weights(Weights.file(weights))
                .preprocessing(ImagePreprocessing.torch())
                .inputSize(32, 32)
                .head(Head.globalAveragePooling())
                .optimizer(new Sgd(0.01))
                .epochs(2)
                .batchSize(8);
        List<String> ends = backbone.cutPoints();
        if (OneDnn.available() || !Backbones.UNSAID_BY_DL4J.contains(method)) {
            isLearned(learner.freezeUpTo(ends.get(ends.size() / 2)), data, folder.resolve("middle.t4j"));
        }
        isLearned(learner.freezeAll(), data, folder.resolve("all.t4j"));
    }

    /** What a backbone has learned is read by the same backbone, whatever PyTorch calls its layers. */
    @ParameterizedTest
    @MethodSource("org.transfer4j.testing.Backbones#all")
    void itReadsItsOwnSavedWeights(String method, @TempDir Path folder) {
        ImageDataset data = Pictures.dataset(4);
        Path weights = folder.resolve("learned.safetensors");
        TransferLearner learner = TransferLearner.of(Backbones.narrow(method))
                .weights(Weights.random())
                .inputSize(32, 32)
                .head(Head.globalAveragePooling())
                .epochs(1);
        try (ImageClassifier classifier = learner.fit(data)) {
            classifier.saveBackboneWeights(weights);
        }
        assertThat(Bits.of(learner.weights(Weights.file(weights)).features(data)))
                .isEqualTo(Bits.of(learner.features(data)));
    }

    /** The larger network has all layers of the smaller one, in their shapes, and others between them. */
    @ParameterizedTest
    @CsvSource({
        "vgg19, vgg16, block3_conv4",
        "vgg16BatchNorm, vgg16, block1_conv1_bn",
        "resNet34, resNet18, conv2_block3_1_conv",
        "resNet101V15, resNet50V15, conv4_block7_1_conv"
    })
    void itRefusesWhatALargerNetworkHasLearned(String larger, String method, String extra, @TempDir Path folder) {
        Path weights = folder.resolve("learned.safetensors");
        Network learned = SizedBackbone.of(Backbones.narrow(larger), 32, 32).network();
        SafetensorsFile.write(
                weights,
                NetworkLayers.of(learned, learned, List.of()),
                filled(learned).parameters(),
                StoredPrecision.FLOAT32,
                new WeightsOrigin("1.0", Optional.empty()));
        TransferLearner learner = TransferLearner.of(Backbones.narrow(method))
                .weights(Weights.file(weights))
                .inputSize(32, 32);

        assertThatThrownBy(() -> learner.features(Pictures.dataset(2)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("not in the network: " + extra);
    }

    private static void isLearned(TransferLearner learner, ImageDataset data, Path file) {
        List<Double> expected;
        try (ImageClassifier classifier = learner.fit(data)) {
            List<Double> losses = classifier.history().epochs().stream()
                    .map(EpochRecord::loss)
                    .toList();
            assertThat(losses.get(1)).isLessThan(losses.get(0));
            expected = probabilities(classifier, data).toList();
            classifier.save(file);
        }
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            assertThat(probabilities(loaded, data).toList()).isEqualTo(expected);
        }
    }

    private static Stream<Double> probabilities(ImageClassifier classifier, ImageDataset data) {
        return classifier.predict(data).stream()
                .flatMap(prediction -> prediction.top(2).stream())
                .map(score -> score.probability());
    }
}
