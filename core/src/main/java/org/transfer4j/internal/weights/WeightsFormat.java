package org.transfer4j.internal.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.dl4j.Dl4jModelFile;
import org.transfer4j.internal.format.FileKind;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.ZipContents;
import org.transfer4j.internal.format.keras.Hdf5;
import org.transfer4j.internal.format.keras.KerasFile;
import org.transfer4j.internal.format.safetensors.SafetensorsFile;

/** Opens weights files of whichever format. */
public final class WeightsFormat {
    private WeightsFormat() {}

    /** Opens a file of the format that its content shows; its name does not matter. */
    public static WeightsFile open(Path path) {
        WeightsFile.requireFile(path);
        try {
            return open(path, FileChannel.open(path, StandardOpenOption.READ));
        } catch (IOException e) {
            throw WeightsFile.unreadable(path, e);
        }
    }

    /**
     * The same of a file that is open already.
     *
     * @param path its name
     * @param channel closed with the file, and where it is not of a known format
     */
    static WeightsFile open(Path path, FileChannel channel) {
        try {
            try {
                return read(path, channel);
            } catch (Throwable e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw WeightsFile.unreadable(path, e);
        }
    }

    private static WeightsFile read(Path path, FileChannel channel) throws IOException {
        byte[] head = FileKind.head(channel);
        if (FileKind.isZip(head)) {
            return readZip(ZipContents.open(path, channel));
        }
        if (SafetensorsFile.begins(head, channel.size())) {
            return SafetensorsFile.read(path, channel);
        }
        return KerasFile.read(Hdf5.open(path, channel), channel);
    }

    private static WeightsFile readZip(ZipContents zip) throws IOException {
        if (zip.has(KerasFile.WEIGHTS_ENTRY)) {
            return KerasFile.read(Hdf5.open(zip, KerasFile.WEIGHTS_ENTRY), zip.channel());
        }
        if (Dl4jModelFile.isOne(zip)) {
            return Dl4jModelFile.weights(zip);
        }
        throw new WeightsException(zip.path(), "is no weights file: " + FileKind.describeZip(zip.names()));
    }
}
