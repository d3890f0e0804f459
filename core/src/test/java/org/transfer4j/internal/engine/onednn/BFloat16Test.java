package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.backbone.Precision;

class BFloat16Test {
    private static final TestGraph VGG = TestGraph.vgg(16, 32);
    private static ComputationGraph dl4j;
    private static OneDnnTrunk trunk;

    @BeforeAll
    static void compile() throws Exception {
        assumeTrue(OneDnn.supports(Precision.BFLOAT16), "this CPU has no bfloat16");
        dl4j = VGG.build();
        trunk = TestGraph.compile(dl4j, VGG.inputShape(), Precision.BFLOAT16);
    }

    @AfterAll
    static void close() {
        if (trunk != null) {
            trunk.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 9, 37})
    void aNarrowVggIsNearTheFloatOneForEveryBatchSize(int batch) {
        INDArray images = VGG.images(batch);
        INDArray features = trunk.infer(images);
        INDArray expected = dl4j.outputSingle(images);

        RelativeError.assertAgree(Precision.BFLOAT16, features, expected);
        assertThat(RelativeError.worst(features, expected))
                .as("computed in float")
                .isGreaterThan(1e-4);
        assertThat(features.dataType()).isEqualTo(DataType.FLOAT);
    }

    @Test
    void theSameImagesGiveTheSameBits() throws Exception {
        INDArray images = VGG.images(13);
        float[] first = trunk.infer(images).data().asFloat();
        trunk.infer(VGG.images(1));

        assertThat(trunk.infer(images).data().asFloat()).isEqualTo(first);
        try (OneDnnTrunk another = TestGraph.compile(dl4j, VGG.inputShape(), Precision.BFLOAT16)) {
            assertThat(another.infer(images).data().asFloat()).isEqualTo(first);
        }
    }

    @Test
    void aPaddedBatchDoesNotSeeTheImagesThatRanBefore() {
        INDArray images = VGG.images(3);
        float[] first = trunk.infer(images).data().asFloat();
        trunk.infer(VGG.images(4).muli(1e20));

        assertThat(trunk.infer(images).data().asFloat()).isEqualTo(first);
        INDArray padded = VGG.images(4);
        padded.get(NDArrayIndex.interval(0, 3)).assign(images);
        assertThat(trunk.infer(padded)
                        .get(NDArrayIndex.interval(0, 3))
                        .dup('c')
                        .data()
                        .asFloat())
                .isEqualTo(first);
    }

    /** 1 + 2^-9 lies between two numbers of 8 bits of mantissa, and ties go to the even one: 1. */
    @Test
    void imagesAreRoundedAndTheirProductsSummedInFloat() throws Exception {
        TestGraph sum = TestGraph.of(32, 4, 4).convolution(16, 1, 1, Activation.IDENTITY);
        ComputationGraph ones = sum.build();
        ones.params().assign(1);
        INDArray images = sum.images(1).assign(1 + Math.scalb(1f, -9));
        images.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 1)).assign(1024);
        try (OneDnnTrunk summing = TestGraph.compile(ones, sum.inputShape(), Precision.BFLOAT16)) {
            // 1024 + 31 x 1 + a bias of 1; a sum in bfloat16 would stay at 1024
            assertThat(summing.infer(images).getFloat(0, 0, 0, 0)).isEqualTo(1056);
        }
    }

    @Test
    void itSaysSo() {
        assertThat(trunk.engine()).contains(" BFLOAT16, ");
        assertThat(trunk.featureShape()).containsExactly(128, 1, 1);
    }
}
