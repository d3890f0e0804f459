package org.transfer4j.preprocessing;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an image may cost at most, in all datasets and predictions of the process: a file of a few kilobytes can ask for
 * minutes of work and gigabytes of memory. Immutable: every {@code with} method returns new limits. An image that is beyond
 * a limit is refused with an {@link org.transfer4j.error.ImageException} that names limit, value and setting, before the
 * work and the memory are spent.
 *
 * <p>Metadata (EXIF but for the orientation, XMP, colour profiles, text, thumbnails) is never decoded and needs no limit
 * but that of the encoded bytes.
 *
 * <p>The limits are those of the system properties at the first use, or what {@link #use} was given:
 * {@code ImageLimits.use(ImageLimits.current().withPixels(20_000_000))}.
 */
public final class ImageLimits {
    /** The system property for the pixels of an image, 100,000,000 without it: {@value}. */
    public static final String PIXELS_PROPERTY = "transfer4j.image.pixels";

    /** The system property for the bytes of an encoded image, 64,000,000 without it: {@value}. */
    public static final String ENCODED_BYTES_PROPERTY = "transfer4j.image.encodedBytes";

    /** The system property for the scans of a JPEG, 100 without it: {@value}. */
    public static final String SCANS_PROPERTY = "transfer4j.image.scans";

    /** The system property for the scans of a JPEG times its pixels, 2,000,000,000 without it: {@value}. */
    public static final String SCANNED_PIXELS_PROPERTY = "transfer4j.image.scannedPixels";

    /** The system property for the bytes of images that are decoded at once, 512,000,000 without it: {@value}. */
    public static final String DECODED_BYTES_PROPERTY = "transfer4j.image.decodedBytes";

    private static volatile @Nullable ImageLimits current;

    private final long pixels;
    private final long encodedBytes;
    private final long scans;
    private final long scannedPixels;
    private final long decodedBytes;

    private ImageLimits(long pixels, long encodedBytes, long scans, long scannedPixels, long decodedBytes) {
        this.pixels = pixels;
        this.encodedBytes = encodedBytes;
        this.scans = scans;
        this.scannedPixels = scannedPixels;
        this.decodedBytes = decodedBytes;
    }

    /**
     * What the system properties say at this moment.
     *
     * @return the limits that hold where {@link #use} was never called
     * @throws IllegalArgumentException if a property is not a whole number from 1 up
     */
    public static ImageLimits defaults() {
        return new ImageLimits(0, 0, 0, 0, 0)
                .withPixels(property(PIXELS_PROPERTY, 100_000_000))
                .withEncodedBytes(property(ENCODED_BYTES_PROPERTY, 64_000_000))
                .withScans(property(SCANS_PROPERTY, 100))
                .withScannedPixels(property(SCANNED_PIXELS_PROPERTY, 2_000_000_000))
                .withDecodedBytes(property(DECODED_BYTES_PROPERTY, 512_000_000));
    }

    private static long property(String name, long otherwise) {
        String value = System.getProperty(name, "");
        try {
            return value.isBlank() ? otherwise : atLeastOne(name, Long.parseLong(value.strip()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "the system property " + name + " must be a whole number, but is \"" + value + "\"", e);
        }
    }

    /**
     * What holds in this process.
     *
     * @return the limits that were last given to {@link #use}, else the defaults
     * @throws IllegalArgumentException if a system property is not a whole number from 1 up
     */
    public static ImageLimits current() {
        ImageLimits limits = current;
        if (limits == null) {
            limits = defaults();
            current = limits;
        }
        return limits;
    }

    /**
     * Sets the limits for all images that are opened from now on.
     *
     * @param limits the limits of this process
     */
    public static void use(ImageLimits limits) {
        current = Objects.requireNonNull(limits, "limits");
    }

    /**
     * Limits the size of an image.
     *
     * @param most width times height, at least 1
     * @return new limits
     * @throws IllegalArgumentException if the number is below 1
     */
    public ImageLimits withPixels(long most) {
        return new ImageLimits(atLeastOne("pixels", most), encodedBytes, scans, scannedPixels, decodedBytes);
    }

    /**
     * Limits what is read of a file or stream. What goes on behind it is not read.
     *
     * @param most the bytes of an encoded image, 1 to 2,147,483,639, a Java array's most
     * @return new limits
     * @throws IllegalArgumentException if the number is another
     */
    public ImageLimits withEncodedBytes(long most) {
        if (most > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "encodedBytes must be at most " + (Integer.MAX_VALUE - 8) + ", but was " + most);
        }
        return new ImageLimits(pixels, atLeastOne("encodedBytes", most), scans, scannedPixels, decodedBytes);
    }

    /**
     * Limits the scans of a JPEG. Baseline files have 1 to 4, progressive ones about 10.
     *
     * @param most at least 1
     * @return new limits
     * @throws IllegalArgumentException if the number is below 1
     */
    public ImageLimits withScans(long most) {
        return new ImageLimits(pixels, encodedBytes, atLeastOne("scans", most), scannedPixels, decodedBytes);
    }

    /**
     * Limits the scans of a JPEG times its pixels: each scan may touch every pixel.
     *
     * @param most at least 1
     * @return new limits
     * @throws IllegalArgumentException if the number is below 1
     */
    public ImageLimits withScannedPixels(long most) {
        return new ImageLimits(pixels, encodedBytes, scans, atLeastOne("scannedPixels", most), decodedBytes);
    }

    /**
     * Limits the memory of all encoded images that are decoded at once, by any number of threads, until they are resized:
     * 1 byte a pixel of a gray JPEG, 3 of other images, or what the rows of a PNG have where that is more (8 for 16 bits with
     * alpha); for JPEGs in several scans (progressive ones) 2 more for each sample, so 9 a pixel in all, or 6 where colour
     * is subsampled by two in both directions; and for images that EXIF turns the pixels twice. Who would exceed it waits, in the order of asking; an image that alone exceeds it is refused.
     *
     * @param most bytes, at least 1
     * @return new limits
     * @throws IllegalArgumentException if the number is below 1
     */
    public ImageLimits withDecodedBytes(long most) {
        return new ImageLimits(pixels, encodedBytes, scans, scannedPixels, atLeastOne("decodedBytes", most));
    }

    private static long atLeastOne(String what, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " must be at least 1, but was " + value);
        }
        return value;
    }

    /**
     * The most pixels of an image.
     *
     * @return at least 1
     */
    public long pixels() {
        return pixels;
    }

    /**
     * The most bytes of an encoded image.
     *
     * @return at least 1
     */
    public long encodedBytes() {
        return encodedBytes;
    }

    /**
     * The most scans of a JPEG.
     *
     * @return at least 1
     */
    public long scans() {
        return scans;
    }

    /**
     * The most scans of a JPEG times its pixels.
     *
     * @return at least 1
     */
    public long scannedPixels() {
        return scannedPixels;
    }

    /**
     * The most bytes of decoded images at once.
     *
     * @return at least 1
     */
    public long decodedBytes() {
        return decodedBytes;
    }

    /**
     * A description for logs.
     *
     * @return all limits
     */
    @Override
    public String toString() {
        return "pixels " + pixels + ", encodedBytes " + encodedBytes + ", scans " + scans + ", scannedPixels "
                + scannedPixels + ", decodedBytes " + decodedBytes;
    }
}
