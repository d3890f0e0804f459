package org.transfer4j.internal.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Names are of layers, which may be called as their network likes; one is the format's own. */
class SafetensorsNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"__conv/W", "__", "__metadata", "__metadata__/W", "a b", "\u00fc/b"})
    void whatIsWrittenIsRead(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Safetensors(Map.of(name, Nd4j.createFromArray(1f, 2f))).writeTo(bytes);
        Map<String, INDArray> read =
                Safetensors.read("test", new ByteArrayInputStream(bytes.toByteArray()), bytes.size());
        assertThat(read).containsOnlyKeys(name);
        assertThat(read.get(name).toFloatVector()).containsExactly(1, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"__metadata__", ""})
    void theFormatsOwnIsRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Safetensors(Map.of(name, Nd4j.createFromArray(1f))))
                .withMessage("A name of weights must not be empty or __metadata__, but is \"" + name + "\"");
    }
}
