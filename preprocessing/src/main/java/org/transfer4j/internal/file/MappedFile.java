package org.transfer4j.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A file that is mapped into memory, and may be cut short meanwhile by somebody else: what lies in the last page that is left
 * is read as zeros, what lies behind it is a fault.
 *
 * @param bytes how many it had when it was mapped
 * @param key what tells it from a file that takes its name; null where the system has no such thing
 */
public record MappedFile(Path path, long bytes, @Nullable Object key) {
    private static final int MORE_THAN_ARE_MADE_IN_COMPILED_CODE = 7;

    @SuppressWarnings("unused") // to be made
    private static volatile @Nullable Object made;

    /** A file that is there. */
    public static MappedFile of(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        return new MappedFile(path, attributes.size(), attributes.fileKey());
    }

    /**
     * Checks what this thread has read: that there was no fault, and that the file is as long as it was. One that was deleted, or
     * replaced by another, is still mapped as it was.
     *
     * @throws IOException if not
     */
    public void requireWhole() throws IOException {
        requireNoFault();
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            if (key != null && key.equals(now.fileKey()) && now.size() < bytes) {
                throw new IOException(
                        path + " was cut short while it was read: of its " + bytes + " bytes there are " + now.size());
            }
        } catch (NoSuchFileException e) {
            // deleted
        }
    }

    /**
     * Checks that this thread had no fault in mapped memory. The JVM throws an {@link InternalError} for it by itself, but not at
     * once: when the thread next enters it for something else, which may be anywhere, and is here for some arrays.
     *
     * @throws IOException if it had one
     */
    public static void requireNoFault() throws IOException {
        try {
            made = new byte[MORE_THAN_ARE_MADE_IN_COMPILED_CODE][0];
        } catch (InternalError e) {
            throw fault(e);
        }
    }

    /** What a disk error, or a file that somebody cut short, becomes in mapped memory. */
    public static IOException fault(InternalError error) {
        return new IOException("what was mapped of it is not there any more: " + error.getMessage(), error);
    }
}
