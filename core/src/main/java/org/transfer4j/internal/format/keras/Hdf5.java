package org.transfer4j.internal.format.keras;

import io.jhdf.GlobalHeap;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.exceptions.HdfException;
import io.jhdf.filter.FilterManager;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.OpaqueDataType;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import io.jhdf.storage.HdfBackingStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.file.MappedFile;
import org.transfer4j.internal.format.FileKind;
import org.transfer4j.internal.format.ZipContents;
import org.transfer4j.internal.natives.FirstUse;

/**
 * An HDF5 file that nobody vouches for. It is mapped ({@link Hdf5Storage}), so that every read is bounded by the file; links are not
 * followed; and whatever the reader throws becomes a {@link WeightsException}.
 */
public final class Hdf5 {
    /** What compressed datasets need, which jHDF looks for but once. */
    private static final FirstUse FILTERS = new FirstUse("jHDF", FilterManager.class);

    private static final int MOST_CAUSES = 10;
    private static final int MOST_FRAMES = 10;

    /** Far more than any name in a file of Keras has parts. */
    private static final int DEEPEST = 64;

    private final MappedFile file;
    private final long length;
    private final Group root;

    /** By the objects' addresses. */
    private final Map<Long, String> pathOfObject = new HashMap<>();

    private final Map<Long, Long> storedOfObject = new HashMap<>();
    private long stored;

    private Hdf5(MappedFile file, List<ByteBuffer> pieces, long length, int superblock) {
        this.file = file;
        this.length = length;
        this.root = guarded("its superblock", () -> {
            Group opened = new Hdf5Storage(pieces, length, superblock).open();
            pathOfObject.put(opened.getAddress(), opened.getPath());
            return opened;
        });
    }

    /** Opens a file. The channel may be closed afterwards. */
    public static Hdf5 open(Path path, FileChannel channel) throws IOException {
        return open(path, channel, 0, channel.size());
    }

    /** Opens an entry of an archive. Its channel may be closed afterwards. */
    public static Hdf5 open(ZipContents zip, String entry) throws IOException {
        ZipContents.Range range = zip.stored(entry);
        return open(zip.path(), zip.channel(), range.start(), range.length());
    }

    private static Hdf5 open(Path path, FileChannel channel, long start, long length) throws IOException {
        FILTERS.start();
        List<ByteBuffer> pieces = Hdf5Storage.map(channel, start, length);
        MappedFile file = MappedFile.of(path);
        return new Hdf5(file, pieces, length, superblock(path, pieces.get(0), length));
    }

    /** Where the superblock is in a file that is as long as it says. */
    private static int superblock(Path path, ByteBuffer bytes, long length) {
        int superblock = Superblock.find(bytes);
        if (superblock < 0) {
            byte[] head = new byte[Math.min(FileKind.HEAD_BYTES, bytes.capacity())];
            bytes.get(0, head);
            throw new WeightsException(path, "is no weights file: " + FileKind.describe(head));
        }
        long declared = Superblock.declaredLength(bytes, superblock);
        if (declared > length) {
            throw new WeightsException(
                    path,
                    String.format(
                            Locale.ROOT, "is truncated: it is of %,d bytes and should be of %,d", length, declared));
        }
        return superblock;
    }

