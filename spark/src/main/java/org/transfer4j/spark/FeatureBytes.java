package org.transfer4j.spark;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An image's features as bytes, floats in little-endian order: half of what a vector of doubles takes, and in Parquet too. */
final class FeatureBytes implements ComputedPartition.Columns {
    private static final long serialVersionUID = 1L;

    @Override
    public Object[] of(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        return new Object[] {bytes.array()};
    }

    @Override
    public int count() {
        return 1;
    }

    /** Puts features where a buffer's position is, in its order. */
    static void copy(byte[] features, ByteBuffer target) {
        ByteBuffer source = ByteBuffer.wrap(features).order(ByteOrder.LITTLE_ENDIAN);
        target.asFloatBuffer().put(source.asFloatBuffer());
        target.position(target.position() + features.length);
    }
}
