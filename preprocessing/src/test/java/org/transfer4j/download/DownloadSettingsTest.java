package org.transfer4j.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadSettingsTest {
    private static final List<String> PROPERTIES = List.of(
            DownloadSettings.CACHE_PROPERTY, DownloadSettings.MIRROR_PROPERTY, DownloadSettings.OFFLINE_PROPERTY);

    private List<String> before;

    @BeforeEach
    void clearProperties() {
        before = PROPERTIES.stream().map(key -> System.getProperty(key, "")).toList();
        PROPERTIES.forEach(System::clearProperty);
    }

    @AfterEach
    void restoreProperties() {
        for (int i = 0; i < PROPERTIES.size(); i++) {
            System.setProperty(PROPERTIES.get(i), before.get(i));
        }
    }

    @Test
    void theDefaults() {
        DownloadSettings settings = DownloadSettings.defaults();
        assertThat(settings.cacheFolder()).isEqualTo(Path.of(System.getProperty("user.home"), ".transfer4j"));
        assertThat(settings.mirrors()).isEmpty();
        assertThat(settings.offline()).isFalse();
        assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.stallTimeout()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void thePropertiesAreRead() {
        System.setProperty("transfer4j.cache", "somewhere");
        System.setProperty("transfer4j.mirror", " http://mirror/files/ ");
        System.setProperty("transfer4j.offline", "true");
        DownloadSettings settings = DownloadSettings.defaults();
        assertThat(settings.cacheFolder()).isEqualTo(Path.of("somewhere").toAbsolutePath());
        assertThat(settings.mirrors()).containsExactly(URI.create("http://mirror/files/"));
        assertThat(settings.offline()).isTrue();
        assertThat(settings)
                .hasToString(
                        "cache " + Path.of("somewhere").toAbsolutePath() + ", mirror http://mirror/files/, offline");
    }

    @Test
    void everyStepKeepsTheOthers() {
        DownloadProgress progress = DownloadProgress.logging();
        DownloadSettings settings = DownloadSettings.defaults()
                .withCacheFolder(Path.of("a"))
                .withMirror(URI.create("https://mirror"))
                .withOffline(true)
                .withConnectTimeout(Duration.ofSeconds(1))
                .withStallTimeout(Duration.ofSeconds(2))
                .withProgress(progress)
                .withCacheFolder(Path.of("b"));
        assertThat(settings.cacheFolder()).isEqualTo(Path.of("b").toAbsolutePath());
        assertThat(settings.mirrors()).containsExactly(URI.create("https://mirror"));
        assertThat(settings.offline()).isTrue();
        assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.stallTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.progress()).isSameAs(progress);
    }

    @Test
    void severalMirrorsKeepTheirOrder() {
        URI first = URI.create("http://b/files");
        URI second = URI.create("https://a");
        assertThat(DownloadSettings.defaults().withMirrors(first, second).mirrors())
                .containsExactly(first, second);
        assertThat(DownloadSettings.defaults().withMirror(first).withMirrors().mirrors())
                .isEmpty();
        System.setProperty("transfer4j.mirror", " http://b/files, https://a  https://c,");
        assertThat(DownloadSettings.defaults().mirrors()).containsExactly(first, second, URI.create("https://c"));
    }

    @Test
    void aPasswordInAMirrorsAddressIsRefusedAndNotShown() {
        for (String address : new String[] {"https://me:secret@mirror/files", "http://me:secret@my_mirror/files"}) {
            assertThatThrownBy(() -> DownloadSettings.defaults().withMirror(URI.create(address)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("java.net.Authenticator")
                    .hasMessageContaining("mirror has")
                    .hasMessageNotContaining("secret");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://me:secret@mirror/files",
                "https://me:secret^@mirror/files",
                "https://me:se/cret@mirror/files",
                "https://me:secret,secret@mirror/files",
                "https://me:secret secret@mirror/files",
                "https://me:secre/secret,secret@mirror/files",
                "https:me:secret@mirror/files",
                "me:secret@mirror/files",
                "^me:secret@mirror/files",
                "http://other, https://me:secret@mirror/[files"
            })
    void aPasswordInThePropertyIsNotShownEither(String addresses) {
        System.setProperty("transfer4j.mirror", addresses);
        assertThatThrownBy(DownloadSettings::defaults)
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(thrown -> assertThat(stackTrace(thrown))
                        .contains("mirror")
                        .doesNotContain("secret")
                        .doesNotContain("cret@"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://mirror/@scope/files", "https://mirror/files//@scope/x"})
    void anAtInThePathIsNoLogin(String address) {
        assertThat(DownloadSettings.defaults().withMirror(URI.create(address)))
                .hasToString(DownloadSettings.defaults() + ", mirror " + address);
        System.setProperty("transfer4j.mirror", address);
        assertThat(DownloadSettings.defaults().toString()).endsWith(", mirror " + address);
    }

    private static String stackTrace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void whatIsNoAddressIsNamedWithTheProperty() {
        System.setProperty("transfer4j.mirror", "http://mirror/[files");
        assertThatIllegalArgumentException()
                .isThrownBy(DownloadSettings::defaults)
                .withMessageContaining("transfer4j.mirror")
                .withMessageContaining("http://mirror/[files")
                .withMessageContaining("Illegal character");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mirror", "ftp://mirror", "http:///files", "http://mirror?x=1", "http://mirror#x"})
    void aMirrorIsAnAddressOfTheWeb(String address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DownloadSettings.defaults().withMirror(URI.create(address)))
                .withMessageContaining(address);
    }

    @Test
    void aTimeoutIsPositive() {
        DownloadSettings settings = DownloadSettings.defaults();
        assertThatIllegalArgumentException().isThrownBy(() -> settings.withConnectTimeout(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> settings.withStallTimeout(Duration.ofMillis(-1)));
    }

    @Test
    void aChecksumHasItsDigits() {
        assertThat(Checksum.md5("0123456789ABCDEF0123456789abcdef").hex())
                .isEqualTo("0123456789abcdef0123456789abcdef");
        assertThatIllegalArgumentException().isThrownBy(() -> Checksum.md5("0".repeat(31)));
        assertThatIllegalArgumentException().isThrownBy(() -> Checksum.sha256("g".repeat(64)));
        assertThat(Checksum.sha256("0".repeat(64)).unconfirmed().confirmed()).isFalse();
        assertThat(Checksum.sha256("0".repeat(64))).hasToString("SHA-256 " + "0".repeat(64));
    }
}
