package org.transfer4j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.onnx.OnnxParity;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.testing.RelativeL2;

/** Each line of the table says the same to all: a new one is tested here by being there. */
class ActivationTableTest {
    private static final Shape SHAPE = Shape.of(3, 4, 5);

    /** Which oneDNN has not, but what they are made of. */
    private static final Set<Activation.Function> COMPOSED =
            Set.of(Activation.Function.HARD_SIGMOID, Activation.Function.SELU, Activation.Function.SOFTSIGN);

    @ParameterizedTest
    @EnumSource(value = Activation.Function.class, mode = EnumSource.Mode.EXCLUDE, names = "IDENTITY")
    void everyEngineComputesWhatIsDefined(Activation.Function function) throws Exception {
        Activation activation = Activation.of(function);
        Network.Builder builder = new Network.Builder("images", SHAPE);
        builder.add("activation", "activation", "Activation", new Op.Activate(activation), List.of("images"));
        WeightedNetwork network = new WeightedNetwork(builder.build("activation"), Map.of());
        INDArray images = Nd4j.linspace(-5, 6, 2 * SHAPE.elements()).reshape(SHAPE.withBatch(2));
        try (Trunk reference = TrunkCompiler.inJava(network);
                Trunk compiled = TrunkCompiler.compile(network, Precision.FLOAT32)) {
            INDArray expected = reference.infer(images);
            assertSame("ONNX Runtime", OnnxParity.features(network, images), expected);
            assertSame(compiled.engine(), compiled.infer(images.dup()), expected);
            if (OneDnn.available()) {
                boolean known = activation.inOneDnn().isPresent() || COMPOSED.contains(function);
                assertThat(compiled.engine().startsWith("oneDNN")).isEqualTo(known);
            }
            try (Trunk onDl4j = TrunkCompiler.onDl4j(network)) {
                assertSame("DL4J", onDl4j.infer(images.dup()), expected);
            } catch (UnsupportedGraphException e) {
                // DL4J has all that ND4J has
                assertThatThrownBy(activation::inNd4j).isInstanceOf(IllegalArgumentException.class);
            }
            for (int i = 0; i < images.length() && function != Activation.Function.SOFTMAX; i++) {
                assertThat(activation.isNonnegative() && expected.getFloat(i) < 0)
                        .as("%s of %s is %s", function, images.getFloat(i), expected.getFloat(i))
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = Activation.Function.class, mode = EnumSource.Mode.EXCLUDE, names = "SOFTMAX")
    void slopesAreThoseOfWhatIsDefined(Activation.Function function) {
        List<Activation> settings = List.of(
                Activation.of(function),
                new Activation(function, 0.3, function == Activation.Function.CLIP ? 1.7 : 2.1));
        for (Activation activation : settings) {
            // no corner is at any of them
            for (double x = -5.123; x < 6; x += 0.25) {
                double step = 1e-5;
                double slope = (activation.apply(x + step) - activation.apply(x - step)) / (2 * step);
                assertThat(activation.slope(x)).as("%s at %s", activation, x).isEqualTo(slope, within(1e-6));
            }
        }
    }

    private static void assertSame(String engine, INDArray actual, INDArray expected) {
        assertThat(RelativeL2.worst(actual, expected)).as(engine).isLessThan(1e-6);
    }
}
