package org.transfer4j.internal.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.format.modelfile.SampleModel;
import org.transfer4j.internal.format.safetensors.Safetensors.TensorBytes;

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

    @Test
    void movesBytesAsTheyAre() throws IOException {
        byte[] all = new byte[100_000];
        new Random(1).nextBytes(all);
        INDArray read = new TensorBytes().read(DataType.UINT8, new long[] {100_000}, new ByteArrayInputStream(all));
        assertThat(read.getInt(7)).isEqualTo(all[7] & 0xFF);

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new TensorBytes().write(read, out);
        assertThat(out.toByteArray()).isEqualTo(all);
        assertThatThrownBy(() ->
                        new TensorBytes().read(DataType.UINT8, new long[] {100_001}, new ByteArrayInputStream(all)))
                .isInstanceOf(EOFException.class);
    }
}
