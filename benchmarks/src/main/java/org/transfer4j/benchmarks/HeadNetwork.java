package org.transfer4j.benchmarks;

import java.nio.file.Path;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.TailTrainer;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;

/** A softmax layer of 10 classes, with a ReLU layer before it or none, and random features for it to learn from. */
record HeadNetwork(int width, int hidden, Optimizer optimizer) {
    private static final int CLASSES = 10;
    private static final long SEED = 1;

    /** Hears of each epoch. */
    interface EpochListener {
        void epochFinished(double imagesPerSecond, double loss);
    }

    private ComputationGraphConfiguration configuration() {
        var graph = new NeuralNetConfiguration.Builder()
                .updater(optimizer.updater())
                .graphBuilder()
                .addInputs("features");
        String last = "features";
        if (hidden > 0) {
            graph.addLayer(
                    "hidden",
                    new DenseLayer.Builder()
                            .nIn(width)
                            .nOut(hidden)
                            .activation(Activation.RELU)
                            .build(),
                    last);
            last = "hidden";
        }
        OutputLayer output = new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nIn(hidden > 0 ? hidden : width)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
        return graph.addLayer("predictions", output, last)
                .setOutputs("predictions")
                .build();
    }

    /** The tail that the library would train. */
    Tail tail() {
        Network network = Dl4jNetwork.network(configuration(), Shape.of(width));
        Tail tail = TailCompiler.compile(network, new TailSettings(optimizer, TrainingLoss.crossEntropy(), SEED));
        InitialWeights.fill(network, tail.parameters(), SEED);
        return tail;
    }

    /** Trains as a fit does, on features in a temporary file. */
    void train(int images, int batch, int epochs, EpochListener listener) {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try (FeatureStore store = FeatureStore.create(folder, new long[] {width}, images);
                Tail tail = tail()) {
            Random random = new Random(SEED);
            for (int done = 0; done < images; done += batch) {
                int count = Math.min(batch, images - done);
                try (INDArray rows = features(count, random)) {
                    store.append(new Batch(rows, random.ints(count, 0, CLASSES).toArray()));
                }
            }
            new TailTrainer(tail, optimizer, TrainingLoss.crossEntropy(), batch, SEED, new FitListener() {
                        @Override
                        public void epochFinished(EpochRecord epoch) {
                            listener.epochFinished(epoch.imagesPerSecond(), epoch.loss());
                        }
                    })
                    .train(store, null, epochs);
        }
    }

    /** Trains on DL4J alone, on features in memory, each batch a view of them. */
    void trainOnDl4j(int images, int batch, int epochs, EpochListener listener) {
        Random random = new Random(SEED);
        ComputationGraph graph = new ComputationGraph(configuration());
        graph.init();
        try (INDArray all = Nd4j.createUninitialized(images, width);
                INDArray labels = Nd4j.zeros(images, CLASSES)) {
            for (int done = 0; done < images; done += batch) {
                int count = Math.min(batch, images - done);
                try (INDArray rows = features(count, random)) {
                    all.get(NDArrayIndex.interval(done, done + count)).assign(rows);
                }
                for (int i = done; i < done + count; i++) {
                    labels.putScalar(i, random.nextInt(CLASSES), 1);
                }
            }
            for (int epoch = 0; epoch < epochs; epoch++) {
                trainEpochOnDl4j(graph, all, labels, batch, listener);
            }
        } finally {
            graph.close();
        }
    }

    private static void trainEpochOnDl4j(
            ComputationGraph graph, INDArray all, INDArray labels, int batch, EpochListener listener) {
        long images = all.size(0);
        double loss = 0;
        long start = System.nanoTime();
        for (long from = 0; from < images; from += batch) {
            var rows = NDArrayIndex.interval(from, Math.min(images, from + batch));
            graph.fit(new DataSet(all.get(rows), labels.get(rows)));
            loss += graph.score() * rows.length();
        }
        listener.epochFinished(images / ((System.nanoTime() - start) / 1e9), loss / images);
    }

    /** [count, width] between 0 and 1. */
    INDArray features(int count, Random random) {
        float[] values = new float[count * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return Nd4j.createFromArray(values).reshape(count, width);
    }
}
