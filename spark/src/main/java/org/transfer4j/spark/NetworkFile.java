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
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.ImageClassifier;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.ModelFile;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/** The file of a feature extractor or of a classifier, in the driver's memory, and its broadcast. */
final class NetworkFile implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ProcessNetwork.Kind kind;
    private final byte[] bytes;
    private final String sha256;

    private transient @Nullable Broadcast<byte[]> broadcast;

    /** Of which the broadcast is. */
    private transient @Nullable String application;

    NetworkFile(ProcessNetwork.Kind kind, byte[] bytes) {
        this.kind = kind;
        this.bytes = bytes;
        try {
            this.sha256 = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** What somebody saves into a file. */
    static NetworkFile of(ProcessNetwork.Kind kind, Consumer<Path> saving) {
        return temporarily(file -> {
            saving.accept(file);
            return read(kind, file);
        });
    }

    private static NetworkFile read(ProcessNetwork.Kind kind, Path file) throws IOException {
        long size = Files.size(file);
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a network must have at most 2 GB, Spark's limit for what is sent to"
                    + " executors, but has " + size + " bytes");
        }
        return new NetworkFile(kind, Files.readAllBytes(file));
    }

    private interface Use<T> {
        T use(Path file) throws IOException;
    }

    private static <T> T temporarily(Use<T> use) {
        try {
            Path file = Files.createTempFile("transfer4j-network", ".t4j");
            try {
                return use.use(file);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "a network goes by the temporary folder " + System.getProperty("java.io.tmpdir")
                            + ", which failed: " + e.getMessage(),
                    e);
        }
    }

    /** An extractor in one of Hadoop's file systems; opened here once: what is wrong with it is said before a job begins. */
    private static NetworkFile extractor(String path, SparkSession session) {
        return temporarily(copy -> {
            try (InputStream stream = HadoopFiles.of(session).open(path)) {
                Files.copy(stream, copy, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw new UncheckedIOException("can't read the extractor " + path + ": " + e.getMessage(), e);
            }
            FeatureExtractor.load(copy).close();
            return read(ProcessNetwork.Kind.EXTRACTOR, copy);
        });
    }

    /**
     * The extractor of a stage.
     *
     * @param path where its parameter says that it lies; null where it says nothing
     * @param given what it was made of, if it was
     */
    static NetworkFile extractor(@Nullable String path, @Nullable NetworkFile given, SparkSession session) {
        if (path != null) {
            return extractor(path, session);
        }
        if (given == null) {
            throw new IllegalArgumentException(
                    "extractor must be set to the file of a FeatureExtractor, or the stage be made of one");
        }
        return given;
    }

    /** The classifier that it holds. */
    ImageClassifier classifier() {
        return temporarily(file -> {
            Files.write(file, bytes);
            return ImageClassifier.load(file);
        });
    }

    /** Works with the extractor that it holds, which is closed afterwards. */
    <T> T withExtractor(Function<Extractor, T> work) {
        Extractor extractor = temporarily(file -> {
            Files.write(file, bytes);
            return Extractor.read(file);
        });
        try (extractor) {
            return work.apply(extractor);
        }
    }

    /** What the classifier that it holds says; it is closed afterwards. */
    <T> T opened(Function<Fitted, T> question) {
        return temporarily(file -> {
            Files.write(file, bytes);
            Fitted fitted = ModelFile.read(file, null, false);
            try {
                return question.apply(fitted);
            } finally {
                fitted.network().close();
            }
        });
    }

    ProcessNetwork.Kind kind() {
        return kind;
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
