package org.transfer4j.internal.choose;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.head.Head;
import org.transfer4j.head.HeadLayer;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** A learner as the code that makes it; what has no name in this library is called as a variable would be. */
final class LearnerCode {
    /** The methods of the learner that begin with a backbone. */
    private static final Set<String> SHORT = Set.of(
            "vgg16",
            "vgg19",
            "resNet50",
            "resNet18",
            "mobileNetV2",
            "efficientNetB0",
            "denseNet121",
            "tinyVgg",
            "tinyResNet");

    private static final Map<ImagePreprocessing, String> PREPROCESSING = Map.of(
            ImagePreprocessing.none(), "none()",
            ImagePreprocessing.unit(), "unit()",
            ImagePreprocessing.tf(), "tf()",
            ImagePreprocessing.torch(), "torch()",
            ImagePreprocessing.caffe(), "caffe()");

    private LearnerCode() {}

    /** The code for backbone, weights, preprocessing, input size and head. */
    static String of(Settings settings) {
        Settings.Network network = settings.network();
        Backbone backbone = network.backbone();
        StringBuilder code = new StringBuilder("TransferLearner.").append(start(backbone));
        weights(network.weights())
                .ifPresent(weights -> code.append(".weights(").append(weights).append(')'));
        ImagePreprocessing preprocessing = settings.data().preprocessing();
        if (!preprocessing.equals(backbone.preprocessing())) {
            String name = PREPROCESSING.get(preprocessing);
            code.append(".preprocessing(")
                    .append(name == null ? "preprocessing" : "ImagePreprocessing." + name)
                    .append(')');
        }
        if (network.height() != backbone.inputHeight() || network.width() != backbone.inputWidth()) {
            code.append(".inputSize(")
                    .append(network.height())
                    .append(", ")
                    .append(network.width())
                    .append(')');
        }
        return code.append(".head(").append(head(network.head())).append(')').toString();
    }

    private static String start(Backbone backbone) {
        Optional<String> method = KnownBackbones.all().entrySet().stream()
                .filter(known -> isSame(known.getValue(), backbone))
                .map(Map.Entry::getKey)
                .findFirst();
        Optional<String> last = backbone.lastLayer();
        if (last.isEmpty() && method.filter(SHORT::contains).isPresent()) {
            return method.orElseThrow() + "()";
        }
        return "of(" + method.map(name -> "Backbone." + name + "()").orElse("backbone")
                + last.map(layer -> ".upTo(" + quoted(layer) + ")").orElse("") + ")";
    }

    /** Names are the library's for its own; one who describes another network by the same name will see it. */
    private static boolean isSame(Backbone known, Backbone backbone) {
        return known.name().equals(backbone.name())
                && known.cutPoints().equals(backbone.cutPoints())
                && known.preprocessing().equals(backbone.preprocessing());
    }

    private static Optional<String> weights(Weights weights) {
        if (weights instanceof Weights.FromFile file) {
            return Optional.of("Weights.file(Path.of(" + quoted(file.path().toString()) + "))");
        }
        if (weights instanceof Weights.Random) {
            return Optional.of("Weights.random()");
        }
        return weights.equals(Weights.pretrained()) ? Optional.empty() : Optional.of("weights");
    }

    private static String head(Head head) {
        StringBuilder code = new StringBuilder("Head");
        for (HeadLayer layer : head.layers()) {
            code.append(
                    layer instanceof HeadLayer.Flatten
                            ? ".flatten()"
                            : layer instanceof HeadLayer.GlobalAveragePooling
                                    ? ".globalAveragePooling()"
                                    : layer instanceof HeadLayer.Dense dense
                                            ? ".dense(" + dense.units() + ")"
                                            : ".dropout(" + ((HeadLayer.Dropout) layer).rate() + ")");
        }
        OptionalInt classes = head.classCount();
        return classes.isPresent()
                ? code.append(".classes(")
                        .append(classes.getAsInt())
                        .append(')')
                        .toString()
                : code.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
