package org.transfer4j.internal.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.head.Head;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.tail.TailTrainer.Snapshot;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.internal.tail.onednn.OneDnnTail;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;

/**
 * A step of plain gradient descent goes along the slope of the loss, which is measured by finite differences: a way along
 * the gradient changes the loss by its length, any other by less. So the ops need no other engine that has them.
 */
class LossSlopeTest {
    private static final int CLASSES = 3;
    private static final int IMAGES = 4;
    private static final double WAY = 0.003;

    /** What batch normalization measures is not learned. */
    private static final Set<String> MEASURED = Set.of(Op.MEAN, Op.VARIANCE);

    /** A convolution, then what is to be tested, then a convolution and a head: what is learned lies below it, too. */
    private static final class Layers {
        private final Network.Builder network = new Network.Builder("images", Shape.of(3, 7, 6));
        private String last = "images";

        Layers add(String name, Op op, String... inputs) {
            network.add(name, name, "Layer", op, inputs.length == 0 ? List.of(last) : List.of(inputs));
            last = name;
            return this;
        }

        Layers activate(String name, Activation.Function function) {
            return add(name, new Op.Activate(Activation.of(function)));
        }

        Layers convolution(String name, int outputs, int groups, Window window) {
            return add(name, new Op.Convolution(network.shape(last).channels(), outputs, groups, window, true));
        }

        Network network() {
            convolution("upper", 6, 1, Window.PIXEL);
            add("global", new Op.GlobalPooling(false));
            add("flat", new Op.Reshape(Shape.of(6)));
            network.add("top/1", "top", "Dense", new Op.Dense(6, CLASSES, true), List.of("flat"));
            network.add(
                    "top",
                    "top",
                    "Dense",
                    new Op.Activate(Activation.of(Activation.Function.SOFTMAX)),
                    List.of("top/1"));
            return network.build("top");
        }

        Network linear() {
            add("global", new Op.GlobalPooling(false));
            add("flat", new Op.Reshape(Shape.of(8)));
            network.add("hidden/1", "hidden", "Dense", new Op.Dense(8, 6, true), List.of("flat"));
            network.add(
                    "hidden",
                    "hidden",
                    "Dense",
                    new Op.Activate(Activation.of(Activation.Function.RELU)),
                    List.of("hidden/1"));
            network.add("top", "top", "Dense", new Op.Dense(6, 2, true), List.of("hidden"));
            return network.build("top");
        }
    }

    private static final Window AROUND = new Window(new Extent(3, 3), Extent.ONE, Extent.ONE, Extent.ONE, Extent.ONE);

    private static Layers layers() {
        return new Layers().convolution("lower", 8, 1, AROUND);
    }

