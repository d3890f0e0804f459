package org.transfer4j.internal.format.keras;

import io.jhdf.GlobalHeap;
import io.jhdf.api.Attribute;
import io.jhdf.exceptions.HdfException;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The texts of an attribute. They are read as UTF-8, whatever the file calls them: Keras writes the names of layers and
 * weights in UTF-8, and h5py calls them ASCII.
 */
final class Hdf5Strings {
    private Hdf5Strings() {}

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
