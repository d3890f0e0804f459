package org.transfer4j.internal.onnx;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import onnx.Onnx.ModelProto;
import onnx.Onnx.StringStringEntryProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;

/**
 * Writes a network as an ONNX model: one file in the format of Protocol Buffers, weights inside
 * (https://github.com/onnx/onnx/blob/main/docs/IR.md).
 */
public final class OnnxExport {
    /** The name of the model's input. */
    public static final String INPUT = "images";

    /** The name of a classifier's output. */
    public static final String OUTPUT = "probabilities";

    /** The name of a regressor's output. */
    public static final String NUMBERS = "numbers";

    /** The name of the output of a part. */
    private static final String FEATURES = "features";

    private static final String PRODUCER = "transfer4j";

    /** A message of Protocol Buffers has less than 2 GiB; this much is left for all but the weights. */
    private static final long ROOM_FOR_STRUCTURE = 16L << 20;

    private static final int BUFFER = 1 << 16;

    private OnnxExport() {}

    /**
     * Writes a model, whole or not at all.
     *
     * @throws UnsupportedOperationException if a layer has no counterpart in ONNX, which the message names, or the
     *     weights come near 2 GiB; nothing is written then
     * @throws java.io.UncheckedIOException if the file can't be written
     */
    public static void write(Path file, OnnxContents contents) {
        requireRoom(weights(contents.parameters()));
        try (TensorMemory memory = new TensorMemory()) {
            ModelProto model = model(contents, memory);
            ReplacedFile.write(file, "ONNX model", channel -> write(model, channel));
        }
    }

    /**
     * A frozen part as a model in memory.
     *
     * @param op what it is
     * @param bytes of the model, in native memory, the caller's to close
     */
    public record Features(Op.Onnx op, INDArray bytes) {}

    /**
     * Writes a part of a network, from its images to its features, for a runtime in this process.
     *
     * @throws UnsupportedOperationException if a layer has no counterpart in ONNX, which the message names, or the
     *     weights come near 2 GiB
     */
    public static Features features(WeightedNetwork part) {
        Network network = part.network();
        requireRoom(network.parameterCount());
        try (TensorMemory memory = new TensorMemory()) {
            Value images = new Value(INPUT, network.inputShape());
            OnnxGraph graph = new OnnxGraph(FEATURES, images, FEATURES, Opset.DEFAULT, memory);
            Value last = NetworkWriter.append(network, part.values(), 1, graph, images);
            INDArray bytes = ModelBytes.of(graph.model(last, "", "").build());
            Op.Onnx op = new Op.Onnx(
                    bytes.length(),
                    ModelBytes.sha256(bytes),
                    network.parameterCount(),
                    network.inputShape(),
                    network.shape(network.output()),
                    null);
            return new Features(op, bytes);
        }
    }

    private static void write(ModelProto model, FileChannel channel) throws IOException {
        CodedOutputStream out = CodedOutputStream.newInstance(Channels.newOutputStream(channel), BUFFER);
        model.writeTo(out);
        out.flush();
    }

    static ModelProto model(OnnxContents contents, TensorMemory memory) {
        Network network = contents.network();
        ModelMetadata metadata = new ModelMetadata(contents);
        Value images = new Value(INPUT, network.inputShape());
        OnnxGraph graph = new OnnxGraph(
                contents.backbone(), images, contents.regression() ? NUMBERS : OUTPUT, contents.opset(), memory);
        Value prepared = contents.preprocessingIncluded()
                ? PreprocessingNodes.append(graph, contents.preprocessing(), images)
                : images;
        Value outputs = NetworkWriter.append(
                network, ParameterValues.of(network, contents.parameters()), contents.temperature(), graph, prepared);
        ModelProto.Builder model = graph.model(outputs, metadata.input(), metadata.output())
                .setProducerName(PRODUCER)
                .setProducerVersion(contents.libraryVersion());
        metadata.entries()
                .forEach((key, value) -> model.addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        return model.build();
    }

    private static long weights(Map<String, Map<String, INDArray>> parameters) {
        return parameters.values().stream()
                .flatMap(layer -> layer.values().stream())
                .mapToLong(values -> values.length() * values.dataType().width() / Float.BYTES)
                .sum();
    }

    static void requireRoom(long weights) {
        long largest = (Integer.MAX_VALUE - ROOM_FOR_STRUCTURE) / Float.BYTES;
        if (weights > largest) {
            throw new UnsupportedOperationException("the network can't be exported to ONNX: a file of that format has"
                    + " less than 2 GiB, room for " + largest + " weights, but the network has " + weights);
        }
    }
}
