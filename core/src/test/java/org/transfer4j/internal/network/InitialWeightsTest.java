package org.transfer4j.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class InitialWeightsTest {
    /** DL4J keeps the logarithm of the standard deviation where it is not told to keep the variance. */
    @ParameterizedTest
    @CsvSource({"true, log10stdev, 0", "false, var, 1"})
    void batchNormalizationStartsAsTheIdentity(boolean logarithm, String spread, float one) {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("pixels")
                .setInputTypes(InputType.convolutional(2, 2, 3))
                .addLayer(
                        "bn",
                        new BatchNormalization.Builder().useLogStd(logarithm).build(),
                        "pixels")
                .setOutputs("bn")
                .validateOutputLayerConfig(false)
                .build();
        ComputationGraph graph = Graphs.instantiate(configuration);
        InitialWeights.fill(configuration, Graphs.parameters(graph), 42);
        Map<String, INDArray> parameters = Graphs.parameters(graph).get("bn");
        assertThat(parameters).containsOnlyKeys("gamma", "beta", "mean", spread);
        assertThat(parameters.get("gamma").toFloatVector()).containsOnly(1);
        assertThat(parameters.get("beta").toFloatVector()).containsOnly(0);
        assertThat(parameters.get("mean").toFloatVector()).containsOnly(0);
        assertThat(parameters.get(spread).toFloatVector()).containsOnly(one);
    }
}
