package org.transfer4j;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.cache.ContentHash;
import org.transfer4j.internal.feature.ImageSource;

/** What makes two trainings the same, as names and texts that a message can show. */
final class TrainingIdentity {
    /** So many images are looked at, evenly spread: enough to tell datasets apart, and soon done for large ones. */
    private static final int LOOKED_AT = 512;

    private TrainingIdentity() {}

    /**
     * Looks at all that a training depends on.
     *
     * @param network before its first step
     */
    static Map<String, String> of(
            TransferLearner learner, FittedNetwork network, ImageSource training, @Nullable ImageSource validation) {
        Map<String, String> identity = new LinkedHashMap<>();
        identity.put("library version", LibraryVersion.current());
        identity.put("backbone", learner.backbone().toString());
        identity.put("input size", learner.height() + "x" + learner.width());
        identity.put("preprocessing", learner.preprocessing().toJson());
        identity.put("batch normalization", network.batchStatistics() ? "by batch statistics" : "by moving statistics");
        identity.put("precision", learner.precision().toString());
        identity.put("cut", network.plan().cut().orElse("none"));
        identity.put("starting weights", weights(network.parameters()));
        identity.put("phases", learner.phases().toString());
        identity.put(
                "epochs before",
                learner.start()
                        .map(start -> start.history().withoutTiming().toJson())
                        .orElse("none"));
        identity.put("head", learner.head().toString());
        identity.put("classes", network.classNames().toString());
        identity.put("optimizer", learner.optimizer().toString());
        identity.put("augmentation", learner.augmentation() + ", variants " + learner.cachedVariants());
        identity.put("loss", learner.loss().toString());
        identity.put(
                "class weights",
                Arrays.toString(
                        learner.classWeights().in(training, network.plan().isMultiLabel())));
        identity.put("batch size", Integer.toString(learner.batchSize()));
        identity.put(
                "epochs",
                learner.epochs().isPresent() ? Integer.toString(learner.epochs().getAsInt()) : "by default");
        identity.put(
                "averaged weights",
                learner.averageDecay().isPresent()
                        ? "decay " + learner.averageDecay().getAsDouble()
                        : "none");
        identity.put(
                "early stopping", learner.earlyStopping().map(Object::toString).orElse("none"));
        identity.put(
                "trained by DL4J", Boolean.toString(!learner.dl4jListeners().isEmpty()));
        identity.put("seed", Long.toString(learner.seed()));
        identity.put("training images", images(training));
        identity.put("validation images", validation == null ? "none" : images(validation));
        return identity;
    }

    private static String weights(Map<String, Map<String, INDArray>> parameters) {
        ContentHash hash = new ContentHash();
        for (Map.Entry<String, Map<String, INDArray>> layer : new TreeMap<>(parameters).entrySet()) {
            for (Map.Entry<String, INDArray> parameter : new TreeMap<>(layer.getValue()).entrySet()) {
                hash.add(layer.getKey() + "/" + parameter.getKey());
                hash.add(parameter.getValue());
            }
        }
        return hash.text();
    }

    private static String images(ImageSource source) {
        return source.behind()
                .map(TrainingIdentity::images)
                .orElseThrow(() -> new IllegalArgumentException(
                        "checkpoints need an ImageDataset: a DataSetIterator can't be told from another one"));
    }

    private static String images(ImageDataset data) {
        ContentHash hash = new ContentHash();
        List<String> names = data.classNames();
        for (int i = 0; i < data.size(); i++) {
            hash.add(names.get(data.classIndex(i)));
        }
        int step = Math.max(1, data.size() / LOOKED_AT);
        for (int i = 0; i < data.size(); i += step) {
            hash.add(data.contentDigest(i));
        }
        return data.size() + " with the digest " + hash.text();
    }
}