    static Stream<Named<Network>> ops() {
        Window lopsided =
                new Window(new Extent(3, 3), new Extent(2, 2), Extent.ONE, new Extent(0, 0), new Extent(1, 1));
        Activation sharp = new Activation(Activation.Function.HARD_SIGMOID, 1.0 / 6, 0.5);
        return Stream.of(
                Named.of("groups", layers().convolution("op", 12, 4, AROUND).network()),
                Named.of(
                        "a depthwise window of its own",
                        layers().convolution("op", 16, 8, lopsided).network()),
                Named.of(
                        "hard swish",
                        layers().activate("op", Activation.Function.HARD_SWISH).network()),
                Named.of(
                        "hard sigmoid",
                        layers().add("op", new Op.Activate(sharp)).network()),
                Named.of(
                        "softplus",
                        layers().activate("op", Activation.Function.SOFTPLUS).network()),
                Named.of(
                        "mish",
                        layers().activate("op", Activation.Function.MISH).network()),
                Named.of(
                        "softsign",
                        layers().activate("op", Activation.Function.SOFTSIGN).network()),
                Named.of(
                        "selu",
                        layers().activate("op", Activation.Function.SELU).network()),
                Named.of(
                        "images of norm 1",
                        layers().add("op", new Op.UnitNorm(1e-6))
                                .add("scaled", new Op.Scale(9))
                                .network()),
                Named.of(
                        "vectors of norm 1",
                        layers().add("mean", new Op.GlobalPooling(false))
                                .add("op", new Op.UnitNorm(1e-6))
                                .add("scaled", new Op.Scale(3))
                                .network()),
                Named.of(
                        "a norm below the least",
                        layers().add("op", new Op.UnitNorm(1e4))
                                .add("scaled", new Op.Scale(1e4))
                                .network()),
                Named.of(
                        "some channels",
                        layers().convolution("wide", 20, 1, Window.PIXEL)
                                .add("op", new Op.Slice(5, 14))
                                .activate("swish", Activation.Function.SWISH)
                                .network()),
                Named.of(
                        "whole blocks of channels",
                        layers().convolution("wide", 48, 1, Window.PIXEL)
                                .add("op", new Op.Slice(16, 32))
                                .network()),
                Named.of(
                        "dropout",
                        layers().add("op", new Op.Dropout(0.4, false)).network()),
                Named.of(
                        "dropout of channels",
                        layers().add("op", new Op.Dropout(0.3, true)).network()),
                Named.of(
                        "slopes below zero",
                        layers().add("op", new Op.Slopes(Shape.of(8, 1, 1))).network()),
                Named.of(
                        "one slope for all",
                        layers().add("op", new Op.Slopes(Shape.of(1, 1, 1))).network()),
                Named.of(
                        "an image of other sides, and some of the numbers",
                        layers().add("flattened", new Op.Reshape(Shape.of(8 * 7 * 6)))
                                .add("some", new Op.Slice(6, 8 * 7 * 6))
                                .add("op", new Op.Reshape(Shape.of(10, 11, 3)))
                                .network()),
                Named.of("vectors of other images", vectors()),
                Named.of(
                        "scale and shift",
                        layers().add("scaled", new Op.Scale(-1.7))
                                .add("op", new Op.Shift(0.3))
                                .network()),
                Named.of(
                        "a learned factor and summand",
                        layers().add("op", new Op.Affine()).network()),
                Named.of("a shift without a scale", normalized(Op.GAMMA)),
                Named.of("a scale without a shift", normalized(Op.BETA)),
                Named.of("neither scale nor shift", normalized(Op.GAMMA, Op.BETA)),
                Named.of(
                        "upsampling",
                        layers().add("op", new Op.Upsampling(new Extent(2, 3))).network()),
                Named.of(
                        "padding",
                        layers().add("op", new Op.Padding(new Extent(1, 0), new Extent(2, 1)))
                                .activate("swish", Activation.Function.SWISH)
                                .network()),
                Named.of("difference", both(Op.Binary.Kind.DIFFERENCE)),
                Named.of("maximum", both(Op.Binary.Kind.MAXIMUM)),
                Named.of(
                        "a gate",
                        layers().add("mean", new Op.GlobalPooling(false))
                                .convolution("squeeze", 4, 1, Window.PIXEL)
                                .activate("squeezed", Activation.Function.HARD_SWISH)
                                .convolution("excite", 8, 1, Window.PIXEL)
                                .add("gate", new Op.Activate(sharp))
                                .add("op", new Op.Binary(Op.Binary.Kind.PRODUCT), "lower", "gate")
                                .network()));
    }

    private static Network normalized(String... fixed) {
        return layers().add("op", new Op.Normalization(8, 1e-3, 0.9, List.of(fixed)))
                .network();
    }

    /** Normalized, then added to and beside those of an image of other sides. */
    private static Network vectors() {
        return layers().add("half", new Op.Slice(0, 4))
                .add("vector", new Op.Reshape(Shape.of(4 * 7 * 6)))
                .add("norm", new Op.Normalization(4 * 7 * 6, 1e-3, 0.9))
                .add("wide", new Op.Convolution(8, 14, 1, Window.PIXEL, true), "lower")
                .add(
                        "pooled",
                        new Op.Pooling(
                                Op.Pooling.Kind.MAXIMUM,
                                new Window(
                                        new Extent(1, 2),
                                        new Extent(1, 2),
                                        Extent.ONE,
                                        new Extent(0, 0),
                                        new Extent(0, 0))))
                .add("other", new Op.Reshape(Shape.of(14 * 7 * 3)))
                .add("beside", new Op.Concatenation(), "norm", "other")
                .add("op", new Op.Reshape(Shape.of(7, 66, 1)))
                .network();
    }

    private static Network both(Op.Binary.Kind kind) {
        return layers().convolution("left", 8, 1, Window.PIXEL)
                .add("right", new Op.Convolution(8, 8, 2, AROUND, false), "lower")
                .add("op", new Op.Binary(kind), "left", "right")
                .network();
    }

