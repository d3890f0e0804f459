package org.transfer4j.internal.engine;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.Trunk;

/** Runs a frozen graph on DL4J itself: everywhere, for every layer, slowly. */
final class Dl4jTrunk implements Trunk {
    private final ComputationGraph graph;
    private final long[] inputShape;
    private final long[] featureShape;
    private final String engine = "DL4J on " + Nd4jBackend.name() + ", threads: " + NativeThreads.count();
    private boolean closed;

    Dl4jTrunk(ComputationGraph graph, long[] inputShape, long[] featureShape) {
        this.graph = graph;
        this.inputShape = inputShape.clone();
        this.featureShape = featureShape.clone();
    }

    @Override
    public long[] featureShape() {
        return featureShape.clone();
    }

    // one call at a time: a ComputationGraph keeps each layer's input in the layer
    @Override
    public synchronized INDArray infer(INDArray images) {
        if (closed) {
            throw new IllegalStateException("the trunk is closed");
        }
        long[] shape = images.shape();
        if (shape.length != 4 || !Arrays.equals(Arrays.copyOfRange(shape, 1, 4), inputShape)) {
            throw new IllegalArgumentException("the trunk takes images [N, " + inputShape[0] + ", " + inputShape[1]
                    + ", " + inputShape[2] + "], got " + Arrays.toString(shape));
        }
        INDArray features = graph.outputSingle(false, images);
        return features.ordering() == 'c' && !features.isView() ? features : features.dup('c');
    }

    @Override
    public String engine() {
        return engine;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
