package org.transfer4j.internal.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_ANYCOLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * From encoded bytes to pixels. The bytes are taken for hostile: they reach the native decoder only after
 * {@link ImageHeader} has found a JPEG, PNG or BMP of bounded size in them that is all there.
 */
public final class ImageDecoder {
    /** An encoded image has at most so many bytes: more than 100 megapixels of 64 bits take uncompressed. */
    public static final int MOST_BYTES = 1 << 30;

    private ImageDecoder() {}

    /**
     * Decodes a JPEG, PNG or BMP. Gray stays gray, everything else becomes BGR; 16 bits are reduced to 8, alpha is dropped,
     * EXIF orientation is applied.
     *
     * @param encoded the bytes of the image
     * @param origin its name in errors
     * @return the pixels, to be closed by the caller
     * @throws org.transfer4j.error.ImageException if the bytes are not such an image, or damaged
     */
    public static DecodedImage decode(byte[] encoded, ImageOrigin origin) {
        ImageHeader header = ImageHeader.inspect(encoded, origin);
        Mat pixels = decodeNatively(encoded, origin);
        if (!pixels.empty() && pixels.depth() == CV_8U && (pixels.channels() == 1 || pixels.channels() == 3)) {
            return new DecodedImage.Bytes(pixels);
        }
        pixels.close();
        throw origin.refused("is damaged: its " + header.width() + "x" + header.height() + " pixels can't be decoded");
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
        try (InputStream stream = Files.newInputStream(file)) {
            return decode(stream, ImageOrigin.file(file));
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException("there is no image file " + file, e);
        } catch (IOException e) {
            throw new UncheckedIOException("can't read the image file " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Decodes what a stream holds up to its end.
     *
     * @param stream a JPEG, PNG or BMP; it stays open
     * @param origin its name in errors
     * @return the pixels, to be closed by the caller
     * @throws org.transfer4j.error.ImageException if it is not such an image, or damaged
     * @throws UncheckedIOException if it can't be read
     */
    public static DecodedImage decode(InputStream stream, ImageOrigin origin) {
        try {
            byte[] bytes = stream.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw origin.refused("is larger than the limit of " + MOST_BYTES + " bytes");
            }
            return decode(bytes, origin);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives an empty matrix for most kinds of damage. */
    private static Mat decodeNatively(byte[] encoded, ImageOrigin origin) {
        try (BytePointer pointer = new BytePointer(encoded);
                Mat bytes = new Mat(1, encoded.length, CV_8UC1, pointer)) {
            return imdecode(bytes, IMREAD_ANYCOLOR);
        } catch (RuntimeException e) {
            // JavaCPP hands a cv::Exception over as a bare RuntimeException
            throw origin.refused("is damaged: " + e.getMessage(), e);
        }
    }
}
