package org.transfer4j.internal.image;

import java.util.ArrayDeque;
import java.util.Deque;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.preprocessing.ImageLimits;

/**
 * The memory that all decoders of the process share. Who holds a share never waits for a second one, so that everybody's
 * turn comes; turns are in the order of asking, so that a large image is not passed by small ones for ever.
 */
final class DecodedMemory {
    private static final DecodedMemory PROCESS = new DecodedMemory();

    private final Deque<Share> waiting = new ArrayDeque<>();
    private long taken;

    private DecodedMemory() {}

    /** What one image holds, until it is closed. */
    static final class Share implements AutoCloseable {
        private long bytes;

        private Share(long bytes) {
            this.bytes = bytes;
        }

        /** Closing again does nothing. */
        @Override
        public void close() {
            PROCESS.giveBack(this);
        }
    }

    /**
     * Waits for room.
     *
     * @throws org.transfer4j.error.ImageException if the image would not fit if it were alone
     * @throws java.util.concurrent.CancellationException if the thread is interrupted while it waits; it stays interrupted
     */
    static Share take(long bytes, ImageOrigin origin) {
        ImageBounds.requireDecodedBytes(bytes, origin);
        Share share = new Share(bytes);
        PROCESS.await(share);
        return share;
    }

    /** What is taken at this moment. */
    static long taken() {
        synchronized (PROCESS) {
            return PROCESS.taken;
        }
    }

    private synchronized void await(Share share) {
        waiting.add(share);
        try {
            while (waiting.peek() != share || !fits(share.bytes)) {
                wait();
            }
            taken += share.bytes;
        } catch (InterruptedException e) {
            throw Interruption.whileWaiting("memory to decode an image", e);
        } finally {
            waiting.remove(share);
            notifyAll();
        }
    }

    /** Where nothing is taken there is room, also if the limit was lowered since the share was asked for. */
    private boolean fits(long bytes) {
        return taken == 0 || bytes <= ImageLimits.current().decodedBytes() - taken;
    }

    private synchronized void giveBack(Share share) {
        taken -= share.bytes;
        share.bytes = 0;
        notifyAll();
    }
}
