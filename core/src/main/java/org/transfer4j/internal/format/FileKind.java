package org.transfer4j.internal.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/** Says what a file looks like that does not hold what is looked for, so that its owner knows what to do. */
public final class FileKind {
    /** How many bytes of a file's beginning tell what it is. */
    public static final int HEAD_BYTES = 512;

    /** How much of the beginning, and of the end, is searched for the names in a zip archive. */
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

    private FileKind() {}

    /** The first bytes, which tell what a file is. */
    public static byte[] head(FileChannel channel) throws IOException {
        return bytes(channel, 0, HEAD_BYTES);
    }

    /** So many bytes at a place in a file; fewer where it ends. */
    public static byte[] bytes(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        int read = 0;
        while (read >= 0 && bytes.hasRemaining()) {
            read = channel.read(bytes, position + bytes.position());
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    public static boolean isZip(byte[] head) {
        return text(head).startsWith("PK\u0003\u0004");
    }

    /** A character a byte. */
    private static String text(byte[] head) {
        return new String(head, StandardCharsets.ISO_8859_1);
    }

    /** Says what a zip archive looks like, by the names in it. */
    public static String describeZip(Collection<String> names) {
        if (names.stream().anyMatch(name -> name.endsWith("data.pkl"))) {
            return "it is a PyTorch file, whose pickle can run any code when it is read; write safetensors:"
                    + " safetensors.torch.save_file(model.state_dict(), \"x.safetensors\")";
        }
        if (names.stream().anyMatch(name -> name.endsWith(".npy"))) {
            return "it is an archive of NumPy arrays (.npz)";
        }
        if (names.contains("weights.safetensors") && names.contains("network.json")) {
            return "it is a model that this library has saved: ImageClassifier.load reads it";
        }
        if (names.contains("META-INF/MANIFEST.MF")) {
            return "it is a Java archive";
        }
        return "it is a zip archive with "
                + (names.isEmpty()
                        ? "nothing in it"
                        : String.join(", ", names.stream().limit(5).toList()));
    }

    public static String describe(byte[] head) {
        String text = text(head);
        if (head.length == 0) {
            return "it is empty";
        }
        if (text.startsWith("\u0089HDF")) {
            return "it is the beginning of an HDF5 file";
        }
        if (text.startsWith("\u001f\u008b")) {
            return "it is compressed with gzip; unpack it first";
        }
        if (text.startsWith("version https://git-lfs")) {
            return "it is a Git LFS pointer, not the file itself";
        }
        if (text.startsWith("(lp") || isPickle(head)) {
            return "it is a Python pickle (an old PyTorch file?), which can run any code when it is read; write"
                    + " safetensors: safetensors.torch.save_file(model.state_dict(), \"x.safetensors\")";
        }
        String start = text.stripLeading().toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype") || start.startsWith("<html") || start.startsWith("<?xml")) {
            return "it is a web page or XML";
        }
        if (text.length() > 9 && text.charAt(8) == '{') {
            return "it looks like safetensors, but the length of its head, "
                    + ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong() + ", is out of bounds";
        }
        boolean readable = text.chars().limit(64).allMatch(c -> (c >= ' ' && c <= '~') || Character.isWhitespace(c));
        return readable
                ? "it is a text file"
                : "it begins with the bytes " + HexFormat.of().formatHex(Arrays.copyOf(head, Math.min(8, head.length)));
    }

    /** Protocols 2 to 5 begin with their number; older ones don't. */
    private static boolean isPickle(byte[] head) {
        return head.length > 1 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5;
    }

    /** Says what a file looks like that is not one of the library, as the end of the sentence "it looks like ...". */
    public static String describeForeign(FileChannel channel) throws IOException {
        String head = text(bytes(channel, 0, LOOK));
        for (Map.Entry<String, String> magic : BY_MAGIC.entrySet()) {
            if (head.startsWith(magic.getKey())) {
                return magic.getValue();
            }
        }
        if (head.startsWith("PK")) {
            return zip(head + text(bytes(channel, Math.max(0, channel.size() - LOOK), LOOK)));
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
}
