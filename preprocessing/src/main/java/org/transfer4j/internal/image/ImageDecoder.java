package org.transfer4j.internal.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_ANYCOLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.image.ImageHeader.ExifOrientation;
import org.transfer4j.internal.image.ImageHeader.ImageFormat;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.preprocessing.ImageLimits;

/**
 * From encoded bytes to pixels. The bytes are taken for hostile: they reach the native decoder only after
 * {@link ImageHeader} has found a JPEG, PNG or BMP of bounded size in them that is all there.
 */
public final class ImageDecoder {
    private static final int PIECE = 1 << 16;
    private static final int GRAY = 128;
    private static final double ROUNDING = 1.5;

    private ImageDecoder() {}

    /**
     * Decodes a JPEG, PNG or BMP. Gray stays gray, everything else becomes BGR; 16 bits are reduced to 8, alpha is dropped,
     * EXIF orientation is applied. Waits where other images hold the memory that all may take at once.
     *
     * @param encoded the bytes of the image
     * @param origin its name in errors
     * @return the pixels, to be closed by the caller
     * @throws org.transfer4j.error.ImageException if the bytes are not such an image, damaged or beyond the limits
     * @throws java.util.concurrent.CancellationException if the thread is interrupted while it waits
     */
    public static DecodedImage decode(byte[] encoded, ImageOrigin origin) {
        EncodedBytes bytes = EncodedBytes.of(encoded, origin);
        ImageHeader header = ImageHeader.read(bytes);
        DecodedMemory.Share share = DecodedMemory.take(header.decodedBytes(), origin);
        try {
            return new DecodedImage.Bytes(pixels(bytes, header), share::close);
        } catch (Throwable e) {
            share.close();
            throw e;
        }
    }

    private static Mat pixels(EncodedBytes bytes, ImageHeader header) {
        FirstUse.OPENCV.start();
        Mat pixels = decodeNatively(bytes);
        try {
            if (pixels.empty() || pixels.depth() != CV_8U || (pixels.channels() != 1 && pixels.channels() != 3)) {
                throw bytes.refused(
                        "is damaged: its " + header.width() + "x" + header.height() + " pixels can't be decoded");
            }
            if (endsGray(pixels) && ImageFormat.of(bytes) == ImageFormat.JPEG) {
                JpegReader.requireWhole(bytes);
            }
        } catch (Throwable e) {
            pixels.close();
            throw e;
        }
        return ExifOrientation.apply(pixels, header.orientation());
    }

    /** Whether the last pixel's luminance is what a JPEG's decoder makes of nothing, as well as rounding keeps it. */
    private static boolean endsGray(Mat pixels) {
        BytePointer last = pixels.ptr(pixels.rows() - 1, pixels.cols() - 1);
        double luminance = last.get(0) & 0xFF;
        if (pixels.channels() == 3) {
            luminance = 0.114 * luminance + 0.587 * (last.get(1) & 0xFF) + 0.299 * (last.get(2) & 0xFF);
        }
        return Math.abs(luminance - GRAY) < ROUNDING;
    }

    /**
     * Decodes a file.
     *
     * @param file a JPEG, PNG or BMP
     * @return the pixels, to be closed by the caller
     * @throws org.transfer4j.error.ImageException if it is not such an image, or damaged
     * @throws UncheckedIOException if it can't be read
     */
    public static DecodedImage decode(Path file) {
        ImageOrigin origin = ImageOrigin.file(file);
        try {
            return decode(Interruption.deferred(() -> read(file, origin)), origin);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException("there is no image file " + file, e);
        } catch (IOException e) {
            throw FileFailure.of("can't read the image file " + file, e);
        }
    }

    /** In pieces: Java would take as much native memory again, and keep it. */
    private static byte[] read(Path file, ImageOrigin origin) throws IOException {
        try (SeekableByteChannel channel = EncodedBytes.open(file, origin)) {
            byte[] bytes = new byte[(int) channel.size()];
            int length = 0;
            for (int count = 0; count >= 0 && length < bytes.length; length += Math.max(count, 0)) {
                count = channel.read(ByteBuffer.wrap(bytes, length, Math.min(PIECE, bytes.length - length)));
            }
            return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        }
    }

    /**
     * Decodes what a stream holds up to its end, or to where it has more bytes than an image may have.
     *
     * @param stream a JPEG, PNG or BMP; it stays open
     * @param origin its name in errors
     * @return the pixels, to be closed by the caller
     * @throws org.transfer4j.error.ImageException if it is not such an image, or damaged
     * @throws UncheckedIOException if it can't be read
     */
    public static DecodedImage decode(InputStream stream, ImageOrigin origin) {
        byte[] encoded;
        try {
            encoded = bytes(stream);
        } catch (IOException e) {
            throw FileFailure.of(origin + " can't be read", e);
        }
        return decode(encoded, origin);
    }

    /** Something that can be opened and read once. */
    public interface Source {
        InputStream open() throws IOException;
    }

    /**
     * Decodes what a source holds, which is closed before: a failure of that leaves nothing behind.
     *
     * @param source a JPEG, PNG or BMP
     * @param origin its name in errors
     * @return the pixels, to be closed by the caller
     * @throws org.transfer4j.error.ImageException if it is not such an image, or damaged
     * @throws UncheckedIOException if it can't be read
     */
    public static DecodedImage decode(Source source, ImageOrigin origin) {
        byte[] encoded;
        try (InputStream stream = source.open()) {
            encoded = bytes(stream);
        } catch (IOException e) {
            throw FileFailure.of(origin + " can't be read", e);
        }
        return decode(encoded, origin);
    }

    private static byte[] bytes(InputStream stream) throws IOException {
        return stream.readNBytes((int) ImageLimits.current().encodedBytes() + 1);
    }

    /** Gives an empty matrix for most kinds of damage. */
    private static Mat decodeNatively(EncodedBytes encoded) {
        try (BytePointer pointer = new BytePointer(encoded.keptLength()).put(encoded.kept(), 0, encoded.keptLength());
                Mat bytes = new Mat(1, encoded.keptLength(), CV_8UC1, pointer)) {
            return imdecode(bytes, IMREAD_ANYCOLOR | IMREAD_IGNORE_ORIENTATION);
        } catch (RuntimeException e) {
            // JavaCPP hands a cv::Exception over as a bare RuntimeException
            throw encoded.origin().refused("is damaged: " + e.getMessage(), e);
        }
    }

    /**
     * The memory that all decoders of the process share. Who holds a share never waits for a second one, so that everybody's
     * turn comes; turns are in the order of asking, so that a large image is not passed by small ones for ever.
     */
    static final class DecodedMemory {
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
            origin.requireDecodedBytes(bytes);
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
}
