package org.transfer4j.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.OnnxModel;

class OnnxExportTest {
    private static final int SIDE = 8;

    @TempDir
    Path folder;

    private static ComputationGraph network(Layer... layers) {
        return Networks.layers(SIDE, SIDE, layers);
    }

    private static ComputationGraph classifier() {
        return network(
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(Activation.RELU6)
                        .build(),
                new BatchNormalization(),
                new DenseLayer.Builder().nOut(6).activation(Activation.SWISH).build(),
                new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build());
    }

    private static OnnxExport.Contents contents(ComputationGraph network, int opset) {
        return OnnxParity.contents(network, SIDE, SIDE, ImagePreprocessing.caffe(), opset);
    }

    private static OnnxExport.Contents contents(ComputationGraph network) {
        return contents(network, Opset.DEFAULT);
    }

    @Test
    void itIsReadBackFromAFile() throws Exception {
        ComputationGraph network = classifier();
        Path file = folder.resolve("model.onnx");

        OnnxExport.write(file, contents(network));

        assertThat(file).hasBinaryContent(OnnxParity.bytes(contents(network)));
        INDArray images = Networks.images(3, SIDE, SIDE).mul(100);
        INDArray expected = network.outputSingle(ImagePreprocessing.none().apply(mapped(images)));
        try (OnnxModel model = OnnxModel.load(file)) {
            assertThat(model.run(images).sub(expected).amaxNumber().doubleValue())
                    .isLessThan(1e-5);
            assertThat(model.inputShape()).containsExactly(-1, 3, SIDE, SIDE);
            assertThat(model.outputShape()).containsExactly(-1, 2);
            assertThat(model.producer()).isEqualTo("transfer4j");
        }
    }

    /** What {@code caffe()} does, for values that are no pixels. */
    private static INDArray mapped(INDArray images) {
        INDArray mapped = images.dup();
        for (long image = 0; image < images.size(0); image++) {
            for (int channel = 0; channel < 3; channel++) {
                int source = ImagePreprocessing.caffe().sourceChannel(channel);
                mapped.slice(image)
                        .slice(channel)
                        .assign(images.slice(image)
                                .slice(source)
                                .add(ImagePreprocessing.caffe().apply(channel, 0)));
            }
        }
        return mapped;
    }

