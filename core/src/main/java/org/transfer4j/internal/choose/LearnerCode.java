package org.transfer4j.internal.choose;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
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

    private LearnerCode() {}

    /** The code for backbone, weights, preprocessing, input size and head, which is flat or averages: no other is chosen. */
    static String of(Settings settings) {
        Settings.NetworkSettings network = settings.network();
        Backbone backbone = network.backbone();
        StringBuilder code = new StringBuilder("TransferLearner." + start(backbone));
        weights(network.weights()).ifPresent(weights -> code.append(".weights(" + weights + ")"));
        ImagePreprocessing preprocessing = settings.data().preprocessing();
        if (!preprocessing.equals(backbone.preprocessing())) {
            String mode = preprocessing.name();
            code.append(".preprocessing(")
                    .append(mode.equals("standardized") ? "preprocessing" : "ImagePreprocessing." + mode + "()")
                    .append(')');
        }
        if (network.height() != backbone.inputHeight() || network.width() != backbone.inputWidth()) {
            code.append(".inputSize(" + network.height() + ", " + network.width() + ")");
        }
        boolean flat = network.head().layers().get(0) instanceof HeadLayer.Flatten;
        return code.append(".head(Head." + (flat ? "flatten" : "globalAveragePooling") + "())")
                .toString();
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

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
