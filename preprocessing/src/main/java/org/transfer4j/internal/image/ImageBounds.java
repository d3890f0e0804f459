package org.transfer4j.internal.image;

import java.util.Locale;
import org.transfer4j.preprocessing.ImageLimits;

/** Holds images against the {@link ImageLimits} of the process. Each error names limit, value and setting. */
public final class ImageBounds {
    private ImageBounds() {}

    /** Checks a size before anything is allocated for it. */
    public static void requirePixels(long width, long height, ImageOrigin origin) {
        if (width <= 0 || height <= 0) {
            throw origin.refused("width and height must be at least 1, but its header says " + width + "x" + height);
        }
        long most = ImageLimits.current().pixels();
        if (width > most / height) {
            throw beyond("is " + width + "x" + height + " pixels", most, ImageLimits.PIXELS_PROPERTY, origin);
        }
    }

    static void requireEncodedBytes(long bytes, ImageOrigin origin) {
        long most = ImageLimits.current().encodedBytes();
        if (bytes > most) {
            throw beyond("has " + bytes + " bytes", most, ImageLimits.ENCODED_BYTES_PROPERTY, origin);
        }
    }

    static void requireScans(int scans, long pixels, ImageOrigin origin) {
        ImageLimits limits = ImageLimits.current();
        if (scans > limits.scans()) {
            throw beyond(
                    "is a JPEG of " + scans + " scans or more", limits.scans(), ImageLimits.SCANS_PROPERTY, origin);
        }
        if (scans > limits.scannedPixels() / pixels) {
            throw beyond(
                    "is a JPEG of " + scans + " scans or more of " + pixels + " pixels",
                    limits.scannedPixels(),
                    ImageLimits.SCANNED_PIXELS_PROPERTY,
                    origin);
        }
    }

    static void requireDecodedBytes(long bytes, ImageOrigin origin) {
        long most = ImageLimits.current().decodedBytes();
        if (bytes > most) {
            throw beyond("takes " + bytes + " bytes to decode", most, ImageLimits.DECODED_BYTES_PROPERTY, origin);
        }
    }

    private static RuntimeException beyond(String what, long most, String property, ImageOrigin origin) {
        String name = property.substring(property.lastIndexOf('.') + 1);
        return origin.refused(what + ", more than the limit of " + most + " (set by ImageLimits.with"
                + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) + " or -D" + property + ")");
    }
}
