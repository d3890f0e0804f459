package org.transfer4j.internal.format.modelfile;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.error.ModelFileException;

class ForeignFileTest {
    @TempDir
    Path folder;

    @Test
    void knowsADeeplearning4jModel() throws IOException {
        Path file = folder.resolve("dl4j.zip");
        ComputationGraph graph = new ComputationGraph(SampleModel.configuration());
        graph.init();
        graph.save(file.toFile());

        assertLooksLike(file, "a Deeplearning4j model: load it with ComputationGraph.load and pass the network on");
    }

    @ParameterizedTest
    @CsvSource({
        "archive/data.pkl, a PyTorch file",
        "model.weights.h5, a Keras 3 model (.keras)",
        "META-INF/MANIFEST.MF, a Java archive",
        "anything, a ZIP archive that Transfer4J did not write",
    })
    void knowsOtherZipFiles(String entry, String description) throws IOException {
        Path file = folder.resolve("foreign.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("first"));
            zip.write(new byte[100_000]);
            zip.putNextEntry(new ZipEntry(entry));
        }

        assertLooksLike(file, description);
    }

    @ParameterizedTest
    @CsvSource({
        "89484446 0d0a1a0a, an HDF5 file",
        "8002 7d71, a Python pickle",
        "47475546 03, a GGUF file",
        "934e554d5059 01, a NumPy array",
        "1f8b08, a gzip archive",
        "89504e47 0d0a, a PNG image",
        "ffd8ffe0, a JPEG image",
        "1c000000 54464c33, a TensorFlow Lite model",
        "4000000000000000 7b22, a safetensors file",
        "08071207 7079746f726368, an ONNX or another protobuf file",
        "0a207b22, a JSON text",
        "00, no format that this library knows",
        "504b0304, a ZIP archive",
    })
    void knowsFirstBytes(String hex, String description) throws IOException {
        Path file = folder.resolve("foreign");
        Files.write(file, java.util.HexFormat.of().parseHex(hex.replace(" ", "")));

        assertLooksLike(file, description);
    }

    @Test
    void doesNotTakeAnArchiveOfAnotherToolForItsOwn() throws IOException {
        Path file = folder.resolve("packed.zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("manifest.json"));
            zip.write("{}".getBytes(StandardCharsets.UTF_8));
        }

        assertThatThrownBy(() -> ModelArchive.read(file, described -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("the ZIP header of manifest.json at byte 0 is not as Transfer4J writes it");
    }

    private static void assertLooksLike(Path file, String description) {
        assertThatThrownBy(() -> ModelArchive.read(file, described -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(file + ": not a Transfer4J model; it looks like " + description);
    }
}
