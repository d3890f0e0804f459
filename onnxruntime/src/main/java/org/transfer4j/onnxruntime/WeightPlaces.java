package org.transfer4j.onnxruntime;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorProto;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.WireFormat;

/** Where a model's weights lie in their files. */
final class WeightPlaces {
    /**
     * A part of a file.
     *
     * @param file its name from the model's folder, with /
     */
    record Place(String file, long start, long length) {}

    private WeightPlaces() {}

    /** The weights that are in the model's own file, by name; the format of Protocol Buffers is gone through. */
    static Map<String, Place> inside(String file, ByteString model) throws IOException {
        Map<String, Place> places = new HashMap<>();
        CodedInputStream in = model.newCodedInput();
        in.enableAliasing(true);
        messages(
                in,
                ModelProto.GRAPH_FIELD_NUMBER,
                () -> messages(in, GraphProto.INITIALIZER_FIELD_NUMBER, () -> tensor(file, in, places)));
        return places;
    }

    private interface Reading {
        void read() throws IOException;
    }

    /** Reads each message of a field, and skips all else up to the end of the message that is read. */
    private static void messages(CodedInputStream in, int field, Reading reading) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == field) {
                int outer = in.pushLimit(in.readRawVarint32());
                reading.read();
                in.popLimit(outer);
            } else if (!in.skipField(tag)) {
                return;
            }
        }
    }

    private static void tensor(String file, CodedInputStream in, Map<String, Place> places) throws IOException {
        String name = "";
        Place place = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            if (field == TensorProto.NAME_FIELD_NUMBER) {
                name = in.readStringRequireUtf8();
            } else if (field == TensorProto.RAW_DATA_FIELD_NUMBER) {
                int length = in.readRawVarint32();
                place = new Place(file, in.getTotalBytesRead(), length);
                in.skipRawBytes(length);
            } else if (!in.skipField(tag)) {
                return;
            }
        }
        if (place != null) {
            places.put(name, place);
        }
    }
}
