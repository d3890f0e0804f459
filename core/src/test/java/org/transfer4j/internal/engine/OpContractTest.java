package org.transfer4j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.OneDnnTrunk;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.network.Window;
import org.transfer4j.internal.onnx.OnnxExport;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.internal.trunk.Trunk;

/** What each kind of op must have: a form in model files, a number of inputs, and of each engine the same answer or a refusal by name. */
class OpContractTest {
    private static final Shape IMAGE = Shape.of(4, 6, 5);
    private static final int UNITS = 4 * 6 * 5;
    private static final Extent THREE = new Extent(3, 3);
    private static final Extent TWO = new Extent(2, 2);
    private static final String LAYER = "the one";

    /** One of each kind, and what it reads: the image, its channels' means, or its numbers in a row. */
    private record Sample(Op op, List<String> reads) {
        Sample(Op op, String... reads) {
            this(op, List.of(reads));
        }

        Network network() {
            Network.Builder network = new Network.Builder("image", IMAGE);
            network.add("means", "means", "GlobalPooling", new Op.GlobalPooling(false), List.of("image"));
            network.add("row", "row", "Flatten", new Op.Reshape(Shape.of(UNITS)), List.of("image"));
            network.add(LAYER, LAYER, "Sample", op, reads);
            return network.build(LAYER).below(LAYER);
        }

        @Override
        public String toString() {
            return op.toString();
        }
    }

    /** As a model file has it. */
    private record Written(Op op) {}

    static Stream<Sample> samples() {
        Window same = Window.same(THREE, Extent.ONE, Extent.ONE, new Extent(6, 5));
        return Stream.of(
                new Sample(new Op.Convolution(4, 6, 2, same, true), "image"),
                new Sample(new Op.Dense(UNITS, 3, true), "row"),
                new Sample(new Op.Normalization(4, 1e-3, 0.9), "image"),
                new Sample(new Op.Normalization(4, 1e-3, 0.9, List.of(Op.GAMMA)), "image"),
                new Sample(new Op.Normalization(4, 1e-3, 0.9, List.of(Op.GAMMA, Op.BETA)), "image"),
                new Sample(new Op.Pooling(Op.Pooling.Kind.MAXIMUM, same), "image"),
                new Sample(new Op.GlobalPooling(true), "image"),
                new Sample(new Op.Padding(Extent.ONE, TWO), "image"),
                new Sample(new Op.Upsampling(TWO), "image"),
                new Sample(new Op.Activate(Activation.of(Activation.Function.SOFTSIGN)), "image"),
                new Sample(new Op.Slopes(Shape.of(4, 1, 1)), "image"),
                new Sample(new Op.Binary(Op.Binary.Kind.PRODUCT), "image", "means"),
                new Sample(new Op.Concatenation(), "image", "image"),
                new Sample(new Op.Scale(-1.5), "image"),
                new Sample(new Op.Shift(0.25), "image"),
                new Sample(new Op.Affine(), "image"),
                new Sample(new Op.Slice(1, 3), "image"),
                new Sample(new Op.UnitNorm(1e-6), "image"),
                new Sample(new Op.Reshape(Shape.of(UNITS)), "image"),
                new Sample(new Op.Dropout(0.5, true), "image"),
                new Sample(new Op.Onnx(10, "0".repeat(64), 3, IMAGE, Shape.of(7), null), "image"),
                new Sample(new Op.Neighbours(UNITS, 5, 3, 2, 0.07), "row"));
    }

    /** A layer that DL4J alone knows is in files as DL4J's own JSON. */
    @Test
    void eachKindHasASample() {
        Set<Class<?>> sampled = samples().map(sample -> sample.op().getClass()).collect(Collectors.toSet());
        assertThat(kinds(Op.class)).containsExactlyInAnyOrderElementsOf(union(sampled, Op.Foreign.class));
    }

    private static Set<Class<?>> kinds(Class<?> sealed) {
        return Stream.of(sealed.getPermittedSubclasses())
                .flatMap(kind -> kind.isSealed() ? kinds(kind).stream() : Stream.of(kind))
                .collect(Collectors.toSet());
    }

