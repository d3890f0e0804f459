package org.transfer4j.internal.format.safetensors;

import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.format.LayerShapes;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.safetensors.SafetensorsHeader.Tensor;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.weights.WeightsLoader;

/** Writes weights as PyTorch's state of a network in safetensors, which {@link WeightsLoader} and PyTorch read. */
public final class WeightsWriter {
    /** Half way between float16's largest number and what would be the next. */
    private static final float INFINITE_HALF = 65_520;

    private static final Map<String, String> NAMES = Map.of(
            Op.WEIGHTS,
            "weight",
            Op.BIAS,
            "bias",
            Op.GAMMA,
            "weight",
            Op.BETA,
            "bias",
            Op.MEAN,
            "running_mean",
            Op.VARIANCE,
            "running_var");

    private final TorchArrays layout = new TorchArrays();
    private final StoredPrecision precision;
    private final List<Tensor> tensors = new ArrayList<>();
    private final Map<String, String> layersByName = new HashMap<>();
    private final List<byte[]> contents = new ArrayList<>();
    private long position;

    private WeightsWriter(StoredPrecision precision) {
        this.precision = precision;
    }

    /**
     * Writes a file, whole or not at all.
     *
     * @param network the layers, which keep their names
     * @param parameters as {@code ParameterValues} has them; there may be more
     * @param precision of the numbers in the file
     * @param origin what the file says of itself
     * @throws IllegalArgumentException if parameters of two layers would have one name
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public static void write(
            Path file,
            NetworkLayers network,
            Map<String, Map<String, INDArray>> parameters,
            StoredPrecision precision,
            WeightsOrigin origin) {
        WeightsWriter writer = new WeightsWriter(precision);
        for (LayerShapes layer : network.wanted()) {
            for (LayerShapes.Parameter parameter : layer.parameters()) {
                INDArray value =
                        parameters.getOrDefault(parameter.owner(), Map.of()).get(parameter.name());
                if (value == null) {
                    throw new IllegalArgumentException(
                            "layer " + layer.name() + " has no parameter " + parameter.name());
                }
                writer.add(layer, parameter, value);
            }
        }
        byte[] head = new SafetensorsHeader(writer.tensors, origin.metadata()).toBytes();
        ReplacedFile.write(file, "weights", channel -> {
            // not closed, because that would close the channel, which is still to be forced to the disk
            OutputStream out = Channels.newOutputStream(channel);
            out.write(head);
            for (byte[] content : writer.contents) {
                out.write(content);
            }
        });
    }

    private void add(LayerShapes layer, LayerShapes.Parameter parameter, INDArray value) {
        float[] values = values(value);
        String name = layer.module(parameter) + "." + NAMES.get(parameter.name());
        String other = layersByName.putIfAbsent(name, layer.name());
        if (other != null) {
            throw new IllegalArgumentException("the layers " + other + " and " + layer.name()
                    + " can't be in one file of safetensors: both have weights called " + name
                    + " there; give one of them another name");
        }
        boolean half = precision == StoredPrecision.FLOAT16;
        if (half) {
            requireHalf(name, values);
        }
        byte[] bytes = bytes(values, half ? DataType.FLOAT16 : DataType.FLOAT);
        tensors.add(new Tensor(
                name,
                half ? SafetensorsHeader.FLOAT16 : SafetensorsHeader.FLOAT32,
                LongStream.of(layout.shape(layer, parameter)).boxed().toList(),
                position,
                position + bytes.length));
        contents.add(bytes);
        position += bytes.length;
    }

    private static void requireHalf(String name, float[] values) {
        for (float value : values) {
            if (Math.abs(value) >= INFINITE_HALF) {
                throw new IllegalArgumentException(
                        "float16 has numbers up to 65504, but " + name + " has " + value + ": write them as float32");
            }
        }
    }

    private static float[] values(INDArray value) {
        try (INDArray copy = value.dup('c')) {
            return copy.data().asFloat();
        }
    }

    private static byte[] bytes(float[] values, DataType type) {
        try (INDArray array = Nd4j.createFromArray(values);
                INDArray stored = type == DataType.FLOAT ? array.dup() : array.castTo(type)) {
            byte[] bytes = new byte[values.length * type.width()];
            stored.data().asNio().get(0, bytes);
            return bytes;
        }
    }
}
