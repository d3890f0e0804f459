package org.transfer4j.internal.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.dl4j.Dl4jModelFile.Coefficients;
import org.transfer4j.internal.format.MalformedModelException;

class CoefficientsTest {
    private static byte[] written(DataType type, float... values) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Nd4j.write(Nd4j.createFromArray(values).castTo(type), new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static Coefficients open(byte[] bytes) throws IOException {
        return Coefficients.open(new ByteArrayInputStream(bytes));
    }

    private static long crc32(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }

    private static float[] readAll(byte[] bytes) throws IOException {
        Coefficients coefficients = open(bytes);
        float[] values = new float[Math.toIntExact(coefficients.length())];
        coefficients.read(values, values.length);
        coefficients.requireEnd(crc32(bytes));
        return values;
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE", "HALF"})
    void readsWhatNd4jWrites(DataType type) throws IOException {
        float[] values = {0, -1.5f, 0.25f, 65504, -6.1035156e-5f};
        assertThat(readAll(written(type, values))).containsExactly(values);
    }

    /** More than are read at once, from anywhere to anywhere. */
    @Property(tries = 50)
    void readsOnBehindWhatWasRead(@ForAll @IntRange(min = 1, max = 40_000) int count, @ForAll @Size(2) int[] cuts)
            throws IOException {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        byte[] bytes = written(DataType.FLOAT, values);
        int start = Math.floorMod(cuts[0], count);
        int length = Math.floorMod(cuts[1], count - start + 1);
        Coefficients coefficients = open(bytes);
        coefficients.read(new float[start], start);
        float[] some = new float[length];
        coefficients.read(some, length);
        assertThat(some).isEqualTo(Arrays.copyOfRange(values, start, start + length));
        coefficients.read(new float[count], count - start - length);
        coefficients.requireEnd(crc32(bytes));
    }

    /** As DL4J's first versions wrote it. */
    @ParameterizedTest
    @ValueSource(strings = {"HEAP", "DIRECT", "JAVACPP"})
    void readsLengthsOf32Bits(String memory) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream output = new DataOutputStream(bytes);
        output.writeUTF(memory);
        output.writeInt(8);
        output.writeUTF("INT");
        for (int number : new int[] {2, 1, 3, 3, 1, 0, 1, 99}) {
            output.writeInt(number);
        }
        output.writeUTF(memory);
        output.writeInt(3);
        output.writeUTF("DOUBLE");
        for (double value : new double[] {0.5, -2, 4}) {
            output.writeDouble(value);
        }
        assertThat(readAll(bytes.toByteArray())).containsExactly(0.5f, -2, 4);
    }

    @Test
    void whatIsCutOffAnywhereEndsEarly() throws IOException {
        byte[] bytes = written(DataType.FLOAT, 1, 2, 3);
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> readAll(part))
                    .as("%d of %d bytes", length, bytes.length)
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("coefficients.bin ends early");
        }
    }

    @Test
    void moreBytesAndOtherBytesAreRefused() throws IOException {
        byte[] bytes = written(DataType.FLOAT, 1, 2, 3);
        byte[] more = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> readAll(more)).hasMessageContaining("wrong length or checksum");
        Coefficients coefficients = open(bytes);
        coefficients.read(new float[3], 3);
        assertThatThrownBy(() -> coefficients.requireEnd(crc32(bytes) ^ 1))
                .hasMessageContaining("wrong length or checksum");
    }

    @Test
    void numbersOfOtherTypesAreRefused() throws IOException {
        byte[] whole = new ByteArrayOutputStream() {
            {
                Nd4j.write(Nd4j.createFromArray(1L, 2L), new DataOutputStream(this));
            }
        }.toByteArray();
        assertThatThrownBy(() -> open(whole))
                .isInstanceOf(MalformedModelException.class)
                .hasMessage("coefficients.bin holds values of the type \"LONG\", only [DOUBLE, FLOAT, HALF] are read");
    }
}