    private static Set<Class<?>> union(Set<Class<?>> some, Class<?> another) {
        return Stream.concat(some.stream(), Stream.of(another)).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aModelFileGivesItBack(Sample sample) {
        String json = Json.write(new Written(sample.op()));
        assertThat(Json.read(json, "an op", Written.class).op()).isEqualTo(sample.op());
    }

    /** Of a third value nothing is known: a merge of channels takes it, all others refuse it. */
    @ParameterizedTest
    @MethodSource("samples")
    void itReadsAsManyValuesAsItCan(Sample sample) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sample(sample.op()).network())
                .withMessageMatching("reads (1|2|1 or more) values, got \\[\\]");
        List<String> three = Collections.nCopies(3, sample.reads().get(0));
        if (sample.op() instanceof Op.Concatenation) {
            assertThat(new Sample(sample.op(), three).network().shape(LAYER)).isEqualTo(Shape.of(12, 6, 5));
        } else {
            assertThatIllegalArgumentException().isThrownBy(() -> new Sample(sample.op(), three).network());
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void enginesAgreeOrRefuseByName(Sample sample) {
        Network network = sample.network();
        WeightedNetwork weighted = new WeightedNetwork(network, parameters(network));
        Engines engines = new Engines(weighted);
        if (sample.op() instanceof Op.Onnx) {
            engines.all().forEach(engine -> assertRefused(() -> engine.make().close()));
            return;
        }
        INDArray images = Nd4j.rand(DataType.FLOAT, 3, 4, 6, 5).subi(0.5);
        INDArray before = images.dup();
        INDArray expected;
        try (Trunk reference = TrunkCompiler.inJava(weighted)) {
            expected = reference.infer(images);
        }
        assertThat(Shape.of(expected.shape()))
                .isEqualTo(Shape.of(network.shape(LAYER).withBatch(3)));
        for (Engine engine : engines.all()) {
            Trunk trunk;
            try {
                trunk = engine.make();
            } catch (UnsupportedGraphException e) {
                assertThat(e).hasMessageContaining(LAYER);
                continue;
            }
            try (trunk) {
                INDArray actual = trunk.infer(images);
                assertThat(actual.shape()).as(trunk.engine()).containsExactly(expected.shape());
                assertThat(actual.distance2(expected))
                        .as(trunk.engine())
                        .isCloseTo(0, within(1e-5 * (1 + expected.norm2Number().doubleValue())));
                assertThat(images).as("images after %s", trunk.engine()).isEqualTo(before);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void anExportHasItOrRefusesItByName(Sample sample) {
        Network network = sample.network();
        WeightedNetwork weighted = new WeightedNetwork(network, parameters(network));
        if (sample.op() instanceof Op.Onnx) {
            assertThatThrownBy(() -> OnnxExport.features(weighted)).isInstanceOf(UnsupportedOperationException.class);
            return;
        }
        try (INDArray bytes = OnnxExport.features(weighted).bytes()) {
            assertThat(bytes.length()).isPositive();
        }
    }

    private static void assertRefused(ThrowingCallable making) {
        assertThatExceptionOfType(UnsupportedGraphException.class)
                .isThrownBy(making)
                .withMessageContaining(LAYER);
    }

    @FunctionalInterface
    private interface Engine {
        Trunk make();
    }

    /** Those that need no module of their own. */
    private record Engines(WeightedNetwork network) {
        List<Engine> all() {
            return List.of(
                    () -> TrunkCompiler.inJava(network),
                    () -> TrunkCompiler.onDl4j(network),
                    () -> OneDnnTrunk.compile(
                            network.network(), network.values(), Precision.FLOAT32, AlgorithmChoices.TABLE));
        }
    }

    /** Positive, since some are variances; classes are whole numbers. */
    private static Map<String, Map<String, INDArray>> parameters(Network network) {
        Nd4j.getRandom().setSeed(7);
        Map<String, Map<String, INDArray>> parameters = ParameterValues.zeros(network);
        parameters
                .values()
                .forEach(values -> values.forEach((name, value) -> {
                    if (name.equals(Op.CLASSES)) {
                        value.assign(Nd4j.createFromArray(0f, 1f, 2f, 0f, 1f));
                    } else if (value.dataType() == DataType.FLOAT) {
                        value.assign(Nd4j.rand(DataType.FLOAT, value.shape()).addi(0.25));
                    }
                }));
        return parameters;
    }
}
