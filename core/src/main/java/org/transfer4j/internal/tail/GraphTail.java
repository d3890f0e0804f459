package org.transfer4j.internal.tail;

import java.util.Map;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.gradient.Arithmetic;
import org.transfer4j.internal.gradient.OneDnnGraph;
import org.transfer4j.internal.network.Graphs;

/** A tail on DL4J: any layers that DL4J can train, the convolutional ones on oneDNN where they have a counterpart. */
final class GraphTail implements Tail {
    private final ComputationGraph graph;
    private final String output;
    private final MeasuredLoss loss = new MeasuredLoss();

    /** Builds the tail with all parameters zero; the caller fills them. */
    GraphTail(ComputationGraphConfiguration configuration, IUpdater updater) {
        this(configuration, updater, Arithmetic.FLOAT32);
    }

    /**
     * Builds the tail with all parameters zero; the caller fills them.
     *
     * @param arithmetic of convolutional layers on oneDNN
     */
    GraphTail(ComputationGraphConfiguration configuration, IUpdater updater, Arithmetic arithmetic) {
        ComputationGraphConfiguration own = configuration.clone();
        Graphs.setUpdater(own, updater);
        // without it DL4J runs each convolution's forward pass a second time in backpropagation
        own.setCacheMode(CacheMode.DEVICE);
        output = own.getNetworkOutputs().get(0);
        if (!(own.getVertices().get(output) instanceof LayerVertex last)
                || !(last.getLayerConf().getLayer() instanceof BaseOutputLayer layer)) {
            throw new IllegalArgumentException("a tail ends in an output layer, but " + output + " is none");
        }
        layer.setLossFn(loss);
        graph = Graphs.initialize(new OneDnnGraph(own, arithmetic));
    }

    @Override
    public synchronized StepResult train(Batch batch) {
        graph.fit(new DataSet(batch.features(), oneHot(batch.classIndices())));
        return new StepResult(graph.score(), loss.correct());
    }

    private INDArray oneHot(int[] classIndices) {
        int classes = Math.toIntExact(graph.layerSize(output));
        float[] values = new float[classIndices.length * classes];
        for (int i = 0; i < classIndices.length; i++) {
            values[i * classes + classIndices[i]] = 1;
        }
        return Nd4j.create(values, new long[] {classIndices.length, classes}, 'c');
    }

    // one call at a time: a ComputationGraph keeps each layer's input in the layer
    @Override
    public synchronized INDArray probabilities(Batch batch) {
        return graph.outputSingle(false, batch.features()).castTo(DataType.FLOAT);
    }

    @Override
    public double learningRate() {
        Double rate = graph.getLearningRate(output);
        return rate == null ? Double.NaN : rate;
    }

    @Override
    public void endEpoch() {
        graph.incrementEpochCount();
    }

    @Override
    public Map<String, Map<String, INDArray>> parameters() {
        return Graphs.parameters(graph);
    }

    @Override
    public synchronized void close() {
        graph.close();
    }
}
