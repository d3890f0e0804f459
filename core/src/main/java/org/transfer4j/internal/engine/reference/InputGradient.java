package org.transfer4j.internal.engine.reference;

import java.util.Map;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.UnsupportedGraphException;

/**
 * How one number that a network gives changes with what it reads, outside of training: nothing is dropped, and batches are
 * normalized by what is remembered. In plain Java, which suits the few layers above a feature map; safe from several threads.
 */
public final class InputGradient {
    private final Network network;
    private final Map<String, Map<String, float[]>> parameters;

    private InputGradient(Network network, Map<String, Map<String, float[]>> parameters) {
        this.network = network;
        this.parameters = parameters;
    }

    /**
     * Takes a network.
     *
     * @param parameters are copied
     * @throws UnsupportedGraphException if parameters are missing, or as {@link #requireKnown} has it
     */
    public static InputGradient of(Network network, Network.Values parameters) {
        requireKnown(network);
        return new InputGradient(network, ReferenceTrunk.copies(network, parameters));
    }

    /**
     * Refuses a network with a part whose gradient nobody here knows.
     *
     * @throws UnsupportedGraphException if it has a part that only DL4J or a runtime for ONNX models computes; the message names
     *     the layer
     */
    public static void requireKnown(Network network) {
        ReferenceTrunk.requireKnown(network);
        network.nodes().values().stream()
                .filter(node -> node.op() instanceof Op.Neighbours)
                .forEach(node -> {
                    throw UnsupportedGraphException.of(node, "which images vote changes in steps, without a gradient");
                });
    }

    /**
     * The gradient for one image or vector.
     *
     * @param input in C order
     * @param output the index of the number, in C order
     * @return as many numbers as the input has
     */
    public float[] of(float[] input, int output) {
        ReferenceKernels forward = new ReferenceKernels(network, parameters);
        forward.computeAll(input);
        float[] ofOutput =
                new float[Math.toIntExact(network.shape(network.output()).elements())];
        ofOutput[output] = 1;
        return new BackwardKernels(network, forward).compute(ofOutput);
    }
}
