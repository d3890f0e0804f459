package org.transfer4j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ArrayImageTest {
    private static final ImageOrigin ORIGIN = ImageOrigin.named("image 7");

    private static INDArray roundTrip(INDArray image) {
        try (DecodedImage decoded = DecodedImage.of(image, ORIGIN)) {
            return decoded.toArray();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE", "HALF", "INT", "LONG", "UBYTE"})
    void takesAnyNumberType(DataType type) {
        INDArray image = Nd4j.arange(12).muli(10).reshape(3, 2, 2).castTo(type);
        INDArray result = roundTrip(image);
        assertThat(result.dataType()).isEqualTo(DataType.FLOAT);
        assertThat(result.shape()).containsExactly(1, 3, 2, 2);
        assertThat(result.data().asInt()).containsExactly(0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110);
    }

    @Test
    void takesViewsAndBatchesOfOne() {
        INDArray image = Nd4j.arange(12).reshape(3, 2, 2);
        INDArray transposed = image.permute(0, 2, 1);
        assertThat(roundTrip(transposed).data().asInt()).containsExactly(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11);
        assertThat(roundTrip(image.reshape(1, 3, 2, 2))).isEqualTo(roundTrip(image));
    }

    @Test
    void copiesWhatItTakes() {
        INDArray image = Nd4j.zeros(1, 2, 2);
        try (DecodedImage decoded = DecodedImage.of(image, ORIGIN)) {
            image.assign(9);
            assertThat(decoded.toArray().sumNumber().intValue()).isZero();
        }
    }

    @Test
    void outlivesTheWorkspaceOfItsCaller() {
        DecodedImage decoded;
        try (MemoryWorkspace workspace = Nd4j.getWorkspaceManager()
                .getAndActivateWorkspace(
                        WorkspaceConfiguration.builder().initialSize(1 << 16).build(), "ArrayImageTest")) {
            decoded = DecodedImage.of(Nd4j.ones(DataType.DOUBLE, 1, 2, 2), ORIGIN);
            assertThat(workspace.isScopeActive()).isTrue();
        }
        assertThat(decoded.toArray().sumNumber().intValue()).isEqualTo(4);
        decoded.close();
    }

    @Test
    void refusesOtherShapesByName() {
        for (INDArray array : new INDArray[] {
            Nd4j.zeros(2, 2), Nd4j.zeros(2, 4, 4), Nd4j.zeros(2, 3, 4, 4), Nd4j.zeros(4, 4, 3), Nd4j.zeros(1, 4, 4, 3)
        }) {
            assertThatThrownBy(() -> DecodedImage.of(array, ORIGIN))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("image 7")
                    .hasMessageContaining(java.util.Arrays.toString(array.shape()));
        }
    }
}
