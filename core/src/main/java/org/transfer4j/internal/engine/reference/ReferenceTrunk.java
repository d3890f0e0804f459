package org.transfer4j.internal.engine.reference;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.internal.trunk.Trunk;

/**
 * A frozen network on {@link ReferenceKernels}: on every platform, for every op but DL4J's own, slowly. Each image is computed
 * by one thread, and is the same bits whatever else is computed and wherever. Holds no native memory.
 */
public final class ReferenceTrunk implements Trunk {
    private final Network network;
    private final Map<String, Map<String, float[]>> parameters;
    private volatile boolean closed;

    private ReferenceTrunk(Network network, Map<String, Map<String, float[]>> parameters) {
        this.network = network;
        this.parameters = parameters;
    }

    /**
     * Takes a network.
     *
     * @param parameters are copied
     * @throws UnsupportedGraphException if it has a part that only DL4J knows, or parameters are missing
     */
    public static ReferenceTrunk of(Network network, Network.Values parameters) {
        requireKnown(network);
        return new ReferenceTrunk(network, copies(network, parameters));
    }

    /** Refuses what only DL4J or a runtime for ONNX models computes. */
    static void requireKnown(Network network) {
        network.nodes().values().forEach(ReferenceTrunk::requireKnown);
    }

    static Map<String, Map<String, float[]>> copies(Network network, Network.Values parameters) {
        Map<String, Map<String, float[]>> copies = new HashMap<>();
        for (Network.Node node : network.nodes().values()) {
            Map<String, float[]> own = new HashMap<>();
            for (String name : node.op().parameters().keySet()) {
                own.put(name, values(parameters.of(node, name)));
            }
            copies.put(node.name(), own);
        }
        return copies;
    }

    private static void requireKnown(Network.Node node) {
        if (node.op() instanceof Op.Onnx) {
            throw UnsupportedGraphException.of(node, "only a runtime for ONNX models computes it");
        }
        if (node.op() instanceof Op.Foreign foreign) {
            throw UnsupportedGraphException.of(
                    node,
                    foreign.reason() == null ? "only DL4J knows this kind of " + foreign.part() : foreign.reason());
        }
    }

    private static float[] values(INDArray array) {
        try (INDArray copy = array.dup('c')) {
            return copy.data().asFloat();
        }
    }

    @Override
    public long[] featureShape() {
        return network.shape(network.output()).toArray();
    }

    @Override
    public INDArray infer(INDArray images) {
        if (closed) {
            throw new IllegalStateException("the trunk is closed");
        }
        long[] wanted = network.inputShape().toArray();
        long[] shape = images.shape();
        if (shape.length != wanted.length + 1 || !Arrays.equals(Arrays.copyOfRange(shape, 1, shape.length), wanted)) {
            String each = Arrays.toString(wanted).substring(1);
            throw new IllegalArgumentException(
                    "the trunk takes images [N, " + each + ", got " + Arrays.toString(shape));
        }
        float[] pixels = values(images);
        int count = Math.toIntExact(shape[0]);
        int size = pixels.length / count;
        float[][] features = new float[count][];
        Workers.run(count, image -> {
            float[] one = Arrays.copyOfRange(pixels, image * size, (image + 1) * size);
            features[image] = new ReferenceKernels(network, parameters).compute(one);
        });
        return Nd4j.createFromArray(features)
                .reshape(network.shape(network.output()).withBatch(count));
    }

    /** An image is computed alone as it is. */
    @Override
    public Trunk forPasses(int batchSize) {
        return this;
    }

    @Override
    public String engine() {
        return "plain Java";
    }

    @Override
    public void close() {
        closed = true;
    }
}
