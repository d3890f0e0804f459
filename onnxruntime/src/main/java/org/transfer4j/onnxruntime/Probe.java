package org.transfer4j.onnxruntime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.transfer4j.internal.network.Shape;

/** Runs a model on images of noise, to see what it gives. */
final class Probe {
    /** How far features of an image may lie from those of the same one in another batch, by their norm. */
    private static final double SAME = 1e-3;

    /** So many bytes of images are made for a probe at most. */
    private static final long LARGEST = 1L << 30;

    private Probe() {}

    /** Runs images of noise, each another. */
    static SharedSession.Output run(SharedSession session, Shape image, long batch) {
        return session.run(noise(image, batch), image.withBatch(batch));
    }

    /** All outputs but the first, of features, for one image. */
    static List<SharedSession.Output> all(SharedSession session, Shape image) {
        List<SharedSession.Output> all = session.runAll(noise(image, 1), image.withBatch(1));
        return all.subList(1, all.size());
    }

    private static FloatBuffer noise(Shape image, long batch) {
        long bytes = Math.multiplyExact(Math.multiplyExact(batch, image.elements()), Float.BYTES);
        if (bytes > LARGEST) {
            throw new IllegalArgumentException(
                    "takes " + batch + " images of " + image + " at once, more than " + LARGEST + " bytes");
        }
        FloatBuffer images = ByteBuffer.allocateDirect((int) bytes)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        for (long i = 0; i < batch; i++) {
            SplittableRandom random = new SplittableRandom(i);
            for (long j = 0; j < image.elements(); j++) {
                images.put((float) (2 * random.nextDouble() - 1));
            }
        }
        return images.flip();
    }

    /**
     * The shape of one image's features.
     *
     * @throws IllegalArgumentException if it gives no [N, C, H, W], or numbers that are none
     */
    static Shape features(SharedSession session, Shape image, long batch) {
        SharedSession.Output output = run(session, image, batch);
        long[] shape = output.shape();
        if (shape.length != 4 || shape[0] != batch || Arrays.stream(shape).anyMatch(side -> side < 1)) {
            throw new IllegalArgumentException(
                    "gives " + Arrays.toString(shape) + " for " + batch + " images, not [N, C, H, W]");
        }
        for (float value : output.values()) {
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException("gives " + value + " for an image of numbers from -1 to 1");
            }
        }
        return Shape.of(shape[1], shape[2], shape[3]);
    }

    /**
     * Whether an image gives the same beside another one. Files say of many models that their batch is free which were
     * traced with one image, and have that number in their nodes.
     */
    static boolean takesSeveral(SharedSession session, Shape image) {
        SharedSession.Output one = run(session, image, 1);
        SharedSession.Output two;
        try {
            two = run(session, image, 2);
        } catch (IllegalArgumentException e) {
            return false;
        }
        int length = one.values().length;
        if (two.values().length != 2 * length || two.shape()[0] != 2) {
            return false;
        }
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < length; i++) {
            double expected = one.values()[i];
            difference += Math.pow(two.values()[i] - expected, 2);
            norm += expected * expected;
        }
        return difference <= SAME * SAME * norm;
    }
}
