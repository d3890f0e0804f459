package org.transfer4j.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageLimitsTest {
    @AfterEach
    void forget() {
        System.clearProperty(ImageLimits.SCANS_PROPERTY);
        ImageLimits.use(ImageLimits.defaults());
    }

    @Test
    void defaults() {
        assertThat(ImageLimits.defaults())
                .hasToString("pixels 100000000, encodedBytes 64000000, scans 100, scannedPixels 2000000000,"
                        + " decodedBytes 512000000");
    }

    @Test
    void eachIsSetAlone() {
        assertThat(ImageLimits.defaults()
                        .withPixels(1)
                        .withEncodedBytes(2)
                        .withScans(3)
                        .withScannedPixels(4)
                        .withDecodedBytes(5))
                .hasToString("pixels 1, encodedBytes 2, scans 3, scannedPixels 4, decodedBytes 5");
        assertThat(ImageLimits.defaults().withScans(3).pixels()).isEqualTo(100_000_000);
    }

    @Test
    void propertiesAreRead() {
        System.setProperty(ImageLimits.SCANS_PROPERTY, " 7 ");
        assertThat(ImageLimits.defaults().scans()).isEqualTo(7);
        System.setProperty(ImageLimits.SCANS_PROPERTY, "many");
        assertThatThrownBy(ImageLimits::defaults)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("transfer4j.image.scans", "\"many\"");
        System.setProperty(ImageLimits.SCANS_PROPERTY, "0");
        assertThatThrownBy(ImageLimits::defaults)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("transfer4j.image.scans", "at least 1", "was 0");
    }

    @Test
    void whatIsUsedIsCurrent() {
        ImageLimits limits = ImageLimits.defaults().withScans(9);
        ImageLimits.use(limits);
        assertThat(ImageLimits.current()).isSameAs(limits);
    }

    @Test
    void impossibleLimitsAreRefused() {
        ImageLimits limits = ImageLimits.defaults();
        for (Consumer<Long> setting : java.util.List.<Consumer<Long>>of(
                limits::withPixels,
                limits::withEncodedBytes,
                limits::withScans,
                limits::withScannedPixels,
                limits::withDecodedBytes)) {
            assertThatThrownBy(() -> setting.accept(0L))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was 0");
        }
        assertThatThrownBy(() -> limits.withEncodedBytes(1L << 31)).hasMessageContaining("2147483639");
    }
}
