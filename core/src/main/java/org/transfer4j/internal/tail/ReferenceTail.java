package org.transfer4j.internal.tail;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.reference.ReferenceTrunk;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.UnsupportedGraphException;

/** A tail in plain Java, that was trained where oneDNN is: it predicts, and does not learn. */
public final class ReferenceTail implements Tail {
    private final Network network;
    private final Map<String, Map<String, INDArray>> parameters;
    private @Nullable ReferenceTrunk computation;
    private boolean closed;

    /**
     * Makes a tail with all parameters zero; the caller fills them before the first prediction, which copies them.
     *
     * @param network from features to probabilities
     */
    public ReferenceTail(Network network) {
        this.network = network;
        this.parameters = ParameterValues.zeros(network);
    }

    /**
     * Not here.
     *
     * @throws UnsupportedOperationException in any case
     */
    @Override
    public StepResult train(Batch batch, double rate) {
        throw new UnsupportedOperationException("layers that only plain Java computes here are not trained");
    }

    @Override
    public INDArray probabilities(Batch batch) {
        return computation().infer(batch.features());
    }

    /**
     * What computes.
     *
     * @throws UnsupportedGraphException if it has a part that only DL4J knows
     */
    private synchronized ReferenceTrunk computation() {
        if (closed) {
            throw new IllegalStateException("the tail is closed");
        }
        if (computation == null) {
            computation = ReferenceTrunk.of(network, ParameterValues.of(network, parameters));
        }
        return computation;
    }

    @Override
    public void endEpoch() {
        // no updater counts them
    }

    @Override
    public Map<String, Map<String, INDArray>> parameters() {
        return parameters;
    }

    @Override
    public UpdaterState updaterState() {
        return new UpdaterState(0, 0, Map.of());
    }

    /**
     * Nothing is remembered.
     *
     * @throws IllegalArgumentException if there is something
     */
    @Override
    public void restore(UpdaterState state) {
        if (!state.values().isEmpty()) {
            throw new IllegalArgumentException(
                    "the updater's state has no place here: " + state.values().keySet());
        }
    }

    /** Its parameters are freed with the last array of them. */
    @Override
    public synchronized void close() {
        closed = true;
        computation = null;
    }
}
