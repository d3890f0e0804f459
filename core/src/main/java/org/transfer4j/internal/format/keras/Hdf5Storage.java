package org.transfer4j.internal.format.keras;

import io.jhdf.HdfFile;
import io.jhdf.Superblock;
import io.jhdf.exceptions.HdfException;
import io.jhdf.exceptions.InMemoryHdfException;
import io.jhdf.storage.HdfBackingStorage;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The bytes of an HDF5 file as the reader asks for them: mapped, of any size, and no request allocates what the file does
 * not hold.
 *
 * <p>jhdf 0.13.0 has storages of its own, of which none will do. The one in memory ends at 2 GiB. The one of a channel
 * allocates as many bytes as a forged file says. And the node of a group's B-tree is asked for twice as long as it is:
 * with 4 * entries + 1 keys and addresses instead of 2 * entries + 1 (BTreeV1Group; the format specification 3.0, section
 * III.A.1), which is more than there is where the node is the last thing in a file, as it is in some files of Keras. What
 * is missing there is never looked at, and is zeros here.
 */
final class Hdf5Storage implements HdfBackingStorage {
    /** A node has at most 65,535 entries, its two superfluous words each of 8 bytes. */
    private static final int MOST_BEYOND = 65_535 * 2 * Long.BYTES;

    /** The longest such request. */
    private static final int MOST_PADDED = 2 * MOST_BEYOND + Long.BYTES;

    /** A mapping has 2 GiB at most. They overlap, so that what is shorter than this lies in one of them. */
    private static final long STEP = 1L << 30;

    private final List<ByteBuffer> pieces;
    private final long length;
    private final Superblock superblock;

    /**
     * Describes a file.
     *
     * @param pieces the file, {@linkplain #map mapped}
     * @param length how long it is
     * @param superblockAt where its superblock is
     */
    Hdf5Storage(List<ByteBuffer> pieces, long length, int superblockAt) {
        this.pieces = List.copyOf(pieces);
        this.length = length;
        ByteBuffer head = pieces.get(0).duplicate().order(ByteOrder.LITTLE_ENDIAN);
        head.position(superblockAt);
        this.superblock = Superblock.readSuperblock(head);
        if (superblock.getBaseAddressByte() != superblockAt) {
            throw new HdfException("the superblock at " + superblockAt + " names another base address, "
                    + superblock.getBaseAddressByte());
        }
    }

    /**
     * Maps a file, or a part of an archive, in one piece where it is shorter than 2 GiB.
     *
     * @param channel the file, which may be closed afterwards
     * @param start where it starts in the channel
     * @param length how long it is
     */
    static List<ByteBuffer> map(FileChannel channel, long start, long length) throws IOException {
        List<ByteBuffer> pieces = new ArrayList<>();
        long mapped = 0;
        for (long at = 0; pieces.isEmpty() || mapped < length; at += STEP) {
            long size = Math.min(length - at, Integer.MAX_VALUE);
            pieces.add(channel.map(FileChannel.MapMode.READ_ONLY, start + at, size));
            mapped = at + size;
        }
        return pieces;
    }

    /** The file. */
    HdfFile open() {
        try {
            // what HdfFile.fromByteBuffer calls; there is no public way to name a storage
            Constructor<HdfFile> constructor = HdfFile.class.getDeclaredConstructor(HdfBackingStorage.class);
            constructor.setAccessible(true);
            return constructor.newInstance(this);
        } catch (ReflectiveOperationException e) {
            if (e.getCause() instanceof RuntimeException damaged) {
                throw damaged;
            }
            throw new IllegalStateException("HDF5 is read by jhdf 0.13.0, but another version is on the class path", e);
        }
    }

    /** What describes the data, nodes among it; the data itself is mapped. */
    @Override
    public ByteBuffer readBufferFromAddress(long address, int size) {
        long from = address + superblock.getBaseAddressByte();
        long beyond = from + size - length;
        boolean mayBeNode = from >= 0 && from < length && size <= MOST_PADDED && beyond <= MOST_BEYOND;
        if (beyond <= 0 || !mayBeNode) {
            return mapNoOffset(from, size);
        }
        ByteBuffer padded = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        padded.put(mapNoOffset(from, length - from));
        return padded.rewind();
    }

    @Override
    public ByteBuffer map(long address, long length) {
        return mapNoOffset(address + superblock.getBaseAddressByte(), length);
    }

    @Override
    public ByteBuffer mapNoOffset(long address, long size) {
        if (address < 0 || address > length || size < 0 || size > length - address) {
            throw refused(address, size, "beyond the file's end");
        }
        int piece = (int) Math.min(address / STEP, pieces.size() - 1L);
        long at = address - piece * STEP;
        if (size > pieces.get(piece).capacity() - at) {
            throw refused(address, size, "more than can be mapped");
        }
        return pieces.get(piece).slice((int) at, (int) size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private HdfException refused(long address, long size, String reason) {
        return new HdfException(
                String.format(Locale.ROOT, "%d bytes at %d of a file of %d: %s", size, address, length, reason));
    }

    @Override
    public long getUserBlockSize() {
        return superblock.getBaseAddressByte();
    }

    @Override
    public Superblock getSuperblock() {
        return superblock;
    }

    @Override
    public FileChannel getFileChannel() {
        throw new InMemoryHdfException();
    }

    @Override
    public int getSizeOfOffsets() {
        return superblock.getSizeOfOffsets();
    }

    @Override
    public int getSizeOfLengths() {
        return superblock.getSizeOfLengths();
    }

    @Override
    public void close() {
        // mappings end with the last buffer
    }

    @Override
    public long size() {
        return length;
    }

    @Override
    public boolean inMemory() {
        return true;
    }
}
