package org.transfer4j.internal.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.format.MalformedModelException;

class SafetensorsMetadataTest {
    private static final List<SafetensorsHeader.Tensor> TENSORS =
            List.of(new SafetensorsHeader.Tensor("weight", "F32", List.of(2L, 3L), 0, 24));

    private static byte[] json(byte[] head) {
        return Arrays.copyOfRange(head, SafetensorsHeader.LENGTH_BYTES, head.length);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Property(tries = 200)
    void textsComeBackAndTheArraysWithThem(
            @ForAll @Size(max = 5) Map<@StringLength(max = 20) String, @StringLength(max = 50) String> metadata)
            throws MalformedModelException {
        // what is no text in UTF-8 is written as question marks
        metadata.entrySet().removeIf(entry -> !isText(entry.getKey()) || !isText(entry.getValue()));
        byte[] json = json(new SafetensorsHeader(TENSORS, metadata).toBytes());
        assertThat(SafetensorsHeader.parse("head", json)).isEqualTo(new SafetensorsHeader(TENSORS, metadata));
    }

    private static boolean isText(String text) {
        return new String(utf8(text), StandardCharsets.UTF_8).equals(text);
    }

    @Test
    void thereNeedBeNone() throws MalformedModelException {
        byte[] head = new SafetensorsHeader(TENSORS, Map.of()).toBytes();
        assertThat(SafetensorsHeader.parse("head", json(head)).metadata()).isEmpty();
    }

    @Test
    void whatIsNoTextIsLeftOut() throws MalformedModelException {
        assertThat(SafetensorsHeader.parse(
                                "head", utf8("{\"__metadata__\": {\"a\": 1, \"b\": [], \"c\": null, \"d\": \"text\"}}"))
                        .metadata())
                .isEqualTo(Map.of("d", "text"));
        assertThat(SafetensorsHeader.parse("head", utf8("{\"__metadata__\": \"text\"}"))
                        .metadata())
                .isEmpty();
        assertThatThrownBy(() -> SafetensorsHeader.parse("head", utf8("{")))
                .isInstanceOf(MalformedModelException.class);
    }
}
