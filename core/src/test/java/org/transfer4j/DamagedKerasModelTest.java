package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.error.WeightsException;
import org.transfer4j.testing.GoldenFiles;

/** Models of Keras with bytes changed or cut off: another network, or a {@link WeightsException}, and nothing else. */
@Timeout(120)
class DamagedKerasModelTest {
    @TempDir
    Path folder;

    private boolean refused(byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("damaged"), content);
        try {
            TransferLearner.of(Backbone.keras(file));
            return false;
        } catch (WeightsException expected) {
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"excite.keras", "nested.keras", "excite.h5", "mobile_keras2.h5"})
    void survivesDamage(String name) throws IOException {
        byte[] whole = Files.readAllBytes(GoldenFiles.path("keras_models/" + name));
        assertThat(refused(whole)).isFalse();
        Random random = new Random(19);
        for (int i = 0; i < 60; i++) {
            byte[] changed = whole.clone();
            int count = 1 + random.nextInt(30);
            for (int change = 0; change < count; change++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            refused(changed);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(refused(Arrays.copyOf(whole, random.nextInt(whole.length))))
                    .isTrue();
        }
    }
}
