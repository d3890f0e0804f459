package org.transfer4j.internal.format.modelfile;

import java.io.IOException;
import java.io.OutputStream;
import org.transfer4j.internal.format.safetensors.Safetensors;

/** The content of one entry. It can be written more than once: first to take its checksums, then into the file. */
interface EntryBody {
    long size();

    void writeTo(OutputStream out) throws IOException;

    static EntryBody of(Safetensors arrays) {
        return new EntryBody() {
            @Override
            public long size() {
                return arrays.size();
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                arrays.writeTo(out);
            }
        };
    }

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
