package org.transfer4j.internal.pixel;

import java.nio.FloatBuffer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * From 8-bit pixels of any size to three float planes of one size: resized as bytes, then looked up in a table of the
 * 256 possible outputs of each channel.
 *
 * <p>Immutable and safe for many threads: scratch memory lives for one call and is released by it, which costs 2 to 3
 * microseconds an image; scratch of each thread would outlive the work.
 */
public final class ResizedPlanes {
    private static final int RGB = 3;
    private static final int BYTE_VALUES = 256;

    private final BilinearResize resize;
    private final int[] sources;
    private final float[][] tables;

    /** What an output channel makes of one value. */
    public interface Scaling {
        /** Of the channel's number, 0 to 2. */
        float apply(int channel, float value);
    }

    /**
     * @param resize to which size
     * @param source from which channel of the image, red (0), green (1) or blue (2), each of the three of the output comes
     */
    public ResizedPlanes(BilinearResize resize, IntUnaryOperator source, Scaling scaling) {
        this.resize = resize;
        this.sources = IntStream.range(0, RGB).map(source).toArray();
        this.tables = IntStream.range(0, RGB)
                .mapToObj(channel -> table(scaling, channel))
                .toArray(float[][]::new);
    }

    /**
     * Rounds float pixels to 8 bits, resizes them and puts three planes at the target's position.
     *
     * @param pixels within 0..255
     */
    public void write(FloatPixels pixels, FloatBuffer target) {
        try (Mat bytes = pixels.eightBit()) {
            write(bytes, target);
        }
    }

    /**
     * Resizes 8-bit pixels and puts three planes at the target's position.
     *
     * @param pixels gray or BGR
     */
    public void write(Mat pixels, FloatBuffer target) {
        byte[] bytes;
        int channels;
        try (Mat resized = resize.resize(pixels)) {
            channels = resized.channels();
            bytes = new byte[channels * resize.height() * resize.width()];
            resized.data().get(bytes);
        }
        float[] plane = new float[resize.height() * resize.width()];
        for (int output = 0; output < RGB; output++) {
            // the Mat holds blue first, a source counts from red
            int offset = channels == 1 ? 0 : channels - 1 - sources[output];
            lookUp(bytes, offset, channels, tables[output], plane);
            target.put(plane);
        }
    }

    private static void lookUp(byte[] bytes, int offset, int step, float[] table, float[] plane) {
        for (int i = 0; i < plane.length; i++) {
            plane[i] = table[bytes[offset + i * step] & 0xFF];
        }
    }

    private static float[] table(Scaling scaling, int channel) {
        float[] table = new float[BYTE_VALUES];
        for (int value = 0; value < BYTE_VALUES; value++) {
            table[value] = scaling.apply(channel, value);
        }
        return table;
    }
}
