package org.transfer4j.internal.format.modelfile;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.transfer4j.internal.format.FileKind;

/** Says what a file that is not a Transfer4J model looks like, from its first and last bytes. */
final class ForeignFormat {
    private static final int LOOK = 1 << 16;

    /** Ends of the sentence "this looks like ...", by the first bytes of the file in ISO 8859-1. */
    private static final Map<String, String> BY_MAGIC = Map.of(
            "\u0089HDF\r\n\u001a\n", "an HDF5 file (Keras weights or model): weights are read with Weights.file",
            "\u0080\u0002", "a Python pickle, as older PyTorch versions write",
            "GGUF", "a GGUF file",
            "\u0093NUMPY", "a NumPy array",
            "\u001f\u008b", "a gzip archive: unpack it first",
            "\u0089PNG", "a PNG image",
            "\u00ff\u00d8\u00ff", "a JPEG image");

    private ForeignFormat() {}

    static String describe(FileChannel channel) throws IOException {
        String head = bytesAt(channel, 0);
        for (Map.Entry<String, String> magic : BY_MAGIC.entrySet()) {
            if (head.startsWith(magic.getKey())) {
                return magic.getValue();
            }
        }
        if (head.startsWith("PK")) {
            return zip(head + bytesAt(channel, Math.max(0, channel.size() - LOOK)));
        }
        if (head.startsWith("TFL3", 4)) {
            return "a TensorFlow Lite model";
        }
        if (head.startsWith("{", 8)) {
            return "a safetensors file, which holds weights alone";
        }
        if (head.startsWith("\b") && head.contains("\u0012")) {
            return "an ONNX or another protobuf file";
        }
        if (head.strip().startsWith("{")) {
            return "a JSON text";
        }
        return "no format that this library knows, or its first bytes are damaged";
    }

    private static String zip(String names) {
        if (names.contains("coefficients.bin") && names.contains("configuration.json")) {
            return "a Deeplearning4j model: load it with ComputationGraph.load and pass the network on";
        }
        if (names.contains("model.weights.h5")) {
            return "a Keras 3 model (.keras)";
        }
        if (names.contains("data.pkl")) {
            return "a PyTorch file";
        }
        if (names.contains("META-INF/MANIFEST.MF")) {
            return "a Java archive";
        }
        return "a ZIP archive that Transfer4J did not write";
    }

    private static String bytesAt(FileChannel channel, long position) throws IOException {
        return new String(FileKind.bytes(channel, position, LOOK), StandardCharsets.ISO_8859_1);
    }
}
