package org.transfer4j.internal.format.modelfile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;

/**
 * The first entry of an archive: what it is, who wrote it, and size and SHA-256 of every other entry. Its name, its
 * place and the first three properties stay the same in all versions of the format, so that an older library can say
 * which newer one wrote a file.
 *
 * @param libraryVersion version of the library that wrote the archive
 * @param backbone name of the backbone
 * @param entries all other entries in the order of the file
 */
record ModelManifest(String libraryVersion, String backbone, List<Entry> entries) {
    static final String NAME = "manifest.json";
    static final int LARGEST = 1 << 20;

    /** What the manifest says of one entry; the SHA-256 in lower-case hexadecimal. */
    record Entry(String name, long size, String sha256) {}

    ModelManifest {
        entries = List.copyOf(entries);
    }

    byte[] toJson(ArchiveKind kind) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("format", kind.format());
        root.put("formatVersion", kind.version());
        root.put("libraryVersion", libraryVersion);
        root.put("backbone", backbone);
        for (Entry entry : entries) {
            root.withArray("entries")
                    .addObject()
                    .put("name", entry.name())
                    .put("size", entry.size())
                    .put("sha256", entry.sha256());
        }
        return StrictJson.encode(root);
    }

    static ModelManifest fromJson(ArchiveKind kind, byte[] json) throws MalformedModelException {
        JsonNode root = StrictJson.parse(NAME, StrictJson.decode(NAME, json));
        if (!kind.format().equals(root.path("format").textValue())) {
            throw new MalformedModelException("not a Transfer4J " + kind.noun() + ": the format in " + NAME
                    + " must be " + kind.format() + ", but is " + StrictJson.shown(root.path("format")));
        }
        String libraryVersion = StrictJson.text(NAME, root, "libraryVersion");
        long version = StrictJson.whole(NAME, root, "formatVersion", 1, Integer.MAX_VALUE);
        if (version > kind.version()) {
            throw new MalformedModelException("Transfer4J " + libraryVersion + " wrote this file in version " + version
                    + " of the " + kind.noun() + " format, and this library reads versions up to " + kind.version()
                    + ". Use Transfer4J " + libraryVersion + " or newer to load it");
        }
        List<Entry> entries = new ArrayList<>();
        for (JsonNode entry : root.path("entries")) {
            entries.add(new Entry(
                    StrictJson.text(NAME, entry, "name"),
                    StrictJson.whole(NAME, entry, "size", 0, Long.MAX_VALUE / 16),
                    StrictJson.text(NAME, entry, "sha256")));
        }
        return new ModelManifest(libraryVersion, StrictJson.text(NAME, root, "backbone"), entries);
    }
}
