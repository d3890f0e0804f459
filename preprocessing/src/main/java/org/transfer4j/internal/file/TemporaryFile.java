package org.transfer4j.internal.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/** A file that is gone when it is closed, or when the process ends in any way. */
public final class TemporaryFile {
    private static final FileAttribute<?>[] ANYONES = {};
    private static final FileAttribute<?>[] OWNERS = {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };

    private TemporaryFile() {}

    /**
     * Opens a new one for reading and writing.
     *
     * @param folder where
     * @param name how its name begins, while it has one
     */
    public static FileChannel open(Path folder, String name) throws IOException {
        boolean hasOwners = Files.getFileStore(folder).supportsFileAttributeView("posix");
        return FileChannel.open(
                folder.resolve(name + "-" + UUID.randomUUID()),
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE),
                hasOwners ? OWNERS : ANYONES);
    }

    /** Finds out whether files can be made in a folder, by making one. */
    public static void requireWritable(Path folder) throws IOException {
        open(folder, ".transfer4j-probe").close();
    }
}
