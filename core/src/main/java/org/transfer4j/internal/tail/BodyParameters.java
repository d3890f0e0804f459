package org.transfer4j.internal.tail;

import java.util.Map;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.engine.onednn.LearnedParameters;
import org.transfer4j.internal.network.Network;

/** A tail's parameters and gradients as DL4J keeps them, for layers on images. */
record BodyParameters(
        Dl4jNetwork network,
        Map<String, Map<String, INDArray>> parameterTables,
        Map<String, Map<String, INDArray>> gradientTables)
        implements LearnedParameters {
    @Override
    public Network.Values<INDArray> values() {
        return network.values(parameterTables);
    }

    @Override
    public Network.Values<INDArray> gradients() {
        return network.values(gradientTables);
    }

    /** DL4J keeps the logarithm of its root to base 10 in layers that were made so. */
    @Override
    public void keepVariance(Network.Node node, INDArray variance) {
        INDArray logarithm = parameterTables
                .getOrDefault(node.layer(), Map.of())
                .get(BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
        if (logarithm != null) {
            logarithm.assign(
                    Transforms.log(variance, true).divi(2 * Math.log(10)).reshape(logarithm.shape()));
        }
    }
}