    Path path() {
        return file.path();
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
            T value = action.get();
            file.requireWhole();
            return value;
        } catch (WeightsException e) {
            throw e;
        } catch (InternalError | IOException e) {
            throw new WeightsException(
                    path(), what + " can't be read: the file was cut short meanwhile (" + e + ")", e);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError | LinkageError e) {
            if (isOfOpaqueType(e)) {
                throw new WeightsException(
                        path(),
                        "holds values of a type that HDF5 does not know, as Keras writes bfloat16, which are not read from"
                                + " HDF5; save them as float32 or float16 (" + what + ")",
                        e);
            }
            if (e instanceof OutOfMemoryError) {
                throw new WeightsException(
                        path(),
                        String.format(
                                Locale.ROOT,
                                "holds more than can be read in a heap of %,d bytes (-Xmx): %s",
                                Runtime.getRuntime().maxMemory(),
                                what),
                        e);
            }
            throw new WeightsException(path(), "is damaged: " + what + " can't be read (" + e + ")", e);
        }
    }

    /** The reader can't read opaque types without a tag, and tells it apart from damage by nothing but where it stumbles. */
    private static boolean isOfOpaqueType(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(MOST_CAUSES)
                .flatMap(cause -> Arrays.stream(cause.getStackTrace()).limit(MOST_FRAMES))
                .anyMatch(frame -> frame.getClassName().equals(OpaqueDataType.class.getName()));
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
            String[] parts = names.split("/", -1);
            if (parts.length > DEEPEST) {
                throw new WeightsException(
                        path(), "is damaged: a name has " + DEEPEST + " parts at most, but one has " + parts.length);
            }
            for (String name : parts) {
                Node child = node instanceof Group parent ? parent.getChild(name) : null;
                if (child == null) {
                    return Optional.empty();
                }
                node = own(child);
            }
            return Optional.of(node);
        });
    }

    /**
     * Refuses a link, which may lead into other files or in circles, and an object that has another name too: a small file
     * could hold itself as often as it likes. Keras writes neither.
     */
    Node own(Node node) {
        if (node.isLink()) {
            throw new WeightsException(path(), "holds a link, " + node.getName() + ", which is not followed");
        }
        String name = node.getPath();
        String first = pathOfObject.putIfAbsent(node.getAddress(), name);
        if (first != null && !first.equals(name)) {
            throw new WeightsException(
                    path(), "is damaged: a group or array has one name, but one has two, " + first + " and " + name);
        }
        return node;
    }

    /**
     * Counts what a dataset's compressed pieces take in the file, where no two may lie in one place.
     *
     * @return whether the pieces of all datasets so far can lie in the file
     */
    boolean holds(Dataset dataset, long bytes) {
        Long before = storedOfObject.put(dataset.getAddress(), bytes);
        stored += bytes - (before == null ? 0 : before);
        return stored <= length;
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
                throw new WeightsException(path(), "is damaged: the attribute " + name + " is larger than the file");
            }
            return Strings.of(root.getHdfFile().getHdfBackingStorage(), attribute);
        });
    }

    /**
     * The texts of an attribute. They are read as UTF-8, whatever the file calls them: Keras writes the names of layers and
     * weights in UTF-8, and h5py calls them ASCII.
     */
    private static final class Strings {
        private Strings() {}

        /** The texts; empty where the attribute has values of another type. */
        static Optional<List<String>> of(HdfBackingStorage file, Attribute attribute) {
            DataType type = attribute.getDataType();
            ByteBuffer data = attribute.getBuffer().order(ByteOrder.LITTLE_ENDIAN);
            int count = Math.toIntExact(attribute.getSize());
            if (type instanceof StringData fixed) {
                return Optional.of(fixed(fixed, data, count));
            }
            return type instanceof VariableLength variable && variable.isVariableLengthString()
                    ? Optional.of(variable(file, data, count))
                    : Optional.empty();
        }

        private static List<String> fixed(StringData type, ByteBuffer data, int count) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ByteBuffer text = data.slice(i * type.getSize(), type.getSize());
                type.getStringPaddingHandler().setBufferLimit(text);
                texts.add(StandardCharsets.UTF_8.decode(text).toString());
            }
            return texts;
        }

        /**
         * For each text its length and where it is: the address of a global heap and the number of an object there. A forged
         * file may name one text many times; together they have no more bytes than the file.
         */
        private static List<String> variable(HdfBackingStorage file, ByteBuffer data, int count) {
            Map<Long, GlobalHeap> heaps = new HashMap<>();
            List<String> texts = new ArrayList<>();
            long left = file.size();
            for (int i = 0; i < count; i++) {
                int length = data.getInt();
                long heap = file.getSizeOfOffsets() == Long.BYTES ? data.getLong() : data.getInt();
                int object = data.getInt();
                if (object == 0) {
                    texts.add("");
                    continue;
                }
                left -= length;
                if (left < 0) {
                    throw new HdfException("texts are longer than the file");
                }
                ByteBuffer bytes = heaps.computeIfAbsent(heap, address -> new GlobalHeap(file, address))
                        .getObjectData(object);
                texts.add(StandardCharsets.UTF_8.decode(bytes.slice(0, length)).toString());
            }
            return texts;
        }
    }

    /**
     * The first bytes of an HDF5 file, as far as they tell whether the file is whole. After the HDF5 file format
     * specification 3.0, section II.A.
     */
    private static final class Superblock {
        private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
        private static final int VERSION_AT = 8;
        private static final int FIRST_USER_BLOCK = 512;

        private Superblock() {}

        /** Where the superblock is: at 0, or after a block of the user's of 512 bytes or a power of two times that; else -1. */
        static int find(ByteBuffer file) {
            for (long at = 0; at + SIGNATURE.length < file.capacity(); at = at == 0 ? FIRST_USER_BLOCK : 2 * at) {
                if (file.slice((int) at, SIGNATURE.length).equals(ByteBuffer.wrap(SIGNATURE))) {
                    return (int) at;
                }
            }
            return -1;
        }

        /** How long the file is by its own account; 0 where the superblock is of a form not known here. */
        static long declaredLength(ByteBuffer file, int start) {
            ByteBuffer block = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            int version = block.get(start + VERSION_AT);
            int offsetSizeAt = version < 2 ? 13 : 9;
            int lengthAt = version == 0 ? 40 : version == 1 ? 44 : 28;
            boolean known = version >= 0 && version <= 3 && start + lengthAt + Long.BYTES <= file.capacity();
            return known && block.get(start + offsetSizeAt) == Long.BYTES ? block.getLong(start + lengthAt) : 0;
        }
    }
}
