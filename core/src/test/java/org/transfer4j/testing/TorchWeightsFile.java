package org.transfer4j.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

/**
 * Writes {@link HashWeights} as a safetensors file of PyTorch, as {@code torch_backbones_golden.py} gives them to
 * torchvision's and timm's networks: arrays have the names of the modules, and are filled in PyTorch's own order.
 */
public final class TorchWeightsFile {
    private static final Map<String, String> NORMALIZATION =
            Map.of(Op.GAMMA, "weight", Op.BETA, "bias", Op.MEAN, "running_mean", Op.VARIANCE, "running_var");
    private static final Map<String, String> HASHED =
            Map.of(Op.GAMMA, "gamma", Op.BETA, "beta", Op.MEAN, "moving_mean", Op.VARIANCE, "moving_variance");

    /** A name as {@link HashWeights} has it, with factor and shape that decide its bound, and the shape in the file. */
    private record Tensor(String name, double factor, Shape hashed, Shape stored) {
        long bytes() {
            return Float.BYTES * stored.elements();
        }
    }

    private TorchWeightsFile() {}

    /**
     * Writes the weights of a network.
     *
     * @param names of modules, by the layers'; one that is not there is called as the layer
     * @param factor what the bounds of kernels are multiplied by
     */
    public static Path of(Path file, Network network, Map<String, String> names, double factor) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Network.Node node : network.nodes().values()) {
            String module = names.getOrDefault(node.layer(), node.layer());
            node.op().parameters().forEach((parameter, shape) -> {
                switch (parameter) {
                    case Op.WEIGHTS ->
                        tensors.put(module + ".weight", new Tensor(module + "/kernel", factor, inKeras(shape), shape));
                    case Op.BIAS -> tensors.put(module + ".bias", new Tensor(module + "/bias", 1, shape, shape));
                    default ->
                        tensors.put(
                                module + "."
                                        + (node.op() instanceof Op.Affine && parameter.equals(Op.GAMMA)
                                                ? "scale"
                                                : NORMALIZATION.get(parameter)),
                                new Tensor(module + "/" + HASHED.get(parameter), 1, shape, shape));
                }
            });
        }
        try (OutputStream content = Files.newOutputStream(file)) {
            byte[] head = head(tensors).getBytes(StandardCharsets.UTF_8);
            content.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(head.length)
                    .array());
            content.write(head);
            for (Tensor tensor : tensors.values()) {
                byte[] bytes = new byte[(int) tensor.bytes()];
                ByteBuffer.wrap(bytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .put(HashWeights.values(
                                tensor.name(), tensor.factor(), tensor.hashed().toArray()));
                content.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private static String head(Map<String, Tensor> tensors) {
        StringBuilder json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        long[] start = {0};
        tensors.forEach((name, tensor) -> {
            long end = start[0] + tensor.bytes();
            json.append(",\"")
                    .append(name)
                    .append("\":{\"dtype\":\"F32\",\"shape\":")
                    .append(tensor.stored().sizes())
                    .append(",\"data_offsets\":[")
                    .append(start[0])
                    .append(',')
                    .append(end)
                    .append("]}");
            start[0] = end;
        });
        return json.append('}').toString();
    }

    private static Shape inKeras(Shape kernel) {
        long[] sizes = kernel.toArray();
        return Shape.of(sizes[2], sizes[3], sizes[1], sizes[0]);
    }
}
