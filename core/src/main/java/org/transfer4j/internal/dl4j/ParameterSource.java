package org.transfer4j.internal.dl4j;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.trunk.ArrayLayout;

/** Finds a parameter of an op among a layer's arrays, which DL4J may keep in another order. */
interface ParameterSource {
    /**
     * The values, a view where that is possible.
     *
     * @param table DL4J's arrays by DL4J's names
     * @param shape the op's
     * @throws IllegalArgumentException if they are not there
     */
    INDArray in(Map<String, INDArray> table, Shape shape);

    /** Writes values in the op's shape into DL4J's arrays. */
    default void put(INDArray values, Map<String, INDArray> table) {
        in(table, new Shape(Arrays.stream(values.shape()).boxed().toList())).assign(values);
    }

    /** As they are; DL4J keeps one number a channel or unit as a row. */
    static ParameterSource named(String name) {
        return (table, shape) -> {
            INDArray values = find(table, name);
            return shape.isVector() ? values.reshape(values.length()) : values;
        };
    }

    static ParameterSource constant(double value) {
        return (table, shape) -> Nd4j.valueArrayOf(shape.toArray(), value, DataType.FLOAT);
    }

    /** DL4J has [in, out] in the order in which [out, in] lies in C. */
    static INDArray dense(Map<String, INDArray> table, Shape shape) {
        return find(table, Op.WEIGHTS).transpose();
    }

    /** DL4J has [H, W, input, multiplier]; an output's number is its input's times the multiplier, plus which of them. */
    static INDArray depthwise(Map<String, INDArray> table, Shape shape) {
        INDArray kept = find(table, Op.WEIGHTS);
        INDArray plain = ArrayLayout.isContiguous(kept) ? kept : kept.dup('c');
        long outputs = shape.channels();
        long[] strides = {1, 1, kept.size(1) * outputs, outputs};
        return Nd4j.create(plain.data(), shape.toArray(), strides, plain.offset());
    }

    /**
     * DL4J has [multiplier, input, H, W], and the results of one input stand side by side: copies where an input has
     * several.
     */
    ParameterSource OF_SEPARABLE = new ParameterSource() {
        @Override
        public INDArray in(Map<String, INDArray> table, Shape shape) {
            INDArray kept = find(table, SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY);
            boolean single = kept.size(0) == 1 && ArrayLayout.isContiguous(kept);
            return (single ? kept : kept.permute(1, 0, 2, 3).dup('c')).reshape(shape.toArray());
        }

        @Override
        public void put(INDArray values, Map<String, INDArray> table) {
            INDArray kept = find(table, SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY);
            kept.assign(values.dup('c')
                    .reshape(kept.size(1), kept.size(0), kept.size(2), kept.size(3))
                    .permute(1, 0, 2, 3));
        }
    };

    /** A copy: DL4J may have the logarithm of the variance' root to base 10. */
    ParameterSource OF_LOGARITHM = new ParameterSource() {
        @Override
        public INDArray in(Map<String, INDArray> table, Shape shape) {
            double[] variance = find(table, BatchNormalizationParamInitializer.GLOBAL_LOG_STD)
                    .toDoubleVector();
            Arrays.setAll(variance, i -> Math.pow(10, 2 * variance[i]));
            return Nd4j.createFromArray(variance);
        }

        @Override
        public void put(INDArray values, Map<String, INDArray> table) {
            INDArray logarithm = find(table, BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
            logarithm.assign(Transforms.log(values, true).divi(2 * Math.log(10)).reshape(logarithm.shape()));
        }
    };

    private static INDArray find(Map<String, INDArray> table, String name) {
        INDArray values = table.get(name);
        if (values == null) {
            throw new IllegalArgumentException("has no parameter " + name);
        }
        return values;
    }
}
