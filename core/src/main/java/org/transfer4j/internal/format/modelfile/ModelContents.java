package org.transfer4j.internal.format.modelfile;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All that one model file holds. The texts are JSON; the archive checks only that, their meaning belongs to the caller.
 *
 * @param libraryVersion version of the library that made the model
 * @param backbone name of the backbone, as in {@code vgg16}
 * @param topology JSON of the whole network, see {@link TopologyJson}
 * @param network input size, cut and frozen layers
 * @param preprocessing JSON that says what is done to an image before it enters the network
 * @param classNames one name for each output of the network, in that order
 * @param history JSON of how the training went
 * @param calibration JSON of what held-out images said of the outputs, null if there is none
 * @param weights float arrays under names such as {@code block1_conv1/W}, in the shapes of the ops, written in the order of
 *     this map. The arrays are not copied
 */
public record ModelContents(
        String libraryVersion,
        String backbone,
        String topology,
        NetworkDescription network,
        String preprocessing,
        List<String> classNames,
        String history,
        @Nullable String calibration,
        Map<String, INDArray> weights) {
    /** One that is not calibrated. */
    public ModelContents(
            String libraryVersion,
            String backbone,
            String topology,
            NetworkDescription network,
            String preprocessing,
            List<String> classNames,
            String history,
            Map<String, INDArray> weights) {
        this(libraryVersion, backbone, topology, network, preprocessing, classNames, history, null, weights);
    }

    /** Copies the list and the map, but not the arrays. */
    public ModelContents {
        classNames = List.copyOf(classNames);
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /** The same with other weights. */
    ModelContents with(Map<String, INDArray> others) {
        return new ModelContents(
                libraryVersion, backbone, topology, network, preprocessing, classNames, history, calibration, others);
    }
}
