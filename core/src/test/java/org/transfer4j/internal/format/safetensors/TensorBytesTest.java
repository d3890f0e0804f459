package org.transfer4j.internal.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.format.modelfile.SampleModel;

class TensorBytesTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 7, 100, 1_000_000})
    void writesCOrderInPiecesOfAnySize(long piece) throws IOException {
        INDArray plain = SampleModel.numbered(13, 5, 11);
        for (INDArray array : new INDArray[] {
            plain, plain.dup('f'), plain.permute(1, 0, 2).dup().permute(1, 0, 2)
        }) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            new TensorBytes(piece).write(array, out);

            ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(bytes.remaining()).isEqualTo(13 * 5 * 11 * Float.BYTES);
            for (int i = 0; i < 13 * 5 * 11; i++) {
                assertThat(bytes.getFloat()).isEqualTo(i / 8f);
            }
        }
    }
}
