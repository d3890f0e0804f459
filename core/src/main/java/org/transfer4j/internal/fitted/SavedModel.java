package org.transfer4j.internal.fitted;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.internal.format.modelfile.NetworkDescription;
import org.transfer4j.internal.format.modelfile.TopologyJson;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.plan.NetworkPlan;

/**
 * A classifier as the contents of a model file. Nothing is copied but what a calibration keeps, which is freed with this: there may
 * be no room for a second network.
 *
 * @param scores what a calibration keeps
 * @param contents what is to be written, as long as this is open
 */
public record SavedModel(Map<String, INDArray> scores, ModelContents contents) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SavedModel.class);

    @Override
    public void close() {
        scores.values().forEach(INDArray::close);
    }

    /** To be said once, not with each of the models of a training. */
    public static void warnOfOptimizer(Path file, @Nullable PastTraining settings) {
        if (settings != null && settings.optimizer() != null && !PastTraining.isStorable(settings.optimizer())) {
            LOG.warn(
                    "{}: the optimizer {} can't be stored: a further training of the model that is loaded has to be told"
                            + " its optimizer",
                    file,
                    settings.optimizerText());
        }
    }

    public static void write(Path file, Fitted fitted) {
        try (SavedModel saved = of(fitted)) {
            ModelArchive.write(file, saved.contents);
        }
    }

    /** Parameters under one name each, which {@link ModelArchive#byLayer} takes apart. */
    static Map<String, INDArray> flat(Map<String, Map<String, INDArray>> parameters) {
        Map<String, INDArray> flat = new LinkedHashMap<>();
        parameters.forEach((layer, own) -> own.forEach((name, value) -> flat.put(layer + "/" + name, value)));
        return flat;
    }

    static SavedModel of(Fitted fitted) {
        FittedNetwork network = fitted.network();
        NetworkPlan plan = network.plan();
        Map<String, INDArray> weights = flat(network.parameters());
        plan.network().nodes().values().stream()
                .filter(node -> node.op() instanceof Op.Onnx onnx && onnx.outside() != null)
                .forEach(node -> weights.remove(node.layer() + "/" + Op.MODEL));
        String told = fitted.history().withoutTiming().toJson();
        PastTraining settings = fitted.past();
        NetworkDescription description = new NetworkDescription(
                plan.height(),
                plan.width(),
                3,
                plan.cut(),
                plan.frozen().stream().sorted().toList(),
                network.batchStatistics(),
                network.precision(),
                network.recordedAlgorithms());
        Map<String, INDArray> scores = fitted.calibration().arrays();
        weights.putAll(scores);
        return new SavedModel(
                scores,
                new ModelContents(
                        LibraryVersion.current(),
                        plan.name(),
                        TopologyJson.write(plan.network()),
                        description,
                        network.preprocessing().toJson(),
                        network.classNames(),
                        settings == null ? told : settings.addTo(told),
                        fitted.calibration().toJson().orElse(null),
                        weights));
    }
}
