package org.transfer4j.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.transfer4j.FeatureExtractor;

/** The file of a feature extractor, in the driver's memory, and its broadcast. */
final class ExtractorFile implements Serializable {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;
    private final String sha256;

    private transient @Nullable Broadcast<byte[]> broadcast;

    /** Of which the broadcast is. */
    private transient @Nullable String application;

    ExtractorFile(byte[] bytes) {
        this.bytes = bytes;
        try {
            this.sha256 = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    static ExtractorFile read(Path file) {
        try {
            long size = Files.size(file);
            if (size > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException(
                        "layers and weights must have at most 2 GB, Spark's limit for what is sent"
                                + " to executors, but have " + size + " bytes");
            }
            return new ExtractorFile(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("can't read " + file, e);
        }
    }

    /** In one of Hadoop's file systems; opened here once, so that what is wrong with it is said before a job begins. */
    static ExtractorFile read(String path, SparkSession session) {
        HadoopFiles files = HadoopFiles.of(session);
        Path copy = null;
        try (InputStream stream = files.open(path)) {
            copy = Files.createTempFile("transfer4j-extractor", ".t4j");
            Files.copy(stream, copy, StandardCopyOption.REPLACE_EXISTING);
            FeatureExtractor.load(copy).close();
            return read(copy);
        } catch (IOException e) {
            throw new UncheckedIOException("can't read the extractor " + path + ": " + e.getMessage(), e);
        } finally {
            delete(copy);
        }
    }

    private static void delete(@Nullable Path copy) {
        try {
            if (copy != null) {
                Files.deleteIfExists(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't delete " + copy, e);
        }
    }

    byte[] bytes() {
        return bytes;
    }

    String sha256() {
        return sha256;
    }

    /** Sent once in an application, however often it is used; Spark takes it back when nobody holds it any more. */
    synchronized Broadcast<byte[]> broadcast(SparkSession session) {
        String now = session.sparkContext().applicationId();
        Broadcast<byte[]> sent = broadcast;
        if (sent == null || !now.equals(application)) {
            sent = JavaSparkContext.fromSparkContext(session.sparkContext()).broadcast(bytes);
            broadcast = sent;
            application = now;
        }
        return sent;
    }
}
