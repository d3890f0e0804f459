package org.transfer4j.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.download.Checksum;
import org.transfer4j.download.DownloadSettings;

class WeightsTest {
    private static final Checksum SUM = Checksum.md5("0".repeat(32));
    private static final URI SOURCE = URI.create("https://publisher.invalid/x.h5");

    private static PretrainedWeights of(String name, URI source, long size) {
        return PretrainedWeights.of(name, source, size, SUM, "ImageNet", "a licence");
    }

    @Test
    void descriptionsAreValuesThatReadWell() {
        DownloadSettings settings = DownloadSettings.defaults().withCacheFolder(Path.of("/cache"));
        assertThat(Weights.pretrained()).isEqualTo(Weights.pretrained()).hasToString("pretrained");
        assertThat(Weights.imagenet()).hasToString("pretrained on ImageNet").isNotEqualTo(Weights.pretrained());
        assertThat(Weights.pretrained(settings)).hasToString("pretrained (" + settings + ")");
        assertThat(Weights.imagenet(settings)).hasToString("pretrained on ImageNet (" + settings + ")");
        assertThat(Weights.file(Path.of("a.h5")))
                .isEqualTo(Weights.file(Path.of("a.h5")))
                .hasToString("file a.h5");
        assertThat(Weights.random()).isEqualTo(Weights.random()).hasToString("random");
    }

    @Test
    void vgg16IsDescribedAsKerasDoes() {
        PretrainedWeights vgg16 = KerasApplications.VGG16;
        assertThat(vgg16.source().getPath())
                .endsWith(vgg16.name().substring(vgg16.name().lastIndexOf('/')));
        assertThat(vgg16.size()).isEqualTo(58_889_256);
        assertThat(vgg16.checksum().confirmed()).isFalse();
        assertThat(vgg16.checksum()).hasToString("MD5 6d6bbae143d832006294945121d1f1fc");
        assertThat(vgg16.trainedOn()).isEqualTo(Weights.IMAGENET);
        assertThat(vgg16.licence()).contains("CC BY 4.0");
        assertThat(vgg16).hasToString(vgg16.name() + " from " + vgg16.source());
    }

    @Test
    void descriptorsAreValues() {
        assertThat(of("a/b.h5", SOURCE, 1))
                .isEqualTo(of("a/b.h5", SOURCE, 1))
                .hasSameHashCodeAs(of("a/b.h5", SOURCE, 1))
                .isNotEqualTo(of("a/b.h5", SOURCE, 2))
                .isNotEqualTo(of("b.h5", SOURCE, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/x", "../x", "a/../x", "a//b", "a\\b", ".hidden"})
    void aNameStaysBelowTheCacheFolder(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(name, SOURCE, 1))
                .withMessageContaining(name);
    }

    @Test
    void anAddressIsOfTheWebAndASizeIsKnownOrNot() {
        assertThatIllegalArgumentException().isThrownBy(() -> of("x", URI.create("file:///x"), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> of("x", SOURCE, -2));
        assertThat(of("x", SOURCE, -1).size()).isEqualTo(-1);
    }
}
