package org.transfer4j.internal.fitted;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** This library's version, from a resource that the build fills in. */
public final class LibraryVersion {
    private LibraryVersion() {}

    /** For example 0.1.0. */
    public static String current() {
        Properties properties = new Properties();
        try (InputStream resource = LibraryVersion.class.getResourceAsStream("/org/transfer4j/version.properties")) {
            if (resource == null) {
                throw new IllegalStateException("the resource org/transfer4j/version.properties is missing");
            }
            properties.load(resource);
        } catch (IOException e) {
            throw new UncheckedIOException("can't read the resource org/transfer4j/version.properties", e);
        }
        return properties.getProperty("version");
    }
}
