package org.transfer4j.internal.file;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a disk has left. */
public final class FreeSpace {
    private FreeSpace() {}

    /** The bytes that may be written where a path is; the largest long where the file system does not say. */
    public static long of(Path path) throws IOException {
        FileStore store = Files.getFileStore(path);
        return of(store.getUsableSpace(), store.getTotalSpace());
    }

    /** Some network drives and those made by programs say 0 of everything. */
    static long of(long usable, long total) {
        return total > 0 ? usable : Long.MAX_VALUE;
    }
}
