package org.transfer4j.internal.onnx;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** What a program that runs the model needs to know besides the shapes of input and output. */
final class ModelMetadata {
    private final OnnxContents contents;

    ModelMetadata(OnnxContents contents) {
        this.contents = contents;
    }

    /** The entries that {@code exportOnnx} of classifiers and regressors documents. */
    Map<String, String> entries() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(contents.regression() ? "targets" : "labels", labels());
        entries.put("output_activation", outputActivation());
        entries.put("input", input());
        entries.put("preprocessing", contents.preprocessing().toJson());
        entries.put("preprocessing_included", String.valueOf(contents.preprocessingIncluded()));
        entries.put("backbone", contents.backbone());
        entries.putAll(contents.calibration());
        return entries;
    }

    private String labels() {
        ArrayNode labels = JsonNodeFactory.instance.arrayNode();
        contents.labels().forEach(labels::add);
        return labels.toString();
    }

    private String outputActivation() {
        Network network = contents.network();
        return network.op(network.output()) instanceof Op.Activate last
                ? last.activation().function().toString()
                : Activation.Function.IDENTITY.toString();
    }

    /** The input in words. */
    String input() {
        ImagePreprocessing preprocessing = contents.preprocessing();
        Extent size = contents.network().inputShape().size();
        boolean plain = contents.preprocessingIncluded() || preprocessing.sourceChannel(0) == 0;
        return "[N, 3, " + size.height() + ", " + size.width() + "], float32, " + (plain ? "RGB" : "BGR") + ", "
                + values() + "; the caller resizes images to " + size
                + " (height x width; bilinear, as OpenCV's INTER_LINEAR, without keeping the aspect ratio) and repeats"
                + " gray ones in all three channels";
    }

    private String values() {
        if (contents.preprocessing().equals(ImagePreprocessing.none())) {
            return "values as in training (there is no preprocessing)";
        }
        return contents.preprocessingIncluded()
                ? "values 0..255 (preprocessing is part of the model)"
                : "values after the preprocessing " + contents.preprocessing() + ", which is not part of the model";
    }

    /** The output in words. */
    String output() {
        return "[N, " + contents.labels().size() + "], "
                + (contents.regression()
                        ? "the number of each of the targets"
                        : "the probability of each of the labels")
                + ", in their order";
    }
}
