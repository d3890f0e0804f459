package org.transfer4j.internal.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.nd4j.linalg.factory.Nd4j;

/** What is behind ND4J: the last bits of its results depend on it. */
final class Nd4jBackend {
    /** Where Maven notes a jar's version; ND4J says it nowhere else. */
    private static final String VERSION_FILE = "/META-INF/maven/org.nd4j/nd4j-api/pom.properties";

    private Nd4jBackend() {}

    /** Such as {@code CpuBackend of ND4J 1.0.0-M2.1}, or with {@code JCublasBackend} for a GPU. */
    static String name() {
        return Nd4j.getBackend().getClass().getSimpleName() + " of ND4J " + version();
    }

    private static String version() {
        Properties properties = new Properties();
        try (InputStream in = Nd4j.class.getResourceAsStream(VERSION_FILE)) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Can't read " + VERSION_FILE + " of nd4j-api", e);
        }
        return properties.getProperty("version", "of unknown version");
    }
}
