package org.transfer4j.internal.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/**
 * Writes the ops of a layer as one vertex of DL4J, where DL4J has such a vertex: {@link Dl4jNetwork.VertexReader} the other
 * way round. Where it has none, methods say so by an {@link IllegalArgumentException}.
 */
final class VertexWriter implements Op.Visitor<Activation, GraphVertex> {
    private final List<Op> ops;
    private final List<Shape> inputs;
    private final boolean output;

    private VertexWriter(List<Op> ops, List<Shape> inputs, boolean output) {
        this.ops = ops;
        this.inputs = inputs;
        this.output = output;
    }

    /**
     * Writes a vertex, if DL4J has one.
     *
     * @param nodes all of a layer, or one
     * @param shapes of what they read
     * @param output whether it gives the network's result, which DL4J wants of a layer with a loss
     */
    static Optional<GraphVertex> write(List<Network.Node> nodes, Function<String, Shape> shapes, boolean output) {
        try {
            return Optional.of(vertex(nodes, shapes, output));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The same.
     *
     * @throws IllegalArgumentException if DL4J has none; the message says what it has not, with the value
     */
    static GraphVertex vertex(List<Network.Node> nodes, Function<String, Shape> shapes, boolean output) {
        for (int i = 1; i < nodes.size(); i++) {
            if (!nodes.get(i).inputs().get(0).equals(nodes.get(i - 1).name())) {
                throw unsaid();
            }
        }
        List<Shape> inputs = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            List<String> read = nodes.get(i).inputs();
            read.subList(i == 0 ? 0 : 1, read.size()).forEach(name -> inputs.add(shapes.apply(name)));
        }
        return new VertexWriter(nodes.stream().map(Network.Node::op).toList(), inputs, output).write();
    }

    private GraphVertex write() {
        Op first = ops.get(0);
        if (first instanceof Op.Binary binary) {
            return elementWise(binary.kind());
        }
        if (inputs.size() > 1 && ops.size() > 1) {
            throw unsaid();
        }
        if (ops.size() == 1) {
            return first.accept(this, Activation.IDENTITY);
        }
        if (first instanceof Op.Reshape reshape) {
            GraphVertex rest = new VertexWriter(ops.subList(1, ops.size()), List.of(reshape.to()), output).write();
            if (rest instanceof LayerVertex layer && layer.getPreProcessor() == null) {
                layer.setPreProcessor(preprocessor(reshape));
                return layer;
            }
            throw unsaid();
        }
        if (first instanceof Op.GlobalPooling pooling
                && ops.size() == 2
                && ops.get(1) instanceof Op.Reshape flat
                && flat.to().isVector()) {
            return globalPooling(pooling, true);
        }
        if (first instanceof Op.Convolution channels && ops.get(1) instanceof Op.Convolution points) {
            if (ops.size() == 2) {
                return separable(channels, points, Activation.IDENTITY);
            }
            if (ops.size() == 3 && ops.get(2) instanceof Op.Activate last) {
                return separable(channels, points, last.activation());
            }
        }
        boolean activated = first instanceof Op.Convolution || first instanceof Op.Dense;
        if (activated
                && ops.size() == 2
                && ops.get(1) instanceof Op.Activate last
                && !last.activation().isIdentity()) {
            return first.accept(this, last.activation());
        }
        throw unsaid();
    }

    private static IllegalArgumentException unsaid() {
        return unsaid("such a series of ops");
    }

    private static IllegalArgumentException unsaid(String what) {
        return new IllegalArgumentException("DL4J has no " + what);
    }

    private static LayerVertex layer(Layer layer) {
        return new LayerVertex(
                new NeuralNetConfiguration.Builder()
                        .dataType(DataType.FLOAT)
                        .weightInit(layer instanceof OutputLayer ? WeightInit.XAVIER_UNIFORM : WeightInit.RELU_UNIFORM)
                        .activation(org.nd4j.linalg.activations.Activation.IDENTITY)
                        .layer(layer)
                        .build(),
                null);
    }

    private GraphVertex elementWise(Op.Binary.Kind kind) {
        boolean average = ops.size() > 1 && ops.get(ops.size() - 1).equals(new Op.Scale(1.0 / inputs.size()));
        List<Op> binary = average ? ops.subList(0, ops.size() - 1) : ops;
        boolean alike = binary.stream().allMatch(new Op.Binary(kind)::equals)
                && inputs.stream().allMatch(inputs.get(0)::equals);
        if (!alike || (average && kind != Op.Binary.Kind.SUM)) {
            throw unsaid(kind.name().toLowerCase(Locale.ROOT) + " of " + inputs);
        }
        return new ElementWiseVertex(
                average
                        ? ElementWiseVertex.Op.Average
                        : switch (kind) {
                            case SUM -> ElementWiseVertex.Op.Add;
                            case DIFFERENCE -> ElementWiseVertex.Op.Subtract;
                            case PRODUCT -> ElementWiseVertex.Op.Product;
                            case MAXIMUM -> ElementWiseVertex.Op.Max;
                        });
    }

    @Override
    public GraphVertex binary(Op.Binary op, Activation activation) {
        return elementWise(op.kind());
    }

    @Override
    public GraphVertex convolution(Op.Convolution op, Activation activation) {
        if (op.groups() == 1) {
            return windowed(new ConvolutionLayer.Builder().build(), op, op.outputs(), activation);
        }
        if (op.groups() == op.inputs() && op.outputs() % op.inputs() == 0) {
            DepthwiseConvolution2D layer = new DepthwiseConvolution2D.Builder().build();
            layer.setDepthMultiplier(op.outputs() / op.inputs());
            return windowed(layer, op, op.outputs(), activation);
        }
        throw unsaid(
                "convolution of " + op.groups() + " groups, from " + op.inputs() + " to " + op.outputs() + " channels");
    }

    /** A filter for each channel, and a convolution of one pixel upon it. */
    private GraphVertex separable(Op.Convolution channels, Op.Convolution points, Activation activation) {
        boolean fits = channels.groups() == channels.inputs()
                && !channels.biased()
                && points.groups() == 1
                && points.window().equals(Window.PIXEL);
        if (!fits) {
            throw unsaid();
        }
        SeparableConvolution2D layer = new SeparableConvolution2D.Builder()
                .depthMultiplier(channels.outputs() / channels.inputs())
                .build();
        GraphVertex vertex = windowed(layer, channels, points.outputs(), activation);
        layer.setHasBias(points.biased());
        return vertex;
    }

    private GraphVertex windowed(ConvolutionLayer layer, Op.Convolution op, int outputs, Activation activation) {
        Window window = op.window();
        ConvolutionMode mode = mode(window);
        layer.setKernelSize(pair(window.kernel()));
        layer.setStride(pair(window.stride()));
        layer.setDilation(pair(window.dilation()));
        layer.setPadding(padding(window, mode));
        layer.setConvolutionMode(mode);
        layer.setCnn2dDataFormat(CNN2DFormat.NCHW);
        layer.setNIn(op.inputs());
        layer.setNOut(outputs);
        layer.setHasBias(op.biased());
        layer.setActivationFn(activation.inNd4j());
        return layer(layer);
    }

    /** How DL4J has a window's padding. */
    private ConvolutionMode mode(Window window) {
        if (window.before().equals(window.after())) {
            return ConvolutionMode.Truncate;
        }
        if (window.isSame(inputs.get(0).size())) {
            return ConvolutionMode.Same;
        }
        throw unsaid("window of " + window.kernel() + " with the padding " + window.before() + " before and "
                + window.after() + " after images of " + inputs.get(0).size());
    }

    private static int[] padding(Window window, ConvolutionMode mode) {
        return mode == ConvolutionMode.Same ? new int[2] : pair(window.before());
    }

    private static int[] pair(Extent extent) {
        return new int[] {extent.height(), extent.width()};
    }

    @Override
    public GraphVertex dense(Op.Dense op, Activation activation) {
        Optional<LossFunctions.LossFunction> loss = output ? loss(activation) : Optional.empty();
        FeedForwardLayer layer = loss.isPresent()
                ? new OutputLayer.Builder(loss.get()).hasBias(op.biased()).build()
                : new DenseLayer.Builder().hasBias(op.biased()).build();
        layer.setNIn(op.inputs());
        layer.setNOut(op.outputs());
        layer.setActivationFn(activation.inNd4j());
        return layer(layer);
    }

    /** The loss of an output layer; DL4J is told another one where it trains. */
    private static Optional<LossFunctions.LossFunction> loss(Activation activation) {
        if (activation.isIdentity()) {
            return Optional.of(LossFunctions.LossFunction.MSE);
        }
        return switch (activation.function()) {
            case SOFTMAX -> Optional.of(LossFunctions.LossFunction.MCXENT);
            case SIGMOID -> Optional.of(LossFunctions.LossFunction.XENT);
            default -> Optional.empty();
        };
    }

    /**
     * With the variance itself, as files of weights have it, not the logarithm that DL4J prefers. Of scale and shift DL4J fixes both
     * or none: where one is fixed, it has what it begins with, and must not be learned.
     */
    @Override
    public GraphVertex normalization(Op.Normalization op, Activation activation) {
        return layer(
                new BatchNormalization.Builder(op.fixed() != null && op.fixed().size() == 2)
                        .eps(op.epsilon())
                        .decay(op.momentum())
                        .useLogStd(false)
                        .nIn(op.channels())
                        .nOut(op.channels())
                        .build());
    }

    @Override
    public GraphVertex pooling(Op.Pooling op, Activation activation) {
        Window window = op.window();
        ConvolutionMode mode = mode(window);
        SubsamplingLayer.PoolingType type = op.kind() == Op.Pooling.Kind.MAXIMUM
                ? SubsamplingLayer.PoolingType.MAX
                : SubsamplingLayer.PoolingType.AVG;
        SubsamplingLayer layer = new SubsamplingLayer.Builder(type)
                .kernelSize(pair(window.kernel()))
                .stride(pair(window.stride()))
                .padding(padding(window, mode))
                .convolutionMode(mode)
                .avgPoolIncludePadInDivisor(op.kind() == Op.Pooling.Kind.MEAN_WITH_PADDING)
                .build();
        layer.setDilation(pair(window.dilation()));
        return layer(layer);
    }

    @Override
    public GraphVertex globalPooling(Op.GlobalPooling op, Activation activation) {
        return globalPooling(op, false);
    }

    private static GraphVertex globalPooling(Op.GlobalPooling op, boolean vectors) {
        return layer(new GlobalPoolingLayer.Builder(op.maximum() ? PoolingType.MAX : PoolingType.AVG)
                .collapseDimensions(vectors)
                .build());
    }

    @Override
    public GraphVertex padding(Op.Padding op, Activation activation) {
        return layer(new ZeroPaddingLayer.Builder(
                        op.before().height(),
                        op.after().height(),
                        op.before().width(),
                        op.after().width())
                .build());
    }

    @Override
    public GraphVertex upsampling(Op.Upsampling op, Activation activation) {
        return layer(new Upsampling2D.Builder().size(pair(op.times())).build());
    }

    @Override
    public GraphVertex activate(Op.Activate op, Activation activation) {
        return layer(new ActivationLayer(op.activation().inNd4j()));
    }

    @Override
    public GraphVertex slopes(Op.Slopes op, Activation activation) {
        long[] input = inputs.get(0).toArray();
        long[] slopes = op.shape().toArray();
        PReLULayer.Builder layer = new PReLULayer.Builder().inputShape(input);
        long[] shared = LongStream.range(0, input.length)
                .filter(i -> slopes[(int) i] < input[(int) i])
                .map(i -> i + 1)
                .toArray();
        if (shared.length > 0) {
            layer.sharedAxes(shared);
        }
        return layer(layer.build());
    }

    @Override
    public GraphVertex concatenation(Op.Concatenation op, Activation activation) {
        return new MergeVertex();
    }

    @Override
    public GraphVertex scale(Op.Scale op, Activation activation) {
        return new ScaleVertex(op.factor());
    }

    @Override
    public GraphVertex shift(Op.Shift op, Activation activation) {
        return new ShiftVertex(op.summand());
    }

    @Override
    public GraphVertex affine(Op.Affine op, Activation activation) {
        throw unsaid("learned factor and summand of everything");
    }

    /** DL4J counts the last one in. */
    @Override
    public GraphVertex slice(Op.Slice op, Activation activation) {
        return new SubsetVertex(op.first(), op.end() - 1);
    }

    @Override
    public GraphVertex unitNorm(Op.UnitNorm op, Activation activation) {
        return new L2NormalizeVertex(new int[0], op.epsilon());
    }

    @Override
    public GraphVertex reshape(Op.Reshape op, Activation activation) {
        return new PreprocessorVertex(preprocessor(op));
    }

    private InputPreProcessor preprocessor(Op.Reshape op) {
        Shape from = inputs.get(0);
        Shape to = op.to();
        if (from.isImage() && to.isVector()) {
            return new CnnToFeedForwardPreProcessor(from.height(), from.width(), from.channels());
        }
        if (from.isVector() && to.isImage()) {
            return new FeedForwardToCnnPreProcessor(to.height(), to.width(), to.channels());
        }
        throw unsaid("reshaping of " + from + " to " + to);
    }

    /** DL4J counts what is kept. */
    @Override
    public GraphVertex dropout(Op.Dropout op, Activation activation) {
        double kept = 1 - op.rate();
        return layer(new DropoutLayer.Builder(op.channels() ? new SpatialDropout(kept) : new Dropout(kept)).build());
    }

    @Override
    public GraphVertex neighbours(Op.Neighbours op, Activation activation) {
        throw unsaid("votes of nearest neighbours");
    }

    @Override
    public GraphVertex foreign(Op.Foreign op, Activation activation) {
        throw unsaid("settings but its own of a foreign " + op.part());
    }

    @Override
    public GraphVertex onnx(Op.Onnx op, Activation activation) {
        throw unsaid("ONNX models");
    }
}
