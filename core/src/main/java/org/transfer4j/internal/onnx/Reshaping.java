package org.transfer4j.internal.onnx;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

/** Changes of shape. DL4J and ONNX both flatten channels first, so that no value moves. */
final class Reshaping {
    private Reshaping() {}

    /** From [C, H, W] to [C * H * W]. */
    static Value flatten(OnnxGraph graph, String layer, Value value) {
        return value.isImage()
                ? graph.node(layer, "Flatten")
                        .inputs(value)
                        .attribute("axis", 1)
                        .output(List.of(value.length()))
                : value;
    }

    /** What DL4J does to a layer's input. */
    static Value preprocess(OnnxGraph graph, String layer, InputPreProcessor preprocessor, Value value) {
        if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten && flatten.getFormat() == CNN2DFormat.NCHW) {
            return flatten(graph, layer, value);
        }
        if (preprocessor instanceof FeedForwardToCnnPreProcessor image) {
            return toImage(graph, layer, image, value);
        }
        if (preprocessor instanceof ComposableInputPreProcessor several) {
            Value result = value;
            for (InputPreProcessor each : several.getInputPreProcessors()) {
                result = preprocess(graph, layer, each, result);
            }
            return result;
        }
        throw Unsupported.layer(layer, preprocessor, "is a change of shape that is not known here");
    }

    private static Value toImage(OnnxGraph graph, String layer, FeedForwardToCnnPreProcessor image, Value value) {
        if (value.isImage()) {
            return value;
        }
        List<Long> shape = List.of(image.getNumChannels(), image.getInputHeight(), image.getInputWidth());
        return graph.node(layer, "Reshape")
                .inputs(value)
                // 0 keeps the batch
                .constants(graph.integers(layer, "shape", 0, shape.get(0), shape.get(1), shape.get(2)))
                .output(shape);
    }
}
