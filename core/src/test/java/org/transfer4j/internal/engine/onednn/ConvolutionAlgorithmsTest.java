package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.internal.engine.onednn.OneDnn.InstructionSet;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

class ConvolutionAlgorithmsTest {
    @ParameterizedTest
    @CsvSource({
        "AVX512, 64, 3, 1, 224, 1, WINOGRAD",
        "AVX512, 512, 3, 1, 14, 1, WINOGRAD",
        "AVX512, 512, 3, 1, 6, 1, DIRECT",
        "AVX512, 512, 3, 1, 6, 4, WINOGRAD",
        "AVX512, 512, 3, 1, 2, 4, DIRECT",
        "AVX512, 512, 3, 1, 2, 8, WINOGRAD",
        "AVX512, 3, 3, 1, 224, 8, DIRECT",
        "AVX512, 16, 3, 1, 32, 8, WINOGRAD",
        "AVX512, 64, 3, 2, 224, 8, DIRECT",
        "AVX512, 64, 1, 1, 224, 8, DIRECT",
        "AVX512, 64, 5, 1, 224, 8, DIRECT",
        "AVX2, 64, 3, 1, 224, 8, DIRECT",
        "BASE, 64, 3, 1, 224, 8, DIRECT"
    })
    void theTable(
            InstructionSet instructionSet,
            int inputs,
            int kernel,
            int stride,
            int size,
            int batch,
            Algorithm expected) {
        assertThat(choice(instructionSet, convolution(inputs, 64, kernel, stride, size), batch))
                .isEqualTo(expected);
    }

    @Test
    void fewChannelsInAndOutAreDirect() {
        assertThat(choice(InstructionSet.AVX512, convolution(16, 16, 3, 1, 32), 8))
                .isEqualTo(Algorithm.DIRECT);
    }

    private static Algorithm choice(InstructionSet instructionSet, Operation.Convolution convolution, int batch) {
        return new ConvolutionAlgorithms(instructionSet, Map.of()).choose(convolution, batch);
    }

    private static Operation.Convolution convolution(int inputs, int outputs, int kernel, int stride, int size) {
        Extent extent = new Extent(kernel, kernel);
        Filter filter = new Filter(
                outputs, inputs, 1, extent, new float[outputs * inputs * kernel * kernel], new float[outputs]);
        Value input = new Value(0, Shape.image(inputs, new Extent(size * stride, size * stride)));
        Window window = Window.same(
                extent, new Extent(stride, stride), Extent.ONE, input.shape().size());
        Value output = new Value(1, Shape.of(outputs, size, size));
        return new Operation.Convolution(input, filter, window, null, Activation.IDENTITY, output);
    }
}
