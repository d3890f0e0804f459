package org.transfer4j.internal.format.modelfile;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.testing.Dl4jGraphs;

/** A network of two layers with weights that a formula gives. */
public final class SampleModel {
    static final String PREPROCESSING = "{\"resize\":\"bilinear\",\"scale\":\"unit\"}";
    static final String HISTORY = "{\"version\":1,\"epochs\":[]}";
    static final List<String> CLASS_NAMES = List.of("cat", "dog", "Größe \"7\"");

    private SampleModel() {}

    static ModelContents contents() {
        return contents(TopologyJson.write(Dl4jGraphs.network(configuration(), 3, 6, 8)), weights());
    }

    static ModelContents contents(String topology, Map<String, INDArray> weights) {
        return new ModelContents(
                "0.1.0",
                "tiny",
                topology,
                new NetworkDescription(
                        6, 8, 3, Optional.of("pool"), List.of("conv", "pool"), false, Precision.FLOAT32, Map.of()),
                PREPROCESSING,
                CLASS_NAMES,
                HISTORY,
                weights);
    }

    static Map<String, INDArray> weights() {
        Map<String, INDArray> weights = new LinkedHashMap<>();
        weights.put("conv/W", numbered(2, 3, 3, 3));
        weights.put("conv/b", numbered(2));
        weights.put("predictions/W", numbered(24, 3).transpose().dup('c')); // as DL4J had them in former versions
        weights.put("predictions/b", numbered(3));
        return weights;
    }

    /** 0, 1/8, 2/8, ... in C order: exact in float. */
    public static INDArray numbered(long... shape) {
        long length = 1;
        for (long dimension : shape) {
            length *= dimension;
        }
        float[] values = new float[(int) length];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 8f;
        }
        return Nd4j.createFromArray(values).reshape('c', shape);
    }

    public static ComputationGraphConfiguration configuration() {
        return new NeuralNetConfiguration.Builder()
                .seed(42)
                .updater(new Adam(1e-3))
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(6, 8, 3))
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(2)
                                .activation(Activation.RELU)
                                .convolutionMode(ConvolutionMode.Same)
                                .build(),
                        "input")
                .addLayer(
                        "pool",
                        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                                .kernelSize(2, 2)
                                .stride(2, 2)
                                .build(),
                        "conv")
                .addLayer(
                        "predictions",
                        new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs("predictions")
                .build();
    }
}