    @ParameterizedTest
    @MethodSource("ops")
    void stepsGoAlongIt(Network network) {
        check(network, 1);
    }

    static Stream<Loss> losses() {
        return Stream.of(Loss.meanSquaredError(), Loss.meanAbsoluteError(), Loss.huber(0.8));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void soTheyDoWhereNumbersAreLearned(Loss loss) {
        List<Target> targets = Stream.of(
                        new float[] {1, -1}, new float[] {0.5f, 2}, new float[] {-2, 0.3f}, new float[] {0, -0.4f})
                .<Target>map(Target.Numbers::new)
                .toList();
        check(layers().linear(), 1, TrainingLoss.ofNumbers(loss), targets);
    }

    static Stream<Named<Network>> lateCuts() {
        return Stream.of(
                        Backbone.resNeXt50(),
                        Backbone.mobileNetV3Large(),
                        Backbone.mobileNetV3LargeTorch(),
                        Backbone.regNetY016(),
                        Backbone.hgNetV2B0(),
                        Backbone.efficientNetB0Torch())
                .map(backbone -> Named.of(backbone.name(), aboveALateCut(backbone)));
    }

    /** The last block and what follows it. */
    private static Network aboveALateCut(Backbone backbone) {
        List<String> blocks = backbone.cutPoints();
        return NetworkPlan.of(
                        backbone,
                        64,
                        64,
                        Head.globalAveragePooling(),
                        CLASSES,
                        Freeze.upTo(blocks.get(blocks.size() - 2)))
                .tail();
    }

    @ParameterizedTest
    @MethodSource("lateCuts")
    void soTheyDoAboveALateCut(Network network) {
        check(network, 4);
    }

    /** Looks at the parameters of every so many layers. */
    private static void check(Network network, int every) {
        List<Target> classes =
                IntStream.of(0, 1, 2, 1).<Target>mapToObj(Target.OneClass::new).toList();
        check(network, every, TrainingLoss.crossEntropy(), classes);
    }

    private static void check(Network network, int every, TrainingLoss loss, List<Target> targets) {
        TailSettings settings =
                new TailSettings(Optimizer.sgd(1), loss, 1, Precision.FLOAT32, Map.of(), false, List.of());
        try (OneDnnTail tail = OneDnnTail.of(network, settings)) {
            Map<String, Map<String, INDArray>> parameters = tail.parameters();
            InitialWeights.fill(network, parameters, 5);
            Random random = new Random(6);
            long[] images = network.inputShape().withBatch(IMAGES);
            float[] values = new float[(int) (IMAGES * network.inputShape().elements())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            Batch batch = new Batch(Nd4j.createFromArray(values).reshape('c', images), targets);
            Snapshot start = new Snapshot(parameters);
            tail.train(batch, 1);
            Map<String, Map<String, INDArray>> gradients = new LinkedHashMap<>();
            start.copies().forEach((layer, table) -> {
                Map<String, INDArray> own = new LinkedHashMap<>();
                table.forEach((name, value) ->
                        own.put(name, value.sub(parameters.get(layer).get(name))));
                gradients.put(layer, own);
            });
            start.restore();
            List<String> layers = List.copyOf(gradients.keySet());
            for (int i = layers.size() - 1; i >= 0; i -= every) {
                String layer = layers.get(i);
                gradients.get(layer).forEach((name, gradient) -> {
                    if (!MEASURED.contains(name)) {
                        requireSlope(tail, batch, parameters.get(layer).get(name), gradient, layer + "/" + name);
                    }
                });
            }
        }
    }

    private static void requireSlope(Tail tail, Batch batch, INDArray parameter, INDArray gradient, String name) {
        double length = gradient.norm2Number().doubleValue();
        // NaN, too, would be greater
        assertThat(length).as(name).isBetween(1e-4, 1e4);
        INDArray step = gradient.div(length).muli(WAY);
        INDArray before = parameter.dup();
        parameter.addi(step);
        double above = loss(tail, batch);
        parameter.assign(before).subi(step);
        double below = loss(tail, batch);
        parameter.assign(before);
        assertThat((above - below) / (2 * WAY)).as(name).isCloseTo(length, withPercentage(3));
    }

    /** In the first step, so that dropout drops the same. */
    private static double loss(Tail tail, Batch batch) {
        tail.restore(new UpdaterState(0, 0, Map.of()));
        return tail.train(batch, 0).loss();
    }
}
