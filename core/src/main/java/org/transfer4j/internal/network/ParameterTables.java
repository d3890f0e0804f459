package org.transfer4j.internal.network;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * How the parameters of a network's layers are kept, which need not be in the shapes and the order of its ops: in tables, as
 * model files have them.
 */
public interface ParameterTables {
    /** Those that are not empty, in the order in which they lie where all parameters are in one row. */
    List<Table> tables();

    /**
     * The values in tables, or the gradients if the tables have these.
     *
     * @param tables by the tables' and the parameters' names
     * @return views of them where they are kept in the order of the op, copies elsewhere
     */
    Network.Values<INDArray> values(Map<String, Map<String, INDArray>> tables);

    /**
     * Writes a parameter of a node.
     *
     * @param values in the shape that the op has it in
     * @param tables by the tables' and the parameters' names
     */
    void put(Network.Node node, String parameter, INDArray values, Map<String, Map<String, INDArray>> tables);

    /** The parameters of a layer, or of a node of it. */
    interface Table {
        String name();

        /** The layer that it belongs to, mostly of the same name. */
        String layer();

        /** The number of all values. */
        long size();

        /**
         * The parameters by name.
         *
         * @param row [1, size], of which they are views
         */
        Map<String, INDArray> in(INDArray row);

        /** Whether weight decay makes a parameter smaller. */
        boolean isWeight(String parameter);

        /** Whether a parameter is measured, and not learned. */
        boolean isStatistic(String parameter);

        /** What is added to a parameter's gradient or to its steps. */
        List<Regularization> regularization(String parameter);
    }
}