    @ParameterizedTest
    @CsvSource({"13, 7", "14, 7", "15, 8", "16, 8", "17, 8"})
    void everyVersionComputesTheSame(int opset, long formatVersion) throws Exception {
        ComputationGraph network = classifier();
        byte[] bytes = OnnxParity.bytes(contents(network, opset));

        ModelProto model = ModelProto.parseFrom(bytes);
        assertThat(model.getIrVersion()).isEqualTo(formatVersion);
        assertThat(model.getOpsetImportList()).singleElement().satisfies(operators -> {
            assertThat(operators.getDomain()).isEmpty();
            assertThat(operators.getVersion()).isEqualTo(opset);
        });
        INDArray images = Networks.images(2, SIDE, SIDE);
        try (OnnxModel loaded = OnnxModel.of(bytes);
                OnnxModel oldest = OnnxModel.of(OnnxParity.bytes(contents(network)))) {
            assertThat(loaded.run(images)).isEqualTo(oldest.run(images));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 12, 18})
    void otherVersionsAreRefused(int opset) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Opset.require(opset))
                .withMessage("the opset must be one from 13 to 17, got " + opset);
    }

    @Test
    void theGraphReadsWell() throws IOException {
        GraphProto graph =
                ModelProto.parseFrom(OnnxParity.bytes(contents(classifier()))).getGraph();

        assertThat(graph.getNodeList().stream().map(NodeProto::getName))
                .containsExactly(
                        "preprocessing/Gather",
                        "preprocessing/Add",
                        "layer1/Conv",
                        "layer1/Clip",
                        "layer2/BatchNormalization",
                        "layer3/Flatten",
                        "layer3/Gemm",
                        "layer3/Sigmoid",
                        "layer3/Mul",
                        "layer4/Gemm",
                        "layer4/Softmax");
        assertThat(graph.getInitializerList().stream().map(TensorProto::getName))
                .contains("layer1/W", "layer1/b", "layer2/gamma", "layer2/var", "layer4/W");
        assertThat(graph.getInput(0).getName()).isEqualTo("images");
        assertThat(graph.getInput(0).getDocString()).contains("RGB", "0..255", "8x8");
        assertThat(graph.getOutput(0).getName()).isEqualTo("probabilities");
    }

    @Test
    void metadataSaysHowToUseIt() throws Exception {
        OnnxExport.Contents contents = contents(classifier());
        try (OnnxModel model = OnnxModel.of(OnnxParity.bytes(new OnnxExport.Contents(
                contents.libraryVersion(),
                contents.backbone(),
                contents.network(),
                contents.parameters(),
                contents.preprocessing(),
                false,
                List.of("cat, \"wild\"", "Käfer \u732b"),
                Opset.DEFAULT,
                1,
                Map.of(),
                false)))) {
            Map<String, String> metadata = model.metadata();

            assertThat(metadata)
                    .containsEntry("labels", "[\"cat, \\\"wild\\\"\",\"Käfer \u732b\"]")
                    .containsEntry("output_activation", "softmax")
                    .containsEntry("preprocessing_included", "false")
                    .containsEntry("backbone", "test")
                    .containsOnlyKeys(
                            "labels",
                            "output_activation",
                            "input",
                            "preprocessing",
                            "preprocessing_included",
                            "backbone");
            assertThat(ImagePreprocessing.fromJson(metadata.get("preprocessing")))
                    .isEqualTo(ImagePreprocessing.caffe());
            assertThat(metadata.get("input")).contains("BGR", "[N, 3, 8, 8]", "not part of the model");
        }
    }

    @Test
    void labelsThatDoNotExcludeEachOtherAreSaid() throws Exception {
        ComputationGraph network = network(new OutputLayer.Builder(LossFunctions.LossFunction.XENT)
                .nOut(2)
                .activation(Activation.SIGMOID)
                .build());
        try (OnnxModel model = OnnxModel.of(OnnxParity.bytes(contents(network)))) {
            assertThat(model.metadata()).containsEntry("output_activation", "sigmoid");
        }
    }

    @Test
    void theSameNetworkGivesTheSameBytes() {
        assertThat(OnnxParity.bytes(contents(classifier()))).isEqualTo(OnnxParity.bytes(contents(classifier())));
    }

    @Test
    void exportLeavesTheNetworkAlone() {
        ComputationGraph network = classifier();
        INDArray before = network.params().dup();

        OnnxExport.write(folder.resolve("model.onnx"), contents(network));

        assertThat(network.params()).isEqualTo(before);
        assertThat(network.outputSingle(Networks.images(1, SIDE, SIDE)).isNaN().any())
                .isFalse();
    }

    @Test
    void anUnknownLayerLeavesNoFile() throws IOException {
        Path file = folder.resolve("model.onnx");
        Files.writeString(file, "old");
        OnnxExport.Contents contents = contents(network(new LocalResponseNormalization()));

        assertThatThrownBy(() -> OnnxExport.write(file, contents))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage(
                        "the network can't be exported to ONNX: layer \"layer1\" (LocalResponseNormalization) is of a"
                                + " kind that is not known here");
        assertThat(names()).containsExactly("model.onnx");
        assertThat(file).hasContent("old");
    }

    @Test
    void aMissingFolderIsSaid() {
        Path file = folder.resolve("missing").resolve("model.onnx");

        assertThatThrownBy(() -> OnnxExport.write(file, contents(classifier())))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("Can't write the ONNX model " + file + ": ")
                .hasMessageContaining("the folder must exist");
    }

    @Test
    void aFullDiskLeavesTheOldFile() throws IOException {
        Configuration small = Configuration.unix().toBuilder()
                .setBlockSize(64)
                .setMaxSize(2_048)
                .build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path file = disk.getPath("model.onnx").toAbsolutePath();
            Files.writeString(file, "old");

            assertThatThrownBy(() -> OnnxExport.write(file, contents(classifier())))
                    .isInstanceOf(UncheckedIOException.class);

            assertThat(Files.readString(file)).isEqualTo("old");
            try (Stream<Path> entries = Files.list(file.getParent())) {
                assertThat(entries).containsExactly(file);
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatCode(() -> OnnxExport.requireRoom(532_676_607)).doesNotThrowAnyException();
        assertThatThrownBy(() -> OnnxExport.requireRoom(532_676_608))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("less than 2 GiB, room for 532676607 weights, but the network has 532676608");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
