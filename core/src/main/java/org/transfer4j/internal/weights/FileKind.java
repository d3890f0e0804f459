package org.transfer4j.internal.weights;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/** Says what a file looks like that is not HDF5, so that its owner knows what to do. */
final class FileKind {
    /** How many bytes of a file's beginning tell what it is. */
    static final int HEAD_BYTES = 512;

    private static final byte[] ZIP = {'P', 'K', 3, 4};
    private static final byte[] GZIP = {0x1F, (byte) 0x8B};

    private FileKind() {}

    static String describe(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (head.length == 0) {
            return "it is empty";
        }
        if (startsWith(head, ZIP)) {
            return "it looks like a zip archive (a .keras model, a PyTorch or NumPy file?); a .keras model gives its"
                    + " weights with model.save_weights(\"x.weights.h5\")";
        }
        if (startsWith(head, GZIP)) {
            return "it is compressed with gzip; unpack it first";
        }
        if (text.startsWith("version https://git-lfs")) {
            return "it is a Git LFS pointer, not the file itself";
        }
        if (text.startsWith("(lp") || startsWith(head, new byte[] {(byte) 0x80, 2})) {
            return "it looks like a Python pickle (a PyTorch file?)";
        }
        String start = text.stripLeading().toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype") || start.startsWith("<html") || start.startsWith("<?xml")) {
            return "it is a web page or XML";
        }
        if (text.length() > 9 && text.charAt(8) == '{') {
            return "it looks like safetensors";
        }
        boolean readable = text.chars().limit(64).allMatch(c -> (c >= ' ' && c <= '~') || Character.isWhitespace(c));
        return readable
                ? "it is a text file"
                : "it begins with the bytes " + HexFormat.of().formatHex(Arrays.copyOf(head, Math.min(8, head.length)));
    }

    private static boolean startsWith(byte[] head, byte[] signature) {
        return head.length >= signature.length
                && Arrays.equals(head, 0, signature.length, signature, 0, signature.length);
    }
}
