package org.transfer4j.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplacedFileTest {
    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rw-------");

    @TempDir
    private Path folder;

    private static void write(Path file, String content) {
        ReplacedFile.writeBytes(file, "text", () -> content.getBytes(StandardCharsets.UTF_8));
    }

    private void assumePermissions() throws IOException {
        assumeTrue(Files.getFileStore(folder).supportsFileAttributeView("posix"));
    }

    @Test
    void theOldFilesPermissionsStay() throws IOException {
        assumePermissions();
        Path fresh = folder.resolve("fresh");
        write(fresh, "one");
        Path ordinary = Files.writeString(folder.resolve("ordinary"), "x");
        assertThat(Files.getPosixFilePermissions(fresh)).isEqualTo(Files.getPosixFilePermissions(ordinary));

        Files.setPosixFilePermissions(fresh, OWNERS);
        write(fresh, "two");
        assertThat(fresh).hasContent("two");
        assertThat(Files.getPosixFilePermissions(fresh)).isEqualTo(OWNERS);

        Path link = Files.createSymbolicLink(folder.resolve("link"), fresh);
        write(link, "three");
        assertThat(link).isSymbolicLink();
        assertThat(fresh).hasContent("three");
        assertThat(Files.getPosixFilePermissions(fresh)).isEqualTo(OWNERS);
    }

    @Test
    void nobodyElseReadsTheNewFileBeforeItIsWhole() throws IOException {
        assumePermissions();
        Path file = Files.writeString(folder.resolve("file"), "old");
        Files.setPosixFilePermissions(file, OWNERS);
        ReplacedFile.write(file, "text", channel -> {
            try (var all = Files.list(folder)) {
                for (Path each : (Iterable<Path>) all::iterator) {
                    assertThat(Files.getPosixFilePermissions(each)).isEqualTo(OWNERS);
                }
            }
        });
    }

    /** As /dev/null: whoever may would else replace the device. */
    @Test
    void aPipeIsNotReplaced() throws Exception {
        Path pipe = folder.resolve("pipe");
        try {
            assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        } catch (IOException e) {
            assumeTrue(false, "there are no pipes here: " + e);
        }
        for (Path file : new Path[] {pipe, Files.createSymbolicLink(folder.resolve("link"), pipe)}) {
            assertThatThrownBy(() -> write(file, "x"))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("Can't write the text " + file)
                    .hasMessageContaining("the place of a device, a pipe");
        }
        assertThat(Files.isRegularFile(pipe)).isFalse();
        assertThat(Files.exists(pipe)).isTrue();
    }

    @Test
    void theEmptyPathIsSeen() {
        assertThatThrownBy(() -> write(Path.of(""), "new"))
                .hasMessage("Can't write the text \"\": a file name is needed, but this is a folder");
    }

    @Test
    void aFolderInWhichNoFileCanBeMadeIsNamed() {
        Path system = Path.of("/proc");
        assumeTrue(Files.isDirectory(system));
        assertThatThrownBy(() -> write(system.resolve("x.txt"), "new"))
                .hasMessageStartingWith("Can't write the text /proc/x.txt: ")
                .hasMessageNotContaining("there is no such file");
    }
}
