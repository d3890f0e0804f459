package org.transfer4j.internal.image;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.ImageException;

/**
 * Where an image comes from, so that every complaint about it can name it.
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
        return new ImageException(file, name == null ? reason : name + ": " + reason, cause);
    }

    @Override
    public String toString() {
        if (file == null) {
            return name == null ? "image" : name;
        }
        return name == null ? file.toString() : file + ": " + name;
    }
}
