package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.OneDnn.InstructionSet;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

class OneDnnTrunkTest {
    private static final TestGraph VGG = TestGraph.vgg(16, 32);
    private static ComputationGraph dl4j;
    private static OneDnnTrunk trunk;

    @BeforeAll
    static void compile() throws Exception {
        dl4j = VGG.build();
        trunk = TestGraph.compile(dl4j, VGG.inputShape(), Precision.FLOAT32);
    }

    @AfterAll
    static void close() {
        trunk.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 37})
    void aNarrowVggAgreesWithDl4jForEveryBatchSize(int batch) {
        INDArray images = VGG.images(batch);

        RelativeError.assertAgree(trunk.infer(images), dl4j.outputSingle(images));
    }

    @Test
    void batchesLargerThanTheLargestPlanAreCut() {
        int batch = 2 * 128 + 5;
        INDArray images = VGG.images(batch);
        INDArray features = trunk.infer(images);

        for (int image : new int[] {0, 127, 128, 255, 256, batch - 1}) {
            INDArray alone = images.get(NDArrayIndex.interval(image, image + 1)).dup('c');
            INDArray feature = features.get(NDArrayIndex.interval(image, image + 1));
            RelativeError.assertAgree(feature, dl4j.outputSingle(alone));
        }
    }

    @Test
    void anotherImageSizeWithLessThanOneWindowAtTheEndAgrees() throws Exception {
        TestGraph graph = TestGraph.vgg(16, 48);
        ComputationGraph reference = graph.build();
        try (OneDnnTrunk other = TestGraph.compile(reference, graph.inputShape(), Precision.FLOAT32)) {
            assertThat(other.featureShape()).containsExactly(128, 1, 1);
            for (int batch : new int[] {1, 5}) {
                INDArray images = graph.images(batch);
                RelativeError.assertAgree(other.infer(images), reference.outputSingle(images));
            }
        }
    }

    @Test
    void theSameImagesGiveTheSameBits() throws Exception {
        INDArray images = VGG.images(13);
        float[] first = trunk.infer(images).data().asFloat();
        trunk.infer(VGG.images(1));
        trunk.infer(VGG.images(40));

        assertThat(trunk.infer(images).data().asFloat()).isEqualTo(first);
        try (OneDnnTrunk another = TestGraph.compile(dl4j, VGG.inputShape(), Precision.FLOAT32)) {
            assertThat(another.infer(images).data().asFloat()).isEqualTo(first);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 31, 32, 33, 70})
    void inAPassAnImagesBitsDontDependOnTheOthers(int count) {
        INDArray images = VGG.images(70);
        float[] all = trunk.forPasses(32).infer(images).data().asFloat();
        INDArray last = images.get(NDArrayIndex.interval(70 - count, 70)).dup('c');

        float[] some = trunk.forPasses(32).infer(last).data().asFloat();

        assertThat(some).isEqualTo(Arrays.copyOfRange(all, all.length - some.length, all.length));
    }

    @Test
    void aPaddedBatchDoesNotSeeTheImagesThatRanBefore() {
        INDArray images = VGG.images(3);
        float[] first = trunk.infer(images).data().asFloat();
        trunk.infer(VGG.images(4).muli(1e20));

        assertThat(trunk.infer(images).data().asFloat()).isEqualTo(first);
    }

    @Test
    void recordedAlgorithmsAreFollowed() throws Exception {
        assumeTrue(OneDnn.library().instructionSet().includes(InstructionSet.AVX512), "a machine with a choice");
        INDArray images = VGG.images(32);
        try (OneDnnTrunk measured = compiled(AlgorithmChoices.TABLE.andMeasured())) {
            Map<String, Algorithm> choices = measured.recordedAlgorithms();
            assertThat(choices.keySet()).allMatch(key -> key.matches("\\d+x\\d+x\\d+ to \\d+x\\d+x\\d+, batch (1|32)"));
            assertThat(choices).hasSizeGreaterThan(4);
            RelativeError.assertAgree(measured.infer(images), dl4j.outputSingle(images));

            try (OneDnnTrunk recorded = compiled(AlgorithmChoices.TABLE.withRecorded(choices));
                    OneDnnTrunk direct = compiled(AlgorithmChoices.TABLE.withRecorded(all(choices, Algorithm.DIRECT)));
                    OneDnnTrunk winograd =
                            compiled(AlgorithmChoices.TABLE.withRecorded(all(choices, Algorithm.WINOGRAD)))) {
                assertThat(recorded.engine()).isEqualTo(measured.engine());
                assertThat(winograd.engine()).startsWith(trunk.engine() + ", {").contains("batch 1=WINOGRAD");
                assertThat(direct.engine()).contains("batch 32=DIRECT").doesNotContain("WINOGRAD");
                assertThat(recorded.infer(images).data().asFloat())
                        .isEqualTo(measured.infer(images).data().asFloat());
                assertThat(direct.infer(images).data().asFloat())
                        .isNotEqualTo(winograd.infer(images).data().asFloat());
                RelativeError.assertAgree(direct.infer(images), winograd.infer(images));
                assertThat(direct.engine()).isNotEqualTo(winograd.engine());
            }
        }
    }

    private static OneDnnTrunk compiled(AlgorithmChoices algorithms) throws UnsupportedGraphException {
        return TestGraph.compile(dl4j, VGG.inputShape(), Precision.FLOAT32, algorithms);
    }

    private static Map<String, Algorithm> all(Map<String, Algorithm> choices, Algorithm algorithm) {
        return choices.keySet().stream().collect(Collectors.toMap(key -> key, key -> algorithm));
    }

    @Test
    @Timeout(600)
    void whatIsMadeReadyBeforehandGivesTheSameBits() throws Exception {
        INDArray images = VGG.images(9);
        float[] expected = trunk.infer(images).data().asFloat();
        try (OneDnnTrunk prepared = TestGraph.compile(dl4j, VGG.inputShape(), Precision.FLOAT32)) {
            assertThat(prepared.isReadyFor(9)).isFalse();
            prepared.prepare(9);
            while (!prepared.isReadyFor(9)) {
                Thread.onSpinWait();
            }

            assertThat(prepared.infer(images).data().asFloat()).isEqualTo(expected);
        }
    }

    @Test
    void aTrunkThatIsClosedWhileItIsMadeReadyIsClosed() throws Exception {
        OneDnnTrunk prepared = TestGraph.compile(dl4j, VGG.inputShape(), Precision.FLOAT32);
        prepared.prepare(1);
        prepared.prepare(64);
        prepared.close();
        prepared.prepare(8);

        assertThatThrownBy(() -> prepared.infer(VGG.images(1))).isInstanceOf(IllegalStateException.class);
        assertThat(prepared.isReadyFor(1)).isFalse();
    }

    @Test
    void laterChangesOfTheGraphChangeNothing() throws Exception {
        TestGraph graph = TestGraph.of(3, 8, 8).convolution(8, 3, 1, Activation.RELU);
        ComputationGraph changing = graph.build();
        INDArray images = graph.images(2);
        try (OneDnnTrunk compiled = TestGraph.compile(changing, graph.inputShape(), Precision.FLOAT32)) {
            INDArray before = changing.outputSingle(images).dup();
            changing.params().muli(3);

            RelativeError.assertAgree(compiled.infer(images), before);
        }
    }

    @Test
    void viewsAndOtherOrdersAreReadRight() {
        INDArray images = VGG.images(6);
        float[] expected = trunk.infer(images.get(NDArrayIndex.interval(2, 5)).dup('c'))
                .data()
                .asFloat();

        INDArray slice = images.get(NDArrayIndex.interval(2, 5));
        INDArray channelsLast = slice.permute(0, 2, 3, 1).dup('c').permute(0, 3, 1, 2);
        INDArray fortran = slice.dup('f');
        INDArray window = Nd4j.zeros(DataType.FLOAT, 3, 3, 32, 40);
        window.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(5, 37))
                .assign(slice);
        INDArray part =
                window.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(5, 37));

        assertThat(trunk.infer(slice).data().asFloat()).isEqualTo(expected);
        assertThat(trunk.infer(channelsLast).data().asFloat()).isEqualTo(expected);
        assertThat(trunk.infer(fortran).data().asFloat()).isEqualTo(expected);
        assertThat(trunk.infer(part).data().asFloat()).isEqualTo(expected);
    }

    @Test
    void imagesAtAnyAddressAreReadRight() {
        INDArray images = VGG.images(4);
        float[] expected = trunk.infer(images).data().asFloat();
        INDArray longer = Nd4j.zeros(DataType.FLOAT, images.length() + 1);
        INDArray shifted = longer.get(NDArrayIndex.interval(1, longer.length())).reshape('c', images.shape());
        shifted.assign(images);

        assertThat(shifted.data().addressPointer().address() % 16).isNotZero();
        assertThat(trunk.infer(shifted).data().asFloat()).isEqualTo(expected);
    }

    @Test
    void imagesAreLeftAsTheyAre() {
        INDArray images = VGG.images(4);
        INDArray before = images.dup();
        trunk.infer(images);

        assertThat(images).isEqualTo(before);
    }

    @Test
    void featuresOutliveTheWorkspaceThatIsOpen() {
        INDArray images = VGG.images(4);
        INDArray expected = trunk.infer(images);
        INDArray inside;
        try (MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace("trunk test")) {
            inside = trunk.infer(images);
            assertThat(workspace.isScopeActive()).isTrue();
        }

        assertThat(inside.isAttached()).isFalse();
        assertThat(inside).isEqualTo(expected);
    }

    @Test
    void itSaysWhatItIs() {
        assertThat(trunk.featureShape()).containsExactly(128, 1, 1);
        assertThat(trunk.engine())
                .matches("oneDNN \\d+\\.\\d+\\.\\d+ (AVX512(_BF16|_AMX)?|AVX2|BASE) FLOAT32, threads: \\d+");
    }

    @Test
    void wrongShapesAndTypesAreRefused() {
        assertThatThrownBy(() -> trunk.infer(Nd4j.zeros(DataType.FLOAT, 2, 3, 32, 31)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("images must be [N > 0, 3, 32, 32]: [2, 3, 32, 31]");
        assertThatThrownBy(() -> trunk.infer(Nd4j.zeros(DataType.FLOAT, 2, 1, 32, 32)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> trunk.infer(Nd4j.zeros(DataType.FLOAT, 3, 32, 32)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> trunk.infer(Nd4j.zeros(DataType.FLOAT, 2, 3 * 32 * 32)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> trunk.infer(Nd4j.create(DataType.FLOAT, 0, 3, 32, 32)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> trunk.infer(Nd4j.zeros(DataType.DOUBLE, 2, 3, 32, 32)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("images must be FLOAT: DOUBLE");
        assertThatThrownBy(() -> TestGraph.compile(dl4j, new long[] {3, 32}, Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TestGraph.compile(dl4j, new long[] {3, 0, 32}, Precision.FLOAT32))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aClosedTrunkIsNotUsed() throws Exception {
        OneDnnTrunk closing = TestGraph.compile(dl4j, VGG.inputShape(), Precision.FLOAT32);
        INDArray images = VGG.images(1);
        closing.infer(images);
        closing.close();
        closing.close();

        assertThatThrownBy(() -> closing.infer(images))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the trunk is closed");
    }
}
