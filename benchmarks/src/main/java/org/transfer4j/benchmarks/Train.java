package org.transfer4j.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
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
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.training.Optimizer;
import picocli.CommandLine;

/**
 * How many images a second a network trains on, from arrays in memory, after a warm-up: plain gradient descent, a softmax
 * of 10 classes. Frozen layers are computed in every step, as in Keras, although a fit computes them once an image.
 */
@CommandLine.Command(name = "train", mixinStandardHelpOptions = true, showDefaultValues = true)
final class Train implements Callable<Integer> {
    @CommandLine.Option(names = "--backbone", defaultValue = "vgg16", description = "a backbone's name, such as vgg16")
    private String backbone = "vgg16";

    @CommandLine.Option(
            names = "--from",
            defaultValue = "all",
            description = "the lowest trainable layer, such as block5_conv1, or all")
    private String from = "all";

    @CommandLine.Option(names = "--size", defaultValue = "48", description = "height and width in pixels")
    private int size;

    @CommandLine.Option(names = "--batch", defaultValue = "32")
    private int batch;

    @CommandLine.Option(names = "--images", defaultValue = "320", description = "how many images are measured")
    private int images;

    @CommandLine.Option(names = "--precision", defaultValue = "FLOAT32", description = "${COMPLETION-CANDIDATES}")
    private Precision precision = Precision.FLOAT32;

    @CommandLine.Option(
            names = "--still",
            description =
                    "batch normalization by its kept statistics, as in a fit of pretrained layers, and not by the batch's")
    private boolean still;

    @CommandLine.Mixin
    private OtherWork otherWork = new OtherWork();

    @Override
    public Integer call() throws Exception {
        try (TrainedNetwork network = TrainedNetwork.of(backbone, from, size, batch, precision, !still)) {
            int steps = Math.max(1, images / batch);
            network.train(Math.max(2, steps / 4));
            double seconds = otherWork.beside(() -> {
                long start = System.nanoTime();
                double loss = network.train(steps);
                System.out.println(String.format(Locale.ROOT, "loss: %.4f", loss));
                return (System.nanoTime() - start) / 1e9;
            });
            System.out.println(String.format(Locale.ROOT, "images/s: %.2f", steps * batch / seconds));
        }
        return 0;
    }

    /** A network with frozen layers below and trainable ones above, and one batch of random images that it learns by heart. */
    private static final class TrainedNetwork implements AutoCloseable {
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
            var inputs =
                    backbone.topology().configure(size, size).getVertexInputs().get(from);
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
}
