package org.transfer4j.internal.engine.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.Window;

/** The gradient of each op beside the differences of what the op is defined to compute. */
class InputGradientTest {
    private static final Shape IMAGE = Shape.of(4, 5, 6);
    private static final Extent TWO = new Extent(2, 2);
    private static final Window STRIDED =
            new Window(new Extent(3, 2), new Extent(2, 1), new Extent(1, 2), new Extent(1, 0), new Extent(0, 1));

    private static Network chain(Op... ops) {
        Network.Builder builder = new Network.Builder("input", IMAGE);
        String last = "input";
        for (int i = 0; i < ops.length; i++) {
            last = builder.add("node" + i, "node" + i, "Op", ops[i], List.of(last))
                    .name();
        }
        return builder.build(last);
    }

    /** An op of the input and of what another one makes of it. */
    private static Network joined(Op join, Op other) {
        Network.Builder builder = new Network.Builder("input", IMAGE);
        builder.add("other", "other", "Op", other, List.of("input"));
        builder.add("join", "join", "Op", join, List.of("input", "other"));
        // read twice
        builder.add("sum", "sum", "Op", new Op.Binary(Op.Binary.Kind.SUM), List.of("join", "join"));
        return builder.build("sum");
    }

    static Stream<Network> networks() {
        List<Network> networks = new ArrayList<>(List.of(
                chain(new Op.Convolution(4, 6, 1, STRIDED, true)),
                chain(new Op.Convolution(4, 8, 4, STRIDED.unpadded(), false)),
                chain(new Op.Reshape(Shape.of(120)), new Op.Dense(120, 3, true)),
                chain(new Op.Normalization(4, 1e-3, 0.9)),
                chain(new Op.GlobalPooling(true)),
                chain(new Op.GlobalPooling(false)),
                chain(new Op.Padding(new Extent(1, 0), new Extent(2, 3)), new Op.Scale(1.5)),
                chain(new Op.Upsampling(new Extent(2, 3)), new Op.Shift(3)),
                chain(new Op.Activate(Activation.of(Activation.Function.SOFTMAX))),
                chain(new Op.Activate(Activation.of(Activation.Function.SWISH))),
                chain(new Op.Slopes(Shape.of(4, 1, 1))),
                chain(new Op.Affine()),
                chain(new Op.Slice(1, 3), new Op.Dropout(0.5, false)),
                chain(new Op.UnitNorm(1e-6)),
                chain(new Op.UnitNorm(1e6), new Op.Scale(1e6)),
                joined(new Op.Concatenation(), new Op.Activate(Activation.of(Activation.Function.TANH)))));
        for (Op.Pooling.Kind kind : Op.Pooling.Kind.values()) {
            Window window = new Window(new Extent(3, 3), TWO, Extent.ONE, Extent.ONE, Extent.ONE);
            networks.add(chain(new Op.Pooling(kind, window)));
        }
        for (Op.Binary.Kind kind : Op.Binary.Kind.values()) {
            networks.add(joined(new Op.Binary(kind), new Op.GlobalPooling(false)));
        }
        return networks.stream();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void isTheSlopeOfWhatIsComputed(Network network) {
        float[] input = new float[Math.toIntExact(IMAGE.elements())];
        for (int i = 0; i < input.length; i++) {
            // far enough from each other for the largest to remain it
            input[i] = (i * 37 % input.length - input.length / 2) * 0.05f + 0.01f;
        }
        ReferenceTrunk trunk = ReferenceTrunk.of(network, InputGradientTest::parameter);
        InputGradient gradient = InputGradient.of(network, InputGradientTest::parameter);
        int outputs = Math.toIntExact(network.shape(network.output()).elements());
        for (int output = 0; output < outputs; output += Math.max(1, outputs / 7)) {
            int wanted = output;
            UnaryOperator<float[]> compute = values -> {
                INDArray images = Nd4j.createFromArray(values).reshape(IMAGE.withBatch(1));
                return trunk.infer(images).data().asFloat();
            };
            float[] slopes = gradient.of(input, wanted);
            assertThat(slopes).hasSize(input.length);
            for (int i = 0; i < input.length; i += 3) {
                float step = 0.01f;
                float[] more = input.clone();
                more[i] += step;
                float[] less = input.clone();
                less[i] -= step;
                double slope = (compute.apply(more)[wanted] - compute.apply(less)[wanted]) / (more[i] - less[i]);
                assertThat((double) slopes[i])
                        .as("%s: output %d by input %d", network.nodes().values(), wanted, i)
                        .isEqualTo(slope, within(2e-3));
            }
        }
    }

    private static INDArray parameter(Network.Node node, String name) {
        Shape shape = node.op().parameter(name);
        float[] values = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 29 + 11) % 17 / 17f + (name.equals(Op.VARIANCE) ? 0.5f : -0.5f);
        }
        return Nd4j.createFromArray(values).reshape(shape.toArray());
    }

    @Test
    void whatOnlyOthersComputeIsRefused() {
        Network network = chain(new Op.Foreign(Op.Foreign.Part.LAYER, "it is unusual", Shape.of(3)));
        assertThatThrownBy(() -> InputGradient.requireKnown(network))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessage("layer 'node0' (Op): it is unusual");
    }
}
