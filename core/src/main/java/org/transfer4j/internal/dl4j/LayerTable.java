package org.transfer4j.internal.dl4j;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.transfer4j.internal.network.ParameterTables;

/** The parameters of a layer of DL4J. */
record LayerTable(String name, String layer, NeuralNetConfiguration configuration) implements ParameterTables.Table {
    private static final Set<String> STATISTICS = Set.of(
            BatchNormalizationParamInitializer.GLOBAL_MEAN,
            BatchNormalizationParamInitializer.GLOBAL_VAR,
            BatchNormalizationParamInitializer.GLOBAL_LOG_STD);

    private Layer settings() {
        return configuration.getLayer();
    }

    @Override
    public long size() {
        return settings().initializer().numParams(configuration);
    }

    @Override
    public Map<String, INDArray> in(INDArray row) {
        return settings().initializer().init(configuration, row, false);
    }

    @Override
    public boolean isWeight(String parameter) {
        return settings().initializer().isWeightParam(settings(), parameter);
    }

    @Override
    public boolean isStatistic(String parameter) {
        return Graphs.thawed(settings()) instanceof BatchNormalization && STATISTICS.contains(parameter);
    }

    @Override
    public List<Regularization> regularization(String parameter) {
        List<Regularization> regularization = settings().getRegularizationByParam(parameter);
        return regularization == null ? List.of() : List.copyOf(regularization);
    }
}
