package org.transfer4j.internal.download;

import java.net.URI;
import java.util.regex.Pattern;
import org.transfer4j.download.Checksum;

/**
 * A file that can be fetched.
 *
 * @param name its path relative to the cache folder, with forward slashes, for example "weights/vgg16/notop.h5"; parts
 *     are of letters, digits, dots, hyphens and underscores and don't begin with a dot
 * @param source where its publisher keeps it, http or https
 * @param size its size in bytes, -1 where it is not known
 * @param checksum what its bytes hash to
 * @param licence the licence and the attribution that the publisher asks for, for the log
 */
public record RemoteFile(String name, URI source, long size, Checksum checksum, String licence) {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

    /** Checks the name, which becomes a path under the cache folder, the address and the size. */
    public RemoteFile {
        for (String part : name.split("/", -1)) {
            if (!PART.matcher(part).matches()) {
                throw new IllegalArgumentException(
                        "a remote file's name is a relative path of plain parts, but was \"" + name + "\"");
            }
        }
        String scheme = String.valueOf(source.getScheme());
        if (!(scheme.equals("http") || scheme.equals("https")) || source.getHost() == null) {
            throw new IllegalArgumentException("a remote file has an http or https address, but was " + source);
        }
        if (size < -1) {
            throw new IllegalArgumentException("a size is -1 (not known) or not negative, but was " + size);
        }
    }

    /**
     * The last part of the name.
     *
     * @return the file's name without folders
     */
    public String fileName() {
        return name.substring(name.lastIndexOf('/') + 1);
    }
}
