package org.transfer4j.internal.format.modelfile;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Writes a ZIP file of stored entries front to back. */
final class StoredZipWriter {
    private final OutputStream out;
    private final List<ZipHeader> entries = new ArrayList<>();
    private long position;

    StoredZipWriter(OutputStream out) {
        this.out = out;
    }

    void add(String name, int crc, EntryBody body) throws IOException {
        ZipHeader header = new ZipHeader(name, body.size(), crc, position);
        byte[] local = header.local();
        out.write(local);
        body.writeTo(out);
        position += local.length + body.size();
        entries.add(header);
    }

    void finish() throws IOException {
        out.write(ZipDirectory.bytes(entries, position));
    }
}
