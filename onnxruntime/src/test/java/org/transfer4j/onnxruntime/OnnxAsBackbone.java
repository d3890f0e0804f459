package org.transfer4j.onnxruntime;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * An example: a linear probe on the features of any ONNX model, from a folder of photos (a folder for each class), or from the
 * handwritten digits that come with the library. Beside the module, so that the examples' downloads do not grow.
 */
final class OnnxAsBackbone {
    private static final Map<String, ImagePreprocessing> PREPROCESSINGS = Map.of(
            "torch", ImagePreprocessing.torch(),
            "tf", ImagePreprocessing.tf(),
            "caffe", ImagePreprocessing.caffe(),
            "unit", ImagePreprocessing.unit(),
            "none", ImagePreprocessing.none());

    private OnnxAsBackbone() {}

    /**
     * Runs the example.
     *
     * @param arguments model, preprocessing, the file for the classifier, and the folder of photos, which may be left out
     */
    public static void main(String[] arguments) {
        if (arguments.length < 3 || arguments.length > 4 || !PREPROCESSINGS.containsKey(arguments[1])) {
            throw new IllegalArgumentException(
                    "arguments: MODEL.onnx " + PREPROCESSINGS.keySet() + " CLASSIFIER.t4j [PHOTOS]");
        }
        ImageDataset data =
                arguments.length == 4 ? ImageDataset.folder(Path.of(arguments[3])) : SampleDatasets.digits();
        Backbone backbone = OnnxBackbone.of(Path.of(arguments[0])).backbone(PREPROCESSINGS.get(arguments[1]));
        run(backbone, data, Path.of(arguments[2]), System.out);
    }

    /**
     * Learns from four fifths of the images, and measures on the others what the classifier says that was saved and loaded.
     *
     * @return the accuracy
     */
    static double run(Backbone backbone, ImageDataset data, Path file, PrintStream out) {
        DatasetSplit split = data.split(0.8, 42);
        try (ImageClassifier classifier = TransferLearner.of(backbone).probe(split.train())) {
            out.println(classifier.summary());
            classifier.save(file);
        }
        try (ImageClassifier classifier = ImageClassifier.load(file)) {
            double accuracy = classifier.evaluate(split.test()).accuracy();
            out.printf(Locale.ROOT, "Accuracy: %.4f%n", accuracy);
            return accuracy;
        }
    }
}
