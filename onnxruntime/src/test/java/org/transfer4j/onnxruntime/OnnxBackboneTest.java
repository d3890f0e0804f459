package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TypeProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;

class OnnxBackboneTest {
    private static final double SAME = 1e-5;

    @ParameterizedTest
    @CsvSource({
        "vit_pooled, 48, 1, 1e-5",
        "vit_external, 48, 1, 1e-5",
        "siglip, 48, 1, 1e-5",
        "swin, 32, 1, 1e-5",
        "convnext, 32, 1, 1e-5",
        "resnet_batch_one, 32, 1, 1e-5",
        "convnext_float16, 32, 1, 1e-2"
    })
    void givesWhatPythonsRuntimeGives(String name, int channels, int side, double tolerance) {
        Backbone backbone = Goldens.model(name).backbone(ImagePreprocessing.torch());
        try (Trunk trunk = Goldens.trunk(backbone)) {
            INDArray features = trunk.infer(Goldens.images());

            assertThat(features.shape()).containsExactly(4, channels, side, side);
            assertThat(Goldens.relativeL2(features, Goldens.array(name + ".npy")))
                    .isLessThan(tolerance);
        }
    }

    @Test
    void turnsImagesOfKerasToItsOwnLayout() {
        Backbone backbone = Goldens.model("keras_nhwc").backbone(ImagePreprocessing.none());
        INDArray expected = Goldens.array("keras_nhwc.npy").permute(0, 3, 1, 2).dup('c');
        try (Trunk trunk = Goldens.trunk(backbone)) {
            INDArray features = trunk.infer(Goldens.images());

            assertThat(features.shape()).containsExactly(4, 16, 8, 8);
            assertThat(Goldens.relativeL2(features, expected)).isLessThan(SAME);
        }
    }

    @ParameterizedTest
    @CsvSource({"vit_tokens, 1", "vit_registers, 5"})
    void takesClassTokenAndMeanOfPatches(String name, int prefix) {
        INDArray tokens = Goldens.array(name + ".npy");
        INDArray first = tokens.get(NDArrayIndex.all(), NDArrayIndex.point(0), NDArrayIndex.all());
        INDArray mean = tokens.get(
                        NDArrayIndex.all(), NDArrayIndex.interval(prefix, tokens.size(1)), NDArrayIndex.all())
                .mean(1);

        assertTokens(Goldens.model(name), Nd4j.concat(1, first, mean));
        assertTokens(Goldens.model(name).tokens(Tokens.CLASS), first);
        assertTokens(Goldens.model(name).tokens(Tokens.MEAN), mean);
        assertTokens(Goldens.model(name).tokens(Tokens.MEAN).prefixTokens(0), tokens.mean(1));
    }

    private static void assertTokens(OnnxBackbone model, INDArray expected) {
        try (Trunk trunk = Goldens.trunk(model.backbone(ImagePreprocessing.torch()))) {
            INDArray features = trunk.infer(Goldens.images());

            assertThat(features.shape()).containsExactly(4, expected.size(1), 1, 1);
            assertThat(Goldens.relativeL2(features, expected)).isLessThan(SAME);
        }
    }

    @Test
    void cutsTheGraphAtAnInnerNode() {
        OnnxBackbone whole = Goldens.model("resnet_batch_one");
        assertThat(whole.cutPoints()).hasSize(4).allMatch(name -> name.endsWith("Add_output_0"));

        Backbone lower = whole.output(whole.cutPoints().get(1)).backbone(ImagePreprocessing.torch());
        try (Trunk trunk = Goldens.trunk(lower)) {
            assertThat(trunk.featureShape()).containsExactly(16, 4, 4);
        }
        assertThat(((OnnxTopology) lower.topology()).network(32, 32).parameterCount())
                .isLessThan(((OnnxTopology)
                                whole.backbone(ImagePreprocessing.torch()).topology())
                        .network(32, 32)
                        .parameterCount());
    }

