package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.transfer4j.dataset.TestDatasets.jpeg;
import static org.transfer4j.dataset.TestDatasets.write;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.dataset.FileCheck.FileName;
import org.transfer4j.error.DatasetException;

/** Names that the JVM can't decode, in whatever locale it runs. On Linux, where the locale decides. */
@EnabledOnOs(OS.LINUX)
class UndecodedNamesTest {
    @TempDir
    Path root;

    @BeforeEach
    void writeAClass() throws IOException {
        write(root.resolve("fish/1.jpg"), jpeg(100));
        write(root.resolve("bird/1.jpg"), jpeg(50));
    }

    /** By a shell, which knows names as bytes. */
    private void shell(String command) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("/bin/sh", "-c", command)
                .directory(root.toFile())
                .inheritIO()
                .start();
        assertThat(shell.waitFor()).as(command).isZero();
    }

    /** What a JVM in another locale makes of the folder or list: its classes, escaped, or its error. */
    private static String opened(Path data, String locale) throws IOException, InterruptedException {
        ProcessBuilder child = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                OpeningProcess.class.getName(),
                data.toString());
        child.environment().put("LC_ALL", locale);
        Process process = child.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void foldersThatAllLookAlikeAreRefused() throws IOException, InterruptedException {
        shell("mkdir $(printf '\\347\\212\\254') $(printf '\\347\\214\\253')"
                + " && cp fish/1.jpg $(printf '\\347\\212\\254') && cp fish/1.jpg $(printf '\\347\\214\\253')");
        assertThat(opened(root, "C"))
                .startsWith("refused")
                .contains(root + ": has a class folder that has a name that can't be decoded")
                .contains("%E7%8")
                .contains("start it with LC_ALL=C.UTF-8");
        assertThat(opened(root, "C.UTF-8")).contains("classes [bird, fish, \\u72ac, \\u732b]");
    }

    @Test
    void aFolderOfAnotherEncodingIsRefused() throws IOException, InterruptedException {
        shell("mv fish $(printf 'caf\\351')");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ImageDataset.folder(root, BrokenImages.SKIP))
                .withMessageContaining("can't be decoded")
                .withMessageContaining("caf%E9");
    }

    @Test
    void imagesOfAnotherEncodingCanNotBeUsed() throws IOException, InterruptedException {
        shell("cp fish/1.jpg fish/$(printf 'caf\\351.jpg')");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ImageDataset.folder(root))
                .withMessageContaining("1 of 3 images can't be used")
                .withMessageContaining("caf%E9.jpg");
        ImageDataset skipping = ImageDataset.folder(root, BrokenImages.SKIP);
        assertThat(skipping.size()).isEqualTo(2);
        assertThat(skipping.skipped().get(0).reason()).contains("can't be decoded");
    }

    @Test
    void aListedPathThatCanNotBeSaidHereIsRefusedWithWhatToDo() throws IOException, InterruptedException {
        shell("mv fish/1.jpg fish/$(printf '\\347\\212\\254.jpg')");
        Path list = Files.writeString(root.resolve("list.csv"), "bird/1.jpg,bird\nfish/\u72ac.jpg,\u72ac\n");
        assertThat(opened(list, "C")).startsWith("refused").contains("line 2").contains("LC_ALL=C.UTF-8");
        assertThat(opened(list, "C.UTF-8")).contains("classes [bird, \\u72ac]");
    }

    @Test
    void aListedTextThatWasNotDecodedWhenItWasWrittenIsRefused() throws IOException {
        for (String row : new String[] {"fish/1.jpg,\ufffd\ufffd\ufffd", "\ufffd/1.jpg,fish"}) {
            Path list = Files.writeString(root.resolve("list.csv"), "bird/1.jpg,bird\n" + row);
            assertThatExceptionOfType(DatasetException.class)
                    .isThrownBy(() -> ImageDataset.csv(list, BrokenImages.SKIP))
                    .withMessageContaining("line 2")
                    .withMessageContaining("U+FFFD");
        }
    }

    @Test
    void utf8ThatIsReadInAnotherEncodingIsKnown() {
        Charset latin = StandardCharsets.ISO_8859_1;
        String dog = new String("\u72ac".getBytes(StandardCharsets.UTF_8), latin);
        assertThat(FileName.isUtf8In(dog, latin)).isTrue();
        assertThat(FileName.isUtf8In("caf\u00e9", latin)).isFalse();
        assertThat(FileName.isUtf8In("fish", latin)).isFalse();
        assertThat(FileName.isUtf8In("\u72ac", latin)).isFalse();
        assertThat(FileName.isUtf8In("\u72ac", StandardCharsets.UTF_8)).isFalse();
        assertThat(FileName.isUtf8In("\u72ac", Charset.forName("EUC-JP"))).isFalse();
        assertThat(FileName.isUtf8In(
                        new String("\u00fc\u00df".getBytes(StandardCharsets.UTF_8), Charset.forName("windows-1252")),
                        Charset.forName("windows-1252")))
                .isTrue();
    }

    /** What a second process runs: opens a folder or a list and says which classes it has, in ASCII. */
    static final class OpeningProcess {
        private OpeningProcess() {}

        public static void main(String[] arguments) {
            Path data = Path.of(arguments[0]);
            try {
                ImageDataset dataset =
                        data.toString().endsWith(".csv") ? ImageDataset.csv(data) : ImageDataset.folder(data);
                System.out.println("classes " + ascii(dataset.classNames().toString()));
            } catch (DatasetException e) {
                System.out.println("refused: " + ascii(e.getMessage()));
            }
        }

        private static String ascii(String text) {
            StringBuilder escaped = new StringBuilder();
            text.chars()
                    .forEach(c -> escaped.append(c < 0x80 ? String.valueOf((char) c) : String.format("\\u%04x", c)));
            return escaped.toString();
        }
    }
}
