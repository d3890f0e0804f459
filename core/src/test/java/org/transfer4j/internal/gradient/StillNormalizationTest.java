package org.transfer4j.internal.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.backbone.Precision;

/** Gradients are the slopes of the loss, and moving statistics stay, on both engines. */
class StillNormalizationTest {
    private static final float STEP = 1e-2f;

    private static final TestNetwork NETWORK = TestNetwork.of(3, 6, 6, new Sgd(0.1))
            .convolutionWithoutBias(16)
            .normalization()
            .rectification()
            .convolutionWithoutBias(6)
            .add(new BatchNormalization.Builder().useLogStd(false).eps(1e-2).build());

    static Stream<Named<Function<ComputationGraphConfiguration, ComputationGraph>>> engines() {
        return Stream.of(
                Named.of("DL4J", ComputationGraph::new),
                Named.of("oneDNN", configuration -> new OneDnnGraph(configuration, Precision.FLOAT32)));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void gradientsAreTheSlopesOfTheLoss(Function<ComputationGraphConfiguration, ComputationGraph> engine) {
        ComputationGraph graph = TestNetwork.filled(engine.apply(StillNormalization.in(NETWORK.configuration())));
        DataSet batch = NETWORK.batch(1, 5);
        loss(graph, batch);
        List<INDArray> gradients = Stream.of("layer1_W", "layer2_gamma", "layer2_beta", "layer5_gamma", "layer5_beta")
                .map(name -> graph.gradient().gradientForVariable().get(name).dup())
                .toList();
        List<INDArray> parameters = List.of(
                graph.getLayer("layer1").getParam("W"),
                graph.getLayer("layer2").getParam("gamma"),
                graph.getLayer("layer2").getParam("beta"),
                graph.getLayer("layer5").getParam("gamma"),
                graph.getLayer("layer5").getParam("beta"));
        for (int i = 0; i < parameters.size(); i++) {
            INDArray parameter = parameters.get(i);
            // along its own gradient the loss is steepest: its slope there is the gradient's length
            INDArray direction = gradients.get(i).div(gradients.get(i).norm2Number());
            double slope = gradients.get(i).norm2Number().doubleValue();
            parameter.addi(direction.mul(STEP));
            double above = loss(graph, batch);
            parameter.subi(direction.mul(2 * STEP));
            double below = loss(graph, batch);
            parameter.addi(direction.mul(STEP));
            if (graph instanceof OneDnnGraph own) {
                assertThat(own.verticesOnOneDnn()).contains("layer2", "layer5");
            }
            assertThat((above - below) / (2 * STEP))
                    .as("parameter %d", i)
                    .isCloseTo(slope, within(0.02 * slope + 1e-4));
        }
        graph.close();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void movingStatisticsStay(Function<ComputationGraphConfiguration, ComputationGraph> engine) {
        ComputationGraph graph = TestNetwork.filled(engine.apply(StillNormalization.in(NETWORK.configuration())));
        INDArray mean = graph.getLayer("layer2").getParam("mean").dup();
        INDArray deviation = graph.getLayer("layer2").getParam("log10stdev").dup();
        INDArray variance = graph.getLayer("layer5").getParam("var").dup();
        INDArray scale = graph.getLayer("layer5").getParam("gamma").dup();
        for (int step = 0; step < 3; step++) {
            graph.fit(NETWORK.batch(2, step));
        }
        assertThat(graph.getLayer("layer2").getParam("mean")).isEqualTo(mean);
        assertThat(graph.getLayer("layer2").getParam("log10stdev")).isEqualTo(deviation);
        assertThat(graph.getLayer("layer5").getParam("var")).isEqualTo(variance);
        assertThat(graph.getLayer("layer5").getParam("gamma")).isNotEqualTo(scale);
        graph.close();
    }

    private static double loss(ComputationGraph graph, DataSet batch) {
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.computeGradientAndScore();
        return graph.score();
    }
}
