package org.transfer4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class IntegerImagesTest {
    static Stream<JsonNode> checks() {
        return StreamSupport.stream(GoldenFiles.json("images/images.json").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("checks")
    void equalWhatPythonComputes(JsonNode check) {
        int height = check.get("height").asInt();
        int width = check.get("width").asInt();
        int n = check.get("index").asInt();
        byte[] pixels = new byte[height * width * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) IntegerImages.pixel(n, i / 3 / width, i / 3 % width, i % 3, height, width);
        }
        JsonNode row = check.path("firstRow");
        for (int i = 0; i < row.size(); i++) {
            assertThat(pixels[i] & 255).isEqualTo(row.get(i).asInt());
        }
        CRC32 checksum = new CRC32();
        checksum.update(pixels);
        assertThat(checksum.getValue()).isEqualTo(check.get("crc32").asLong());
    }

    @Test
    void areChannelsFirstInAnArray() {
        INDArray images = IntegerImages.rgb(2, 5, 7);
        assertThat(images.shape()).containsExactly(2, 3, 5, 7);
        assertThat(images.dataType()).isEqualTo(DataType.UINT8);
        assertThat(images.getInt(1, 2, 4, 6)).isEqualTo(IntegerImages.pixel(1, 4, 6, 2, 5, 7));
        assertThat(images.getInt(1, 0, 3, 2)).isEqualTo(IntegerImages.pixel(1, 3, 2, 0, 5, 7));
    }
}
