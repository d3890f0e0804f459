package org.transfer4j.internal.format.modelfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.testing.ChildProcess;

class ModelArchiveFailureTest {
    @TempDir
    Path folder;

    @Test
    void replacesTheOldFile() throws IOException {
        Path file = folder.resolve("model.t4j");
        Files.writeString(file, "old");

        ModelArchive.write(file, SampleModel.contents());

        assertThat(ModelArchive.read(file, described -> {}).backbone()).isEqualTo("tiny");
        assertThat(namesIn(folder)).containsExactly("model.t4j");
    }

    @Test
    void writesThroughASymbolicLink() throws IOException {
        Path real = Files.createDirectory(folder.resolve("store")).resolve("model.t4j");
        Files.writeString(real, "old");
        Path link = Files.createSymbolicLink(folder.resolve("link.t4j"), real);

        ModelArchive.write(link, SampleModel.contents());

        assertThat(link).isSymbolicLink();
        assertThat(ModelArchive.read(real, described -> {}).backbone()).isEqualTo("tiny");
    }

    @Test
    void keepsTheOldFileWhenTheDiskIsFull() throws IOException {
        Configuration small = Configuration.unix().toBuilder()
                .setBlockSize(512)
                .setMaxSize(64 << 10)
                .build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path models = Files.createDirectory(disk.getPath("/models"));
            Path file = models.resolve("model.t4j");
            ModelArchive.write(file, SampleModel.contents());
            byte[] old = Files.readAllBytes(file);
            ModelContents large = SampleModel.contents(
                    SampleModel.contents().topology(), Map.of("w", SampleModel.numbered(100, 1_000)));

            assertThatThrownBy(() -> ModelArchive.write(file, large))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage("Can't write the model file /models/model.t4j: out of disk space");

            assertThat(Files.readAllBytes(file)).isEqualTo(old);
            assertThat(namesIn(models)).containsExactly("model.t4j");
        }
    }

    @Test
    void saysThatTheFolderIsMissing() {
        Path file = folder.resolve("nowhere").resolve("model.t4j");

        assertThatThrownBy(() -> ModelArchive.write(file, SampleModel.contents()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("Can't write the model file " + file
                        + ": the folder must exist before a file is written into it");
    }

    @Test
    void saysThatTheFolderIsAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x").resolve("model.t4j");

        assertThatThrownBy(() -> ModelArchive.write(file, SampleModel.contents()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("is a file, and a folder is needed");
    }

    @Test
    void saysThatTheTargetIsAFolder() throws IOException {
        assertThatThrownBy(() -> ModelArchive.write(folder, SampleModel.contents()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("Can't write the model file " + folder + ": a file name is needed, but this is a folder");
        assertThat(namesIn(folder)).isEmpty();
    }

    /** The file system of the JDK's own classes, because permissions do not hold for a test that runs as root. */
    @Test
    void saysThatAFolderCanNotBeWritten() {
        Path file = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base/model.t4j");

        assertThatThrownBy(() -> ModelArchive.write(file, SampleModel.contents()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("Can't write the model file " + file + ": the file system is read-only");
    }

    @Test
    void leavesNothingWhenTheContentsFail() throws IOException {
        Path file = folder.resolve("model.t4j");
        assertThatThrownBy(() -> ReplacedFile.write(file, "model file", channel -> {
                    throw new IllegalStateException("closed on the way");
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(namesIn(folder)).isEmpty();
    }

    /** Somebody who interrupts a training wants to keep what was learned. */
    @Test
    void anInterruptedThreadWritesAndReadsItToo() throws Exception {
        Path file = Files.writeString(folder.resolve("model.t4j"), "old");
        Thread.currentThread().interrupt();
        try {
            ModelArchive.write(file, SampleModel.contents());
            ModelArchive.read(file, described -> {});
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(namesIn(folder)).containsExactly("model.t4j");
    }

    /** Of three processes the first is killed in the midst of it, the second writes meanwhile and the third afterwards. */
    @Test
    void whatAKilledProcessLeftIsSweptByTheNextOne() throws Exception {
        Path other = Files.writeString(folder.resolve(".transfer4j-mine.tmp"), "of somebody else");
        try (ChildProcess first = new ChildProcess(WritingProcess.class, folder.toString(), "hang")) {
            first.await("writing");
            assertThat(namesIn(folder)).hasSize(2);
            write("second");
            assertThat(namesIn(folder)).as("the first is still at it").hasSize(3);
            first.kill();
            assertThat(namesIn(folder)).hasSize(3);
            write("third");
            assertThat(namesIn(folder))
                    .containsExactlyInAnyOrder(
                            "second", "third", other.getFileName().toString());
        }
    }

    private void write(String name) throws Exception {
        try (ChildProcess process = new ChildProcess(WritingProcess.class, folder.toString(), name)) {
            process.await("written");
        }
    }

    @Test
    void saysThatThereIsNothingToRead() {
        Path file = folder.resolve("missing.t4j");

        assertThatThrownBy(() -> ModelArchive.read(file, described -> {}))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("Can't read the model file " + file + ": there is no such file");
        assertThatThrownBy(() -> ModelArchive.read(folder, described -> {}))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("a model file is needed, but this is a folder");
    }

    private static List<String> namesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
