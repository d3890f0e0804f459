package org.transfer4j.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.head.Head;
import org.transfer4j.internal.engine.TailCompiler;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.plan.SizedBackbone.Freeze;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.training.Optimizer;

/** A network with frozen layers below and trainable ones above, and one batch of random images that it learns by heart. */
final class TrainedNetwork implements AutoCloseable {
    private static final double RATE = 0.001;
    private static final int CLASSES = 10;

    private final @Nullable Trunk trunk;
    private final Tail tail;
    private final INDArray images;
    private final int[] classes;

    private TrainedNetwork(@Nullable Trunk trunk, Tail tail, INDArray images, int[] classes) {
        this.trunk = trunk;
        this.tail = tail;
        this.images = images;
        this.classes = classes;
    }

    static TrainedNetwork of(
            String backboneName, String from, int size, int batch, Precision precision, boolean batchStatistics) {
        Backbone backbone = Backbones.named(backboneName);
        Optimizer optimizer = Optimizer.sgd(RATE);
        NetworkPlan plan =
                NetworkPlan.of(backbone, size, size, Head.flatten(), CLASSES, freezeBelow(backbone, from, size));
        Trunk trunk = plan.trunk()
                .map(part -> TrunkCompiler.compile(FrozenNetwork.weighted(part), precision))
                .orElse(null);
        TailSettings settings = new TailSettings(
                optimizer, TrainingLoss.crossEntropy(), 42, precision, Map.of(), batchStatistics, List.of());
        Tail tail = TailCompiler.compile(plan.tail(), settings);
        InitialWeights.fill(plan.tail(), tail.parameters(), 42);
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[batch * 3 * size * size];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble();
        }
        int[] classes = random.ints(batch, 0, CLASSES).toArray();
        return new TrainedNetwork(
                trunk, tail, Nd4j.createFromArray(values).reshape('c', batch, 3, size, size), classes);
    }

    private static Freeze freezeBelow(Backbone backbone, String from, int size) {
        if (from.equals("all")) {
            return Freeze.NONE;
        }
        var inputs = backbone.topology().configure(size, size).getVertexInputs().get(from);
        if (inputs == null) {
            throw new IllegalArgumentException("--from is a layer of " + backbone.name() + " or all, got " + from);
        }
        return Freeze.upTo(inputs.get(0));
    }

    /** Takes steps on the batch and returns the loss before the last. */
    double train(int steps) {
        double loss = Double.NaN;
        for (int i = 0; i < steps; i++) {
            if (trunk == null) {
                loss = tail.train(new Batch(images, classes), RATE).loss();
            } else {
                try (INDArray features = trunk.infer(images)) {
                    loss = tail.train(new Batch(features, classes), RATE).loss();
                }
            }
        }
        return loss;
    }

    @Override
    public void close() {
        if (trunk != null) {
            trunk.close();
        }
        tail.close();
        images.close();
    }
}
