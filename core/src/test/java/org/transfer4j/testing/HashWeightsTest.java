package org.transfer4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HashWeightsTest {
    static Stream<JsonNode> examples() {
        return StreamSupport.stream(
                GoldenFiles.json("weights/hash_weights.json").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void equalsWhatPythonComputes(JsonNode example) {
        String name = example.get("name").asText();
        long[] shape = StreamSupport.stream(example.get("shape").spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
        assertThat(HashWeights.bound(name, shape))
                .isEqualTo(example.get("bound").asDouble());
        assertThat(Long.toHexString(HashWeights.fnv1a64(name)))
                .isEqualTo(example.get("fnv1a64").asText().replaceFirst("^0+", ""));
        assertThat(Long.toHexString(HashWeights.hash(HashWeights.fnv1a64(name), 0)))
                .isEqualTo(example.get("firstHash").asText().replaceFirst("^0+", ""));

        float[] values = HashWeights.values(name, shape);
        JsonNode first = example.get("firstValues");
        for (int i = 0; i < first.size(); i++) {
            assertThat(values[i]).isEqualTo((float) first.get(i).asDouble());
        }
        assertThat(values).hasSize(example.get("lastIndex").asInt() + 1);
        assertThat(values[values.length - 1])
                .isEqualTo((float) example.get("lastValue").asDouble());
    }
}
