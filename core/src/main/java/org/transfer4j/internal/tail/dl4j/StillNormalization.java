package org.transfer4j.internal.tail.dl4j;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * DL4J's batch normalization, by the moving statistics in training too, as Keras' when it is called with
 * {@code training=False}: these stay as they are, scale and shift learn. To the rest of the library the layer's settings
 * are those of any batch normalization; only what is made of them differs.
 */
@SuppressWarnings("serial")
public final class StillNormalization extends BatchNormalization {
    private StillNormalization(NeuralNetConfiguration configuration, DataType type) {
        super(configuration, type);
    }

    /** A copy of a configuration in which all batch normalization is still. */
    public static ComputationGraphConfiguration in(ComputationGraphConfiguration configuration) {
        ComputationGraphConfiguration copy = configuration.clone();
        copy.getVertices()
                .replaceAll((name, vertex) -> vertex instanceof LayerVertex layer
                                && layer.getLayerConf().getLayer()
                                        instanceof org.deeplearning4j.nn.conf.layers.BatchNormalization
                        ? new Settings(layer.getLayerConf(), layer.getPreProcessor())
                        : vertex);
        return copy;
    }

    /** A vertex that makes a still layer of ordinary settings. */
    private static final class Settings extends LayerVertex {
        Settings(NeuralNetConfiguration configuration, InputPreProcessor preprocessor) {
            super(configuration, preprocessor);
        }

        @Override
        public LayerVertex clone() {
            LayerVertex copy = (LayerVertex) super.clone();
            return new Settings(copy.getLayerConf(), copy.getPreProcessor());
        }

        @Override
        public GraphVertex instantiate(
                ComputationGraph graph,
                String name,
                int index,
                INDArray parameters,
                boolean initialize,
                DataType networkType) {
            StillNormalization layer = new StillNormalization(getLayerConf(), networkType);
            layer.setIndex(index);
            layer.setParamsViewArray(parameters);
            layer.setParamTable(getLayerConf().getLayer().initializer().init(getLayerConf(), parameters, initialize));
            return new org.deeplearning4j.nn.graph.vertex.impl.LayerVertex(
                    graph, name, index, layer, getPreProcessor(), false, networkType);
        }
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        return super.activate(false, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray outputGradient, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        int channelAxis = input.rank() == 4 && layerConf().getCnn2DFormat() == CNN2DFormat.NHWC ? 3 : 1;
        int[] otherAxes = IntStream.range(0, input.rank())
                .filter(axis -> axis != channelAxis)
                .toArray();
        long[] broadcast = new long[input.rank()];
        Arrays.fill(broadcast, 1);
        broadcast[channelAxis] = input.size(channelAxis);

        INDArray slope = Transforms.pow(variance().addi(layerConf().getEps()), -0.5, false);
        // DL4J subtracts from moving statistics what it calls their gradients
        gradientViews.values().forEach(view -> view.assign(0));
        if (layerConf().isLockGammaBeta()) {
            slope.muli(layerConf().getGamma());
        } else {
            INDArray mean = getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN);
            INDArray normalized = input.sub(mean.reshape(broadcast)).muli(slope.reshape(broadcast));
            write(BatchNormalizationParamInitializer.GAMMA, normalized.muli(outputGradient), otherAxes);
            write(BatchNormalizationParamInitializer.BETA, outputGradient, otherAxes);
            slope.muli(getParam(BatchNormalizationParamInitializer.GAMMA));
        }
        Gradient gradient = new DefaultGradient();
        gradientViews.forEach(gradient::setGradientFor);
        INDArray inputGradient = outputGradient.mul(slope.reshape(broadcast));
        return new Pair<>(gradient, workspaces.leverageTo(ArrayType.ACTIVATION_GRAD, inputGradient));
    }

    /** A copy of the moving variance, which DL4J may keep as the logarithm of its root. */
    private INDArray variance() {
        if (!layerConf().isUseLogStd()) {
            return getParam(BatchNormalizationParamInitializer.GLOBAL_VAR).dup();
        }
        INDArray variance =
                getParam(BatchNormalizationParamInitializer.GLOBAL_LOG_STD).dup();
        variance.muli(2 * Math.log(10));
        Transforms.exp(variance, false);
        return variance;
    }

    private void write(String parameter, INDArray terms, int[] axes) {
        INDArray view = gradientViews.get(parameter);
        if (view == null) {
            throw new IllegalStateException("a layer has no gradient for " + parameter);
        }
        view.assign(terms.sum(axes).reshape(view.shape()));
    }
}
