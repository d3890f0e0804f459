package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;

/**
 * The first entry of an archive: what it is, who wrote it, and size and SHA-256 of every other entry. Its name, its
 * place and the first three properties stay the same in all versions of the format, so that an older library can say
 * which newer one wrote a file.
 *
 * @param format what the archive is, by its {@link ArchiveKind}
 * @param formatVersion version of the format
 * @param libraryVersion version of the library that wrote the archive
 * @param backbone name of the backbone
 * @param entries all other entries in the order of the file
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ModelManifest(String format, int formatVersion, String libraryVersion, String backbone, List<Entry> entries) {
    static final String NAME = "manifest.json";
    static final int LARGEST = 1 << 20;

    /** What the manifest says of one entry; the SHA-256 in lower-case hexadecimal. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Entry(String name, long size, String sha256) {}

    /** What all versions of the format have. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Start(@Nullable String format, int formatVersion, String libraryVersion) {}

    byte[] toJson() {
        return NetworkJson.bytes(this);
    }

    static ModelManifest fromJson(ArchiveKind kind, byte[] json) throws MalformedModelException {
        String text = StrictJson.decode(NAME, json);
        JsonNode root = StrictJson.parse(NAME, text);
        Start start = NetworkJson.read(NAME, root, Start.class);
        if (!kind.format().equals(start.format())) {
            throw new MalformedModelException("not a Transfer4J " + kind.noun() + ": the format in " + NAME
                    + " must be " + kind.format() + ", but is " + start.format());
        }
        if (start.formatVersion() < 1) {
            throw new MalformedModelException(
                    NAME + ": formatVersion must be a whole number from 1, but is " + start.formatVersion());
        }
        String reads = "Transfer4J " + start.libraryVersion() + " wrote this file in version " + start.formatVersion()
                + " of the " + kind.noun() + " format, and this library reads versions ";
        if (start.formatVersion() > kind.version()) {
            throw new MalformedModelException(reads + "up to " + kind.version() + ". Use Transfer4J "
                    + start.libraryVersion() + " or newer to load it");
        }
        if (start.formatVersion() < kind.oldest()) {
            throw new MalformedModelException(
                    reads + "from " + kind.oldest() + ". Use Transfer4J " + start.libraryVersion() + " for it");
        }
        ModelManifest manifest = NetworkJson.read(NAME, root, ModelManifest.class);
        for (Entry entry : manifest.entries()) {
            if (entry.size() < 0 || entry.size() > Long.MAX_VALUE / 16) {
                throw new MalformedModelException(NAME + ": size of " + entry.name()
                        + " must be a whole number from 0 to " + Long.MAX_VALUE / 16 + ", but is " + entry.size());
            }
        }
        return manifest;
    }
}
