package org.transfer4j.internal.weights;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.transfer4j.error.WeightsException;

/**
 * An HDF5 file that nobody vouches for. It is mapped as a whole, so that every read is bounded by the file; links are not
 * followed; and whatever the reader throws becomes a {@link WeightsException}.
 */
final class Hdf5 {
    private final Path path;
    private final long length;
    private final Group root;

    private Hdf5(Path path, long length, MappedByteBuffer bytes) {
        this.path = path;
        this.length = length;
        this.root = guarded("its superblock", () -> HdfFile.fromByteBuffer(bytes));
    }

    static Hdf5 open(Path path) {
        return open(path, path);
    }

    /**
     * Opens what was unpacked from another file.
     *
     * @param path the file that its owner knows, for errors
     * @param content the file to read
     */
    static Hdf5 open(Path path, Path content) {
        if (!Files.isRegularFile(content)) {
            throw new WeightsException(path, Files.exists(content) ? "is not a file" : "there is no such file");
        }
        try (FileChannel channel = FileChannel.open(content, StandardOpenOption.READ)) {
            long length = channel.size();
            if (length > Integer.MAX_VALUE) {
                throw new WeightsException(
                        path, String.format(Locale.ROOT, "is of %,d bytes, 2 GiB can be read", length));
            }
            MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, length);
            checkWhole(path, bytes);
            return new Hdf5(path, length, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkWhole(Path path, MappedByteBuffer bytes) {
        OptionalLong superblock = Superblock.find(bytes);
        if (superblock.isEmpty()) {
            byte[] head = new byte[Math.min(FileKind.HEAD_BYTES, bytes.capacity())];
            bytes.get(0, head);
            throw new WeightsException(path, "is not an HDF5 file: " + FileKind.describe(head));
        }
        long declared = Superblock.declaredLength(bytes, superblock.getAsLong()).orElse(0);
        if (declared > bytes.capacity()) {
            throw new WeightsException(
                    path,
                    String.format(
                            Locale.ROOT,
                            "is truncated: it is of %,d bytes and should be of %,d",
                            bytes.capacity(),
                            declared));
        }
    }

    Path path() {
        return path;
    }

    /** The file's length in bytes, which bounds what may be believed of it. */
    long length() {
        return length;
    }

    Group root() {
        return root;
    }

    /** Does what may stumble over a damaged file. The reader is not made for such files: it throws anything. */
    <T> T guarded(String what, Supplier<T> action) {
        try {
            return action.get();
        } catch (WeightsException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError | LinkageError e) {
            throw new WeightsException(path, "is damaged: " + what + " can't be read (" + e + ")", e);
        }
    }

    /** The nodes of a group, in the file's order. */
    List<Node> children(Group group) {
        return guarded(
                "the group " + group.getName(),
                () -> List.copyOf(group.getChildren().values()));
    }

    /** What a path of names leads to. */
    Optional<Node> find(Group group, String names) {
        return guarded(names, () -> {
            Node node = group;
            for (String name : names.split("/", -1)) {
                Node child = node instanceof Group parent ? parent.getChild(name) : null;
                if (child == null) {
                    return Optional.empty();
                }
                node = unlinked(child);
            }
            return Optional.of(node);
        });
    }

    /** Refuses a link: it may lead into other files or in circles, and Keras writes none. */
    Node unlinked(Node node) {
        if (node.isLink()) {
            throw new WeightsException(path, "holds a link, " + node.getName() + ", which is not followed");
        }
        return node;
    }

    /** An attribute of one or several strings; empty where there is none of that name, or no text in it. */
    Optional<List<String>> strings(Node node, String name) {
        return guarded("the attribute " + name + " of " + node.getName(), () -> {
            Attribute attribute = node.getAttribute(name);
            if (attribute == null) {
                return Optional.empty();
            }
            if (attribute.isEmpty() || attribute.getSize() == 0) {
                return Optional.of(List.of());
            }
            if (attribute.getSize() > length || attribute.getSizeInBytes() > length) {
                throw new WeightsException(path, "is damaged: the attribute " + name + " is larger than the file");
            }
            Object data = attribute.getData();
            if (data instanceof String[] many) {
                return Optional.of(List.of(many));
            }
            return data instanceof String one ? Optional.of(List.of(one)) : Optional.empty();
        });
    }
}
