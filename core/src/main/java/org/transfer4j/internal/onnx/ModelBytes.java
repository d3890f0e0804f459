package org.transfer4j.internal.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import onnx.Onnx.ModelProto;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.transfer4j.internal.file.Sha256;

/** Models as bytes in native memory, as {@code Op.Onnx} has them for its parameter. */
public final class ModelBytes {
    private ModelBytes() {}

    /** A model's bytes, the caller's to close. */
    public static INDArray of(ModelProto model) {
        INDArray bytes = Nd4j.createUninitializedDetached(DataType.UINT8, 'c', new long[] {model.getSerializedSize()});
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(memory(bytes));
            model.writeTo(out);
            out.flush();
            return bytes;
        } catch (IOException e) {
            bytes.close();
            throw new IllegalStateException("a model is not as long as it says", e);
        }
    }

    /** The memory of bytes, valid as long as they are. */
    public static ByteBuffer memory(INDArray bytes) {
        return new BytePointer(bytes.data().addressPointer())
                .limit(bytes.length())
                .asByteBuffer();
    }

    /** The SHA-256 of bytes, in lower-case hexadecimal. */
    public static String sha256(INDArray bytes) {
        MessageDigest digest = Sha256.create();
        digest.update(memory(bytes));
        return HexFormat.of().formatHex(digest.digest());
    }
}
