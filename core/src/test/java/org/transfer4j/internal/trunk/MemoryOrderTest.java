package org.transfer4j.internal.trunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MemoryOrderTest {
    private final INDArray images = Nd4j.zeros(DataType.FLOAT, 5, 3, 4, 6);

    @Test
    void freshArraysAndPartsOfTheFirstDimensionAreContiguous() {
        assertThat(MemoryOrder.isContiguous(images)).isTrue();
        assertThat(MemoryOrder.isContiguous(images.get(interval(1, 4)))).isTrue();
        assertThat(MemoryOrder.isContiguous(images.get(interval(2, 3)))).isTrue();
        assertThat(MemoryOrder.isContiguous(Nd4j.zeros(DataType.FLOAT, 1, 3, 4, 6)))
                .isTrue();
    }

    @Test
    void aDimensionOfOneMayHaveAnyStride() {
        INDArray oneRow = Nd4j.create(images.data(), new long[] {1, 3, 4, 6}, new long[] {7, 24, 6, 1}, 0, 'c');

        assertThat(MemoryOrder.isContiguous(oneRow)).isTrue();
    }

    @Test
    void otherOrdersAndCroppedPartsAreNot() {
        assertThat(MemoryOrder.isContiguous(images.permute(0, 2, 3, 1))).isFalse();
        assertThat(MemoryOrder.isContiguous(images.dup('f'))).isFalse();
        assertThat(MemoryOrder.isContiguous(images.get(all(), all(), all(), interval(1, 4))))
                .isFalse();
        assertThat(MemoryOrder.isContiguous(images.get(all(), interval(0, 2)))).isFalse();
    }
}
