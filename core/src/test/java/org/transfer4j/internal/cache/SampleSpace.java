package org.transfer4j.internal.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.transfer4j.internal.cache.Chunk.ChunkWriter;
import org.transfer4j.internal.file.Sha256;

/** Rows of which every value is the row's number, in a space of four values a row. */
final class SampleSpace {
    static final int VALUES = 4;

    private SampleSpace() {}

    static FeatureSpace named(int name) {
        byte[] digest = new byte[Sha256.BYTES];
        Arrays.fill(digest, (byte) name);
        return new FeatureSpace(digest, new long[] {VALUES}, "sample " + name);
    }

    static byte[] digest(int number) {
        byte[] digest = new byte[Sha256.BYTES];
        ByteBuffer.wrap(digest).putInt(number).putInt(20, number);
        return digest;
    }

    static ByteBuffer row(int number) {
        ByteBuffer row = ByteBuffer.allocateDirect(VALUES * Float.BYTES).order(ByteOrder.nativeOrder());
        for (int i = 0; i < VALUES; i++) {
            row.putFloat(number);
        }
        return row.flip();
    }

    /** Writes the rows of some numbers as one chunk and gives its file. */
    static Path write(Path root, FeatureSpace space, int... numbers) throws IOException {
        ChunkWriter writer = ChunkWriter.create(new SpaceFolder(root, space));
        for (int number : numbers) {
            writer.append(row(number), digest(number));
        }
        try (Chunk chunk = writer.finish()) {
            return chunk.file();
        }
    }

    static float[] read(Chunk chunk, int row) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(VALUES * Float.BYTES + 4).order(ByteOrder.nativeOrder());
        target.position(4);
        chunk.readRow(row, 0, VALUES, target);
        float[] values = new float[VALUES];
        target.flip().position(4);
        target.asFloatBuffer().get(values);
        return values;
    }
}
