package org.transfer4j.internal.format.modelfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

class NetworkDescriptionTest {
    private static final String WITHOUT_PRECISION =
            "{\"inputHeight\":6,\"inputWidth\":8,\"inputChannels\":3,\"cutVertex\":\"pool\",\"frozenLayers\":[\"pool\"]}";

    private static NetworkDescription network(Precision precision) {
        return new NetworkDescription(6, 8, 3, Optional.of("pool"), List.of("pool"), false, precision, Map.of());
    }

    private static String written(Precision precision) {
        return new String(network(precision).toJson(), StandardCharsets.UTF_8);
    }

    private static NetworkDescription read(String json) throws MalformedModelException {
        return NetworkDescription.fromJson(StrictJson.parse("network.json", json));
    }

    @ParameterizedTest
    @EnumSource
    void thePrecisionComesBack(Precision precision) throws Exception {
        assertThat(read(written(precision))).isEqualTo(network(precision));
    }

    @Test
    void filesThatKnewOnlyFloatAreReadAndWrittenAsBefore() throws Exception {
        assertThat(read(WITHOUT_PRECISION)).isEqualTo(network(Precision.FLOAT32));
        assertThat(written(Precision.FLOAT32)).isEqualTo(WITHOUT_PRECISION);
    }

    @Test
    void measuredAlgorithmsComeBack() throws Exception {
        NetworkDescription tuned = new NetworkDescription(
                6,
                8,
                3,
                Optional.of("pool"),
                List.of("pool"),
                false,
                Precision.FLOAT32,
                Map.of("a to b, batch 8", Algorithm.WINOGRAD, "a to b, batch 1", Algorithm.DIRECT));
        String json = new String(tuned.toJson(), StandardCharsets.UTF_8);

        assertThat(read(json)).isEqualTo(tuned);
        assertThatThrownBy(() -> read(json.replace("WINOGRAD", "FOURIER")))
                .isInstanceOf(MalformedModelException.class)
                .hasMessage(
                        "the field 'algorithms.a to b, batch 8' in network.json must be one of [DIRECT, WINOGRAD], got \"FOURIER\"");
    }

    @Test
    void batchStatisticsComeBack() throws Exception {
        NetworkDescription trained = new NetworkDescription(
                6, 8, 3, Optional.of("pool"), List.of("pool"), true, Precision.FLOAT32, Map.of());
        String json = new String(trained.toJson(), StandardCharsets.UTF_8);

        assertThat(read(json)).isEqualTo(trained);
        assertThatThrownBy(() -> read(json.replace("true", "\"yes\"")))
                .isInstanceOf(MalformedModelException.class)
                .hasMessage("the field 'batchStatistics' in network.json must be true or false, got \"yes\"");
    }

    @Test
    void aPrecisionThatIsNotKnownIsRefused() {
        String later = written(Precision.BFLOAT16).replace("BFLOAT16", "INT4");

        assertThatThrownBy(() -> read(later))
                .isInstanceOf(MalformedModelException.class)
                .hasMessage("the field 'precision' in network.json must be one of [FLOAT32, BFLOAT16], got \"INT4\"");
        assertThatThrownBy(() -> read(later.replace("\"INT4\"", "4")))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("must be one of [FLOAT32, BFLOAT16], got 4");
    }
}
