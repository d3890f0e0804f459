package org.transfer4j.dataset;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.Supplier;
import org.transfer4j.internal.image.ImageOrigin;

/** A labelled image that is still encoded (JPEG, PNG or BMP): an upload, a database column, an entry of an archive. */
public final class EncodedImage {
    private final String name;
    private final String label;
    private final Supplier<? extends InputStream> content;

    private EncodedImage(String name, String label, Supplier<? extends InputStream> content) {
        this.name = Objects.requireNonNull(name, "name");
        this.label = Objects.requireNonNull(label, "label");
        this.content = Objects.requireNonNull(content, "content");
    }

    /**
     * An image in memory.
     *
     * @param name what to call it in errors
     * @param label the name of its class
     * @param bytes the encoded image; copied
     * @return the image
     */
    public static EncodedImage of(String name, String label, byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        byte[] copy = bytes.clone();
        return new EncodedImage(name, label, () -> new ByteArrayInputStream(copy));
    }

    /**
     * An image that is opened when it is needed.
     *
     * @param name what to call it in errors
     * @param label the name of its class
     * @param content opens a new stream of the encoded image each time it is asked, from several threads at once; the
     *     stream is read to its end and closed by the library
     * @return the image
     */
    public static EncodedImage of(String name, String label, Supplier<? extends InputStream> content) {
        return new EncodedImage(name, label, content);
    }

    /**
     * What the image is called in errors.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * The name of its class.
     *
     * @return the label
     */
    public String label() {
        return label;
    }

    /** Opens the image; the caller closes the stream. */
    InputStream open() {
        InputStream stream = content.get();
        if (stream == null) {
            throw ImageOrigin.named(name).refused("can't be read: a stream is needed, but null was opened");
        }
        return stream;
    }

    /**
     * A description for logs.
     *
     * @return the name and the label
     */
    @Override
    public String toString() {
        return name + " (" + label + ")";
    }
}
