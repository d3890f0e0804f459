package org.transfer4j.internal.model;

import java.io.IOException;
import java.io.OutputStream;

/** The content of one entry. It can be written more than once: first to take its checksums, then into the file. */
interface EntryBody {
    long size();

    void writeTo(OutputStream out) throws IOException;

    static EntryBody of(byte[] bytes) {
        return new EntryBody() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(bytes);
            }
        };
    }
}
