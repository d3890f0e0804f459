package org.transfer4j;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.StoredPrecision;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.safetensors.WeightsOrigin;
import org.transfer4j.internal.format.safetensors.WeightsWriter;
import org.transfer4j.internal.network.NetworkPlan;

/** What a classifier's backbone has learned, as a weights file. */
final class SavedBackbone {
    private SavedBackbone() {}

    static void write(Path file, FittedNetwork network, StoredPrecision precision) {
        NetworkPlan plan = network.plan();
        ComputationGraphConfiguration backbone =
                plan.backbone(network.preprocessing()).topology().configure(plan.height(), plan.width());
        Set<String> layers = backbone.getVertices().keySet();
        Map<String, Map<String, INDArray>> parameters = new LinkedHashMap<>();
        Map<String, Map<String, long[]>> shapes = new LinkedHashMap<>();
        network.parameters().forEach((layer, values) -> {
            if (layers.contains(layer) && !values.isEmpty()) {
                Map<String, long[]> shapesOfLayer = new LinkedHashMap<>();
                values.forEach((name, value) -> shapesOfLayer.put(name, value.shape()));
                shapes.put(layer, shapesOfLayer);
                parameters.put(layer, values);
            }
        });
        WeightsWriter.write(
                file,
                NetworkLayers.of(backbone, shapes, layers, List.of()),
                parameters,
                precision,
                new WeightsOrigin(LibraryVersion.current(), Optional.of(network.preprocessing())));
    }
}