    /** Such a file names all domains that the runtime has operators of, used or not. */
    @Test
    void takesWhatTheRuntimeOptimizedAndSaved(@TempDir Path folder) throws IOException, OrtException {
        Path saved = folder.resolve("saved.onnx");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
            options.setOptimizedModelFilePath(saved.toString());
            OrtEnvironment.getEnvironment()
                    .createSession(Goldens.path("vit_pooled.onnx").toString(), options)
                    .close();
        }
        assertThat(ModelProto.parseFrom(Files.readAllBytes(saved)).getOpsetImportList())
                .anyMatch(imported -> imported.getDomain().equals("org.pytorch.aten"));
        Backbone backbone =
                OnnxBackbone.of(saved).inputSize(Goldens.SIDE, Goldens.SIDE).backbone(ImagePreprocessing.torch());
        try (Trunk trunk = Goldens.trunk(backbone)) {
            assertThat(Goldens.relativeL2(trunk.infer(Goldens.images()), Goldens.array("vit_pooled.npy")))
                    .isLessThan(SAME);
        }
    }

    @Test
    void cutsATransformerBetweenItsBlocks() {
        OnnxBackbone whole = Goldens.model("vit_pooled");

        assertThat(whole.cutPoints())
                .contains("/blocks/blocks.0/Add_output_0", "/blocks/blocks.0/Add_1_output_0")
                .hasSize(4);
        // tokens of the first block: one of them stands before 16 patches
        try (Trunk trunk =
                Goldens.trunk(whole.output("/blocks/blocks.0/Add_1_output_0").backbone(ImagePreprocessing.torch()))) {
            assertThat(trunk.featureShape()).containsExactly(96, 1, 1);
        }
    }

    @Test
    void takesImagesOfAnySizeWhereTheModelDoes() {
        Backbone backbone = Goldens.model("convnext").backbone(ImagePreprocessing.torch());
        try (Trunk trunk = Goldens.trunk(backbone, 64, 96)) {
            assertThat(trunk.featureShape()).containsExactly(32, 2, 3);
            assertThat(trunk.infer(Nd4j.rand(new int[] {3, 3, 64, 96})).shape()).containsExactly(3, 32, 2, 3);
        }
    }

    @Test
    void givesAnImageTheSameFeaturesInAnyBatch() {
        Backbone backbone = Goldens.model("vit_pooled").backbone(ImagePreprocessing.torch());
        try (Trunk trunk = Goldens.trunk(backbone);
                Trunk passes = trunk.forPasses(32)) {
            INDArray all = passes.infer(Goldens.images());
            for (int i = 0; i < 4; i++) {
                INDArray one = passes.infer(
                        Goldens.images().get(NDArrayIndex.interval(i, i + 1)).dup('c'));
                assertThat(one).isEqualTo(all.get(NDArrayIndex.interval(i, i + 1)));
            }
        }
    }

    @Test
    void refusesOtherSizesThanTheModels() {
        assertThatThrownBy(() -> Goldens.model("vit_pooled").inputSize(40, 40).backbone(ImagePreprocessing.torch()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("vit_pooled.onnx takes images of 32x32 alone, got 40x40: export it with free sizes for"
                        + " others");
        Backbone backbone = Goldens.model("vit_pooled").backbone(ImagePreprocessing.torch());
        assertThatThrownBy(() -> Goldens.trunk(backbone, 33, 33))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("vit_pooled can't take images of 33x33")
                .hasMessageContaining("takes images of 32x32 alone");
    }

    @Test
    void refusesASizeThatThePatchesDoNotDivide(@TempDir Path folder) throws IOException {
        ModelProto.Builder model = Goldens.proto("vit_pooled").toBuilder();
        TypeProto.Tensor.Builder type =
                model.getGraphBuilder().getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder();
        type.getShapeBuilder().getDimBuilder(2).setDimParam("height");
        type.getShapeBuilder().getDimBuilder(3).setDimParam("width");
        Path free = Files.write(folder.resolve("free.onnx"), model.build().toByteArray());

        assertThatThrownBy(() -> OnnxBackbone.of(free).inputSize(32, 36).backbone(ImagePreprocessing.torch()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("free.onnx cuts images into patches of 8x8, which do not divide 32x36");
        Backbone backbone = OnnxBackbone.of(free).inputSize(32, 32).backbone(ImagePreprocessing.torch());
        assertThatThrownBy(() -> Goldens.trunk(backbone, 36, 32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("patches of 8x8, which do not divide 36x32");
    }

    @Test
    void namesWhatThereIsWhereANameIsWrong() {
        assertThatThrownBy(() -> Goldens.model("vit_pooled").output("/blocks.9/Add"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"/blocks.9/Add\"; its outputs are [features]")
                .hasMessageContaining("/blocks/blocks.0/Add_output_0");
        assertThatThrownBy(() -> Goldens.model("vit_pooled").input("image").backbone(ImagePreprocessing.torch()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no input \"image\"")
                .hasMessageContaining("pixel_values float [batch, 3, 32, 32]");
    }

    @Test
    void saysThatTheFileIsMissingOrNone(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> OnnxBackbone.of(folder.resolve("none.onnx")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("There is no file");
        Path text = Files.writeString(folder.resolve("text.onnx"), "no model at all");
        assertThatThrownBy(() -> OnnxBackbone.of(text))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("is no ONNX model");
        Path empty = Files.createFile(folder.resolve("empty.onnx"));
        assertThatThrownBy(() -> OnnxBackbone.of(empty))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("has no graph");
    }

    @Test
    void wantsTheFilesThatAModelKeepsItsWeightsIn(@TempDir Path folder) throws IOException {
        Path alone = Files.copy(Goldens.path("vit_external.onnx"), folder.resolve("vit_external.onnx"));
        assertThatThrownBy(() -> OnnxBackbone.of(alone))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("keeps weights in the file vit_external.data beside it, which is not there");
    }

    /** As the hub's client lays it out: blobs named by their checksums, and links to them. */
    @Test
    void readsAModelThroughTheLinksOfADownloadFolder(@TempDir Path folder) throws IOException {
        Path blobs = Files.createDirectories(folder.resolve("blobs"));
        Path snapshot = Files.createDirectories(folder.resolve("snapshots/0f3a/onnx"));
        for (String name : List.of("vit_external.onnx", "vit_external.data")) {
            Files.copy(Goldens.path(name), blobs.resolve(Integer.toHexString(name.hashCode())));
            Files.createSymbolicLink(
                    snapshot.resolve(name), Path.of("../../../blobs", Integer.toHexString(name.hashCode())));
        }
        OnnxBackbone linked = OnnxBackbone.of(snapshot.resolve("vit_external.onnx"));
        try (Trunk trunk = Goldens.trunk(linked.backbone(ImagePreprocessing.torch()))) {
            assertThat(Goldens.relativeL2(trunk.infer(Goldens.images()), Goldens.array("vit_external.npy")))
                    .isLessThan(SAME);
        }
    }
}
