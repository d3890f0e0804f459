package org.transfer4j.internal.onnx;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.ModelProto;
import onnx.Onnx.StringStringEntryProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.onnx.OnnxGraph.TensorMemory;
import org.transfer4j.internal.onnx.OnnxGraph.Value;
import org.transfer4j.preprocessing.ImagePreprocessing;

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

    /** What the preprocessing's nodes are a part of. */
    private static final String PREPROCESSING = "preprocessing";

    private static final int CHANNELS = 3;
    private static final float WHITE = 255;
    private static final String PRODUCER = "transfer4j";

    /** A message of Protocol Buffers has less than 2 GiB; this much is left for all but the weights. */
    private static final long ROOM_FOR_STRUCTURE = 16L << 20;

    private static final int BUFFER = 1 << 16;

    private OnnxExport() {}

    /**
     * All that an ONNX model is made of.
     *
     * @param libraryVersion the version of the library that writes
     * @param backbone the backbone's name
     * @param network the whole network, from images to probabilities or numbers
     * @param parameters as {@code ParameterValues} has them; open until the model is written
     * @param preprocessing what the network's images undergo first
     * @param preprocessingIncluded whether that becomes a part of the model
     * @param labels the classes or targets in the order of the outputs
     * @param opset the version of ONNX' operators, one of {@link Opset}
     * @param temperature by which the inputs of the last softmax are divided
     * @param calibration metadata of a calibrated classifier
     * @param regression whether the outputs are numbers, and the labels their names
     */
    public record Contents(
            String libraryVersion,
            String backbone,
            Network network,
            Map<String, Map<String, INDArray>> parameters,
            ImagePreprocessing preprocessing,
            boolean preprocessingIncluded,
            List<String> labels,
            int opset,
            double temperature,
            Map<String, String> calibration,
            boolean regression) {
        /** The entries that {@code exportOnnx} of classifiers and regressors documents. */
        private Map<String, String> metadata() {
            Map<String, String> entries = new LinkedHashMap<>();
            entries.put(regression ? "targets" : "labels", labelsAsJson());
            entries.put("output_activation", outputActivation());
            entries.put("input", inputInWords());
            entries.put("preprocessing", preprocessing.toJson());
            entries.put("preprocessing_included", String.valueOf(preprocessingIncluded));
            entries.put("backbone", backbone);
            entries.putAll(calibration);
            return entries;
        }

        private String labelsAsJson() {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            labels.forEach(array::add);
            return array.toString();
        }

        private String outputActivation() {
            return network.op(network.output()) instanceof Op.Activate last
                    ? last.activation().function().toString()
                    : Activation.Function.IDENTITY.toString();
        }

        /** The input in words. */
        private String inputInWords() {
            Extent size = network.inputShape().size();
            boolean plain = preprocessingIncluded || preprocessing.sourceChannel(0) == 0;
            return "[N, 3, " + size.height() + ", " + size.width() + "], float32, " + (plain ? "RGB" : "BGR") + ", "
                    + values() + "; the caller resizes images to " + size
                    + " (height x width; bilinear, as OpenCV's INTER_LINEAR, without keeping the aspect ratio) and repeats"
                    + " gray ones in all three channels";
        }

        private String values() {
            if (preprocessing.equals(ImagePreprocessing.none())) {
                return "values as in training (there is no preprocessing)";
            }
            return preprocessingIncluded
                    ? "values 0..255 (preprocessing is part of the model)"
                    : "values after the preprocessing " + preprocessing + ", which is not part of the model";
        }

        /** The output in words. */
        private String outputInWords() {
            return "[N, " + labels.size() + "], "
                    + (regression ? "the number of each of the targets" : "the probability of each of the labels")
                    + ", in their order";
        }
    }

    /**
     * Writes a model, whole or not at all.
     *
     * @throws UnsupportedOperationException if a layer has no counterpart in ONNX, which the message names, or the
     *     weights come near 2 GiB; nothing is written then
     * @throws java.io.UncheckedIOException if the file can't be written
     */
    public static void write(Path file, Contents contents) {
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

    static ModelProto model(Contents contents, TensorMemory memory) {
        Network network = contents.network();
        Value images = new Value(INPUT, network.inputShape());
        OnnxGraph graph = new OnnxGraph(
                contents.backbone(), images, contents.regression() ? NUMBERS : OUTPUT, contents.opset(), memory);
        Value prepared =
                contents.preprocessingIncluded() ? preprocessed(graph, contents.preprocessing(), images) : images;
        Value outputs = NetworkWriter.append(
                network, ParameterValues.of(network, contents.parameters()), contents.temperature(), graph, prepared);
        ModelProto.Builder model = graph.model(outputs, contents.inputInWords(), contents.outputInWords())
                .setProducerName(PRODUCER)
                .setProducerVersion(contents.libraryVersion());
        contents.metadata()
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

    /**
     * What is done to pixels before the first layer, as nodes. All modes pick a channel and scale it, so that they are one
     * {@code value * scale + shift} for each channel; what changes nothing is left out.
     */
    private static Value preprocessed(OnnxGraph graph, ImagePreprocessing preprocessing, Value images) {
        float[] scales = new float[CHANNELS];
        float[] shifts = new float[CHANNELS];
        long[] sources = new long[CHANNELS];
        for (int channel = 0; channel < CHANNELS; channel++) {
            sources[channel] = preprocessing.sourceChannel(channel);
            double black = preprocessing.apply(channel, 0);
            scales[channel] = (float) ((preprocessing.apply(channel, WHITE) - black) / WHITE);
            shifts[channel] = (float) black;
        }
        Value value = images;
        if (!Arrays.equals(sources, new long[] {0, 1, 2})) {
            value = graph.node(PREPROCESSING, "Gather")
                    .inputs(value)
                    .constants(graph.integers(PREPROCESSING, "channels", sources))
                    .attribute("axis", 1)
                    .output(value.shape());
        }
        value = unlessAll(1, graph, "Mul", "scale", scales, value);
        return unlessAll(0, graph, "Add", "shift", shifts, value);
    }

    private static Value unlessAll(
            float neutral, OnnxGraph graph, String operator, String what, float[] factors, Value value) {
        boolean changesNothing = true;
        for (float factor : factors) {
            changesNothing &= factor == neutral;
        }
        return changesNothing
                ? value
                : graph.node(PREPROCESSING, operator)
                        .inputs(value)
                        .constants(graph.floats(PREPROCESSING, what, List.of(1L, (long) CHANNELS, 1L, 1L), factors))
                        .output(value.shape());
    }
}
