package org.transfer4j.internal.choose;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.backbone.Weights;
import org.transfer4j.download.CachedFile;
import org.transfer4j.head.HeadLayer;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** The backbones of this library, and the code by which they are called. */
public final class KnownBackbones {
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

    private KnownBackbones() {}

    /** The backbones of this library by the methods that describe them: all of {@link Backbone}'s without an argument. */
    static Map<String, Backbone> all() {
        Map<String, Backbone> all = new LinkedHashMap<>();
        Arrays.stream(Backbone.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers())
                        && method.getReturnType() == Backbone.class
                        && method.getParameterCount() == 0)
                .sorted(Comparator.comparing(Method::getName))
                .forEach(method -> all.put(method.getName(), made(method)));
        return all;
    }

    private static Backbone made(Method method) {
        try {
            return (Backbone) method.invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("can't describe " + method.getName(), e);
        }
    }

    /** Backbones whose weights are here: in the jar, or in the cache folder. */
    public static List<Backbone> atHand(List<CachedFile> cached) {
        Set<String> files = cached.stream()
                .filter(file -> file.state() != CachedFile.State.DAMAGED && file.state() != CachedFile.State.UNFINISHED)
                .map(CachedFile::name)
                .collect(Collectors.toSet());
        return all().values().stream()
                .filter(backbone -> backbone.pretrainedWeights()
                        .filter(weights -> weights.isBundled() || files.contains(weights.name()))
                        .isPresent())
                .sorted(Comparator.comparing(backbone -> !backbone.pretrainedWeights()
                        .map(PretrainedWeights::isBundled)
                        .orElse(false)))
                .toList();
    }

    /**
     * A learner as the code that makes it, with backbone, weights, preprocessing, input size and head, which is flat or averages: no
     * other is chosen. What has no name in this library is called as a variable would be.
     */
    static String code(Settings settings) {
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
        Optional<String> method = all().entrySet().stream()
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
