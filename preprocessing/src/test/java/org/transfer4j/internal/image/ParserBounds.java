package org.transfer4j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.transfer4j.internal.image.ImageDecoder.DecodedMemory;

/**
 * What holds for every parser, whatever it is given: it ends in a second of this thread's time, allocates less than 256 MB,
 * and holds no decoded image afterwards. What it may throw its fuzz method says.
 */
public final class ParserBounds {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long MOST_NANOSECONDS = 1_000_000_000;
    private static final long MOST_BYTES = 256L << 20;
    private static final int[] TELLING = {0, 1, 0x7F, 0x80, 0xFE, 0xFF, 0xC0, 0xC2, 0xC4, 0xD0, 0xD9, 0xDA, 0xDD};

    private ParserBounds() {}

    /** Time is the processor's, so that a busy machine changes nothing. */
    public static void require(Runnable parsing) {
        long nativeBytes = Pointer.totalBytes();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long time = THREADS.getCurrentThreadCpuTime();
        parsing.run();
        assertThat(THREADS.getCurrentThreadCpuTime() - time).isLessThan(MOST_NANOSECONDS);
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        assertThat(allocated + Pointer.totalBytes() - nativeBytes).isLessThan(MOST_BYTES);
        assertThat(DecodedMemory.taken()).isZero();
    }

    /** A valid file with one to eight changes: bytes, numbers of two and four bytes, and parts left out or doubled. */
    public static byte[] changed(byte[] valid, long seed) {
        Random random = new Random(seed);
        byte[] bytes = valid.clone();
        for (int change = random.nextInt(8); change >= 0 && bytes.length > 8; change--) {
            // the beginning decides more than the rest
            int at = random.nextInt(random.nextBoolean() ? bytes.length - 4 : Math.min(bytes.length - 4, 64));
            ByteBuffer buffer =
                    ByteBuffer.wrap(bytes).order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
            int telling = TELLING[random.nextInt(TELLING.length)];
            switch (random.nextInt(7)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) telling;
                case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 3 -> buffer.putShort(at, (short) (random.nextBoolean() ? telling : random.nextInt()));
                case 4 -> buffer.putInt(at, random.nextBoolean() ? telling << 24 : random.nextInt());
                case 5 -> {
                    int length = Math.min(bytes.length - at, 1 + random.nextInt(40));
                    byte[] rest = Arrays.copyOfRange(bytes, at + length, bytes.length);
                    bytes = TestImages.insert(Arrays.copyOf(bytes, at), at, rest);
                }
                default -> {
                    int end = Math.min(bytes.length, at + 1 + random.nextInt(400));
                    bytes = TestImages.insert(bytes, end, Arrays.copyOfRange(bytes, at, end));
                }
            }
        }
        return bytes;
    }
}
