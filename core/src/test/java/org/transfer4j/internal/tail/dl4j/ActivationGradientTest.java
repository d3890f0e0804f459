package org.transfer4j.internal.tail.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Activation.Function;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;

/** What ND4J's activations learn from, with settings that nobody expects: it is right, or refused. */
class ActivationGradientTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private static final double[][] SETTINGS = {
        {0.3, 2.1},
        {-0.3, 2.1},
        {0, 2.1},
        {0.3, INFINITY},
        {-0.3, INFINITY},
        {1.5, INFINITY},
        {0, 6},
        {-2, 3},
        {0.3, 0},
        {2.5, 0},
        {-0.3, 0},
        {1, 0},
        {0, 0},
        {0.2, 0.7}
    };

    private static Network network(Activation activation) {
        Network.Builder builder = new Network.Builder("images", Shape.of(1, 1, 1));
        builder.add("last", "last", "Activation", new Op.Activate(activation), List.of("images"));
        return builder.build("last");
    }

    /** Empty where ND4J has not such a one. */
    private static Optional<IActivation> inNd4j(Activation activation) {
        try {
            ComputationGraphConfiguration written = Dl4jWriter.write(network(activation), new NoOp());
            LayerVertex vertex = (LayerVertex) written.getVertices().get("last");
            return Optional.of(((ActivationLayer) vertex.getLayerConf().getLayer()).getActivationFn());
        } catch (UnsupportedGraphException e) {
            return Optional.empty();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Function.class, mode = EnumSource.Mode.EXCLUDE, names = "SOFTMAX")
    void whatIsNotRefusedIsRight(Function function) {
        List<Activation> activations = new ArrayList<>(List.of(Activation.of(function)));
        for (double[] settings : SETTINGS) {
            activations.add(new Activation(function, settings[0], settings[1]));
        }
        for (Activation activation : activations) {
            Optional<IActivation> there = inNd4j(activation);
            if (there.isPresent()) {
                assertThat(isRight(there.get(), activation))
                        .as("%s", activation)
                        .isEqualTo(isTrained(activation));
            }
        }
    }

    private static boolean isRight(IActivation there, Activation activation) {
        // no corner is at any of them
        INDArray x = Nd4j.linspace(DataType.FLOAT, -7.123, 0.25, 60).reshape(1, 60);
        INDArray slopes = there.backprop(x.dup(), Nd4j.onesLike(x)).getFirst();
        boolean right = true;
        for (int i = 0; i < x.length(); i++) {
            right &= Math.abs(slopes.getDouble(i) - activation.slope(x.getDouble(i))) < 1e-5;
        }
        return right;
    }

    private static boolean isTrained(Activation activation) {
        try {
            GraphTail.requireRightGradients(network(activation));
            return true;
        } catch (UnsupportedGraphException e) {
            return false;
        }
    }

    @Test
    void theRefusalNamesTheLayer() {
        assertThatThrownBy(() -> GraphTail.requireRightGradients(network(new Activation(Function.ELU, 0.3, 0))))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessage("layer 'last' (Activation): DL4J's gradient of ELU is that of alpha 1, not 0.3");
        assertThatThrownBy(() -> GraphTail.requireRightGradients(network(new Activation(Function.RELU, 0, 0))))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessageStartingWith("layer 'last' (Activation): DL4J's gradient of ReLU is");
    }
}
