package org.transfer4j.onnxruntime;

import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.Descriptors.Descriptor;
import org.nd4j.shade.protobuf.Descriptors.EnumValueDescriptor;
import org.nd4j.shade.protobuf.Descriptors.FieldDescriptor;
import org.nd4j.shade.protobuf.Message;
import org.nd4j.shade.protobuf.UnknownFieldSet;

/**
 * Fields of a newer ONNX than the one that is read here. ONNX Runtime may know them, so that what was checked would not be what
 * is run.
 */
final class UnknownFields {
    /** {@code metadata_props} of ONNX 1.16, in which exporters note where something comes from: nothing is computed by it. */
    private static final Map<Descriptor, Integer> NOTES = Map.of(
            GraphProto.getDescriptor(), 16,
            NodeProto.getDescriptor(), 9,
            TensorProto.getDescriptor(), 16,
            ValueInfoProto.getDescriptor(), 4);

    /** Which of several functions of one name a node calls; without functions it can only be empty. */
    private static final int OVERLOAD = 8;

    private UnknownFields() {}

    /**
     * Looks at a message and all those in it.
     *
     * @throws IllegalArgumentException if one has a field, or a choice, that is not known and no note
     */
    static void check(Message message) {
        message.getUnknownFields().asMap().forEach((number, field) -> {
            if (!isNote(message, number, field)) {
                throw refused(message, "the field " + number);
            }
        });
        message.getAllFields().forEach((field, value) -> {
            if (value instanceof EnumValueDescriptor choice && choice.getIndex() < 0) {
                throw refused(message, "the " + field.getName() + " " + choice.getNumber());
            }
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                List<?> messages = value instanceof List<?> several ? several : List.of(value);
                messages.forEach(one -> check((Message) one));
            }
        });
    }

    private static IllegalArgumentException refused(Message message, String what) {
        return new IllegalArgumentException("its " + title(message) + " has " + what
                + ", which is not known here and so not checked, but may be to ONNX Runtime: export the model with IR"
                + " version 9 or older");
    }

    private static boolean isNote(Message message, int number, UnknownFieldSet.Field field) {
        Descriptor type = message.getDescriptorForType();
        return Integer.valueOf(number).equals(NOTES.get(type))
                || (type.equals(NodeProto.getDescriptor())
                        && number == OVERLOAD
                        && field.equals(UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.EMPTY)
                                .build()));
    }

    /** Such as {@code NodeProto "/conv1/Conv"}. */
    private static String title(Message message) {
        Descriptor type = message.getDescriptorForType();
        FieldDescriptor field = type.findFieldByName("name");
        Object name = field == null ? "" : message.getField(field);
        return type.getName() + (name.equals("") ? "" : " \"" + name + "\"");
    }

    /** A node that was checked, without notes and comments. */
    static NodeProto.Builder plain(NodeProto node) {
        NodeProto.Builder plain =
                node.toBuilder().clearDocString().setUnknownFields(UnknownFieldSet.getDefaultInstance());
        for (AttributeProto.Builder attribute : plain.getAttributeBuilderList()) {
            attribute.clearDocString();
            if (attribute.hasT()) {
                attribute.setT(plain(attribute.getT()));
            }
            for (int i = 0; i < attribute.getTensorsCount(); i++) {
                attribute.setTensors(i, plain(attribute.getTensors(i)));
            }
        }
        return plain;
    }

    /** The same of a tensor. */
    static TensorProto.Builder plain(TensorProto tensor) {
        return tensor.toBuilder().clearDocString().setUnknownFields(UnknownFieldSet.getDefaultInstance());
    }
}
