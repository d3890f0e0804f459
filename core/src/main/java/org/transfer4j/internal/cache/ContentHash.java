package org.transfer4j.internal.cache;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.file.Sha256;
import org.transfer4j.internal.format.safetensors.Safetensors.TensorBytes;

/** SHA-256 of several things one after the other, each with its length, so that no two sequences give the same bytes. */
public final class ContentHash {
    private final MessageDigest digest = Sha256.create();
    private final OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
    private final TensorBytes tensors = new TensorBytes();

    /** Adds a text. */
    public void add(String text) {
        add(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds bytes. */
    public void add(byte[] bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }

    /** Adds an array of floats or bytes: its shape, and its values in C order. */
    public void add(INDArray array) {
        add(Arrays.toString(array.shape()));
        try {
            tensors.write(array, out);
        } catch (IOException e) {
            throw new UncheckedIOException("a digest is written to no file", e);
        }
    }

    /** The digest. Ends it: call it once. */
    public byte[] digest() {
        return digest.digest();
    }

    /** The digest in lower-case hexadecimal. Ends it: call it once. */
    public String text() {
        return HexFormat.of().formatHex(digest());
    }
}
