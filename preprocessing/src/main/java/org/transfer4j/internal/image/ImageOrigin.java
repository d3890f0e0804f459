package org.transfer4j.internal.image;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.ImageException;
import org.transfer4j.preprocessing.ImageLimits;

/**
 * Where an image comes from, so that every complaint about it can name it: also that it is beyond one of the {@link ImageLimits} of
 * the process, which names limit, value and setting.
 *
 * @param file the file that holds it, or null where there is none
 * @param name which image it is, where the file alone does not say, or null
 */
public record ImageOrigin(@Nullable Path file, @Nullable String name) {
    /** An image without a name: one that was handed over by itself. */
    public static final ImageOrigin UNNAMED = new ImageOrigin(null, null);

    /**
     * A file that is one image.
     *
     * @param file the file
     * @return its origin
     */
    public static ImageOrigin file(Path file) {
        return new ImageOrigin(file, null);
    }

    /**
     * An image without a file.
     *
     * @param name what to call it
     * @return its origin
     */
    public static ImageOrigin named(String name) {
        return new ImageOrigin(null, name);
    }

    /**
     * Builds the error that says what is wrong with this image.
     *
     * @param reason the rule and the value received
     * @return the exception, to be thrown
     */
    public ImageException refused(String reason) {
        return refused(reason, null);
    }

    /**
     * Builds the error that says what is wrong with this image.
     *
     * @param reason the rule and the value received
     * @param cause what was caught, or null
     * @return the exception, to be thrown
     */
    public ImageException refused(String reason, @Nullable Throwable cause) {
        if (name != null) {
            return new ImageException(file, name + ": " + reason, cause);
        }
        return new ImageException(file, file == null ? "the image " + reason : reason, cause);
    }

    /** Checks a size before anything is allocated for it. */
    public void requirePixels(long width, long height) {
        if (width <= 0 || height <= 0) {
            throw refused("must have a width and a height of at least 1, but its header says " + width + "x" + height);
        }
        long most = ImageLimits.current().pixels();
        if (width > most / height) {
            throw beyond("is " + width + "x" + height + " pixels", most, ImageLimits.PIXELS_PROPERTY);
        }
    }

    void requireEncodedBytes(long bytes) {
        long most = ImageLimits.current().encodedBytes();
        if (bytes > most) {
            throw beyond("has " + bytes + " bytes", most, ImageLimits.ENCODED_BYTES_PROPERTY);
        }
    }

    void requireScans(int scans, long pixels) {
        ImageLimits limits = ImageLimits.current();
        if (scans > limits.scans()) {
            throw beyond("is a JPEG of " + scans + " scans or more", limits.scans(), ImageLimits.SCANS_PROPERTY);
        }
        if (scans > limits.scannedPixels() / pixels) {
            throw beyond(
                    "is a JPEG of " + scans + " scans or more of " + pixels + " pixels",
                    limits.scannedPixels(),
                    ImageLimits.SCANNED_PIXELS_PROPERTY);
        }
    }

    void requireDecodedBytes(long bytes) {
        long most = ImageLimits.current().decodedBytes();
        if (bytes > most) {
            throw beyond("takes " + bytes + " bytes to decode", most, ImageLimits.DECODED_BYTES_PROPERTY);
        }
    }

    private ImageException beyond(String what, long most, String property) {
        String name = property.substring(property.lastIndexOf('.') + 1);
        return refused(what + ", more than the limit of " + most + " (set by ImageLimits.with"
                + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) + " or -D" + property + ")");
    }

    @Override
    public String toString() {
        if (file == null) {
            return name == null ? "image" : name;
        }
        return name == null ? file.toString() : file + ": " + name;
    }
}
