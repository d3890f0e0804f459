package org.transfer4j.internal.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.download.Checksum;

class RemoteFileTest {
    private static final Checksum SUM = Checksum.md5("0".repeat(32));
    private static final URI SOURCE = URI.create("https://publisher.invalid/x");

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/passwd", "../x", "a/../x", "a//b", "a\\b", "C:/x", ".hidden", "a/"})
    void aNameStaysBelowTheCacheFolder(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RemoteFile(name, SOURCE, 1, SUM, "a licence"))
                .withMessageContaining("\"" + name + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "x", "ftp://publisher.invalid/x", "http:///x"})
    void anAddressIsOfTheWeb(String address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RemoteFile("x", URI.create(address), 1, SUM, "a licence"));
    }

    @Test
    void aSizeIsKnownOrNot() {
        assertThatIllegalArgumentException().isThrownBy(() -> new RemoteFile("x", SOURCE, -2, SUM, "a licence"));
    }

    @Test
    void theFileNameIsTheLastPart() {
        assertThat(new RemoteFile("a/b/c.h5", SOURCE, -1, SUM, "a licence").fileName())
                .isEqualTo("c.h5");
        assertThat(new RemoteFile("c.h5", SOURCE, -1, SUM, "a licence").fileName())
                .isEqualTo("c.h5");
    }
}
