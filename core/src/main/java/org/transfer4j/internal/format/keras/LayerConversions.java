package org.transfer4j.internal.format.keras;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** The layers that can be computed, by Keras' class. */
final class LayerConversions {
    private static final LayerConversion NOTHING = (layer, inputs, graph) -> inputs.get(0);

    private static final Map<String, LayerConversion> BY_TYPE = new TreeMap<>(Map.ofEntries(
            Map.entry("Conv2D", new ConvolutionConversion()),
            Map.entry("DepthwiseConv2D", new DepthwiseConversion()),
            Map.entry("SeparableConv2D", new SeparableConversion()),
            Map.entry("BatchNormalization", new BatchNormalizationConversion()),
            Map.entry("Activation", new ActivationConversion(Activations::of)),
            Map.entry("ReLU", new ActivationConversion(Activations::rectifier)),
            Map.entry("LeakyReLU", new ActivationConversion(Activations::leaky)),
            Map.entry("ELU", new ActivationConversion(Activations::exponential)),
            Map.entry("MaxPooling2D", new PoolingConversion(SubsamplingLayer.PoolingType.MAX)),
            Map.entry("AveragePooling2D", new PoolingConversion(SubsamplingLayer.PoolingType.AVG)),
            Map.entry("GlobalAveragePooling2D", new GlobalPoolingConversion(PoolingType.AVG)),
            Map.entry("GlobalMaxPooling2D", new GlobalPoolingConversion(PoolingType.MAX)),
            Map.entry("ZeroPadding2D", new PaddingConversion()),
            Map.entry("Add", new ElementwiseConversion(ElementWiseVertex.Op.Add)),
            Map.entry("Subtract", new ElementwiseConversion(ElementWiseVertex.Op.Subtract)),
            Map.entry("Average", new ElementwiseConversion(ElementWiseVertex.Op.Average)),
            Map.entry("Maximum", new ElementwiseConversion(ElementWiseVertex.Op.Max)),
            Map.entry("Multiply", new MultiplyConversion()),
            Map.entry("Concatenate", new ConcatenateConversion()),
            Map.entry("Reshape", new ReshapeConversion()),
            Map.entry("Dropout", new DropoutConversion(false)),
            Map.entry("SpatialDropout2D", new DropoutConversion(true)),
            Map.entry("GaussianNoise", NOTHING),
            Map.entry("GaussianDropout", NOTHING),
            Map.entry("ActivityRegularization", NOTHING),
            Map.entry("RandomFlip", NOTHING),
            Map.entry("RandomRotation", NOTHING),
            Map.entry("RandomTranslation", NOTHING),
            Map.entry("RandomZoom", NOTHING),
            Map.entry("RandomContrast", NOTHING),
            Map.entry("RandomBrightness", NOTHING)));

    /** What is computed of vectors in a top, and of each pixel where it is given images. */
    private static final Set<String> OF_VECTORS = Set.of("Dense", "Softmax");

    private LayerConversions() {}

    static Optional<LayerConversion> find(String type) {
        return Optional.ofNullable(BY_TYPE.get(type));
    }

    static boolean isOfVectors(String type) {
        return OF_VECTORS.contains(type);
    }

    static boolean isGlobalPooling(String type) {
        return BY_TYPE.get(type) instanceof GlobalPoolingConversion;
    }

    /** Whether the layer changes images in training alone. */
    static boolean isNothing(String type) {
        return BY_TYPE.get(type) == NOTHING;
    }

    static List<String> supported() {
        return List.copyOf(BY_TYPE.keySet());
    }
}
