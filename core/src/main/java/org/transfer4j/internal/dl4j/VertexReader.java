package org.transfer4j.internal.dl4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
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
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.transfer4j.internal.dl4j.Dl4jParameters.Source;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network.Step;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Op.Foreign;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/**
 * Reads a vertex of DL4J as ops. A class has to match exactly: a subclass of a convolution computes something else. What
 * is not in the tables, or has settings that no op has, is foreign. What {@link VertexBounds} refuses does not come here.
 */
final class VertexReader {
    private static final Map<Class<?>, BiConsumer<VertexReader, Object>> RULES = Map.ofEntries(
            rule(ConvolutionLayer.class, VertexReader::convolution),
            rule(Convolution2D.class, VertexReader::convolution),
            rule(DepthwiseConvolution2D.class, VertexReader::depthwise),
            rule(SeparableConvolution2D.class, VertexReader::separable),
            rule(SubsamplingLayer.class, VertexReader::pooling),
            rule(Pooling2D.class, VertexReader::pooling),
            rule(GlobalPoolingLayer.class, VertexReader::globalPooling),
            rule(ZeroPaddingLayer.class, VertexReader::padding),
            rule(Upsampling2D.class, VertexReader::upsampling),
            rule(BatchNormalization.class, VertexReader::normalization),
            rule(DenseLayer.class, VertexReader::dense),
            rule(OutputLayer.class, (reader, layer) -> reader.weighted(layer, layer.hasBias())),
            rule(LossLayer.class, (reader, layer) -> reader.activate(layer.getActivationFn())),
            rule(ActivationLayer.class, (reader, layer) -> reader.activate(layer.getActivationFn())),
            rule(PReLULayer.class, VertexReader::slopes),
            rule(DropoutLayer.class, VertexReader::dropout),
            rule(ElementWiseVertex.class, (reader, vertex) -> reader.elementWise(vertex.getOp())),
            rule(MergeVertex.class, (reader, vertex) -> reader.merge()),
            rule(ScaleVertex.class, (reader, vertex) -> reader.add(new Op.Scale(vertex.getScaleFactor()))),
            rule(ShiftVertex.class, (reader, vertex) -> reader.add(new Op.Shift(vertex.getShiftFactor()))),
            // DL4J counts the last one in
            rule(SubsetVertex.class, (reader, some) -> reader.add(new Op.Slice(some.getFrom(), some.getTo() + 1))),
            // of all dimensions: another choice is refused before
            rule(L2NormalizeVertex.class, (reader, norm) -> reader.add(new Op.UnitNorm(norm.getEps()))));

    private static final Map<String, String> POOLINGS = Map.of("MAX", "MaxPooling2D", "AVG", "AveragePooling2D");

    private final List<Shape> inputs;
    /** Of parameters, those of which DL4J has another name or order. */
    private final List<Step<Map<String, Source>>> steps = new ArrayList<>();

    private Object subject;
    private Foreign.Part part = Foreign.Part.VERTEX;
    private Shape shape;

    private static <T> Map.Entry<Class<?>, BiConsumer<VertexReader, Object>> rule(
            Class<T> type, BiConsumer<VertexReader, T> rule) {
        return Map.entry(type, (reader, settings) -> rule.accept(reader, type.cast(settings)));
    }

    private VertexReader(GraphVertex vertex, List<Shape> inputs) {
        this.inputs = inputs;
        this.subject = vertex;
        this.shape = inputs.get(0);
    }

    /** The ops of a vertex that is not frozen, in their order; at least one. */
    static List<Step<Map<String, Source>>> read(GraphVertex vertex, List<Shape> inputs) {
        VertexReader reader = new VertexReader(vertex, inputs);
        try {
            if (!reader.read(vertex)) {
                return List.of(reader.foreign(vertex, null));
            }
        } catch (IllegalArgumentException e) {
            return List.of(reader.foreign(vertex, e.getMessage()));
        }
        if (reader.steps.isEmpty()) {
            reader.add(new Op.Activate(Activation.IDENTITY));
        }
        return reader.steps;
    }

    /** Whether all of it is known. */
    private boolean read(GraphVertex vertex) {
        if (vertex instanceof PreprocessorVertex preprocessor) {
            return preprocess(preprocessor.getPreProcessor());
        }
        if (vertex instanceof LayerVertex layerVertex) {
            if (layerVertex.getPreProcessor() != null && !preprocess(layerVertex.getPreProcessor())) {
                return false;
            }
            part = Foreign.Part.LAYER;
            return readSettings(Graphs.thawed(layerVertex.getLayerConf().getLayer()));
        }
        return readSettings(vertex);
    }

    private boolean readSettings(Object settings) {
        subject = settings;
        BiConsumer<VertexReader, Object> rule = RULES.get(settings.getClass());
        if (rule != null) {
            rule.accept(this, settings);
        }
        return rule != null;
    }

    private Step<Map<String, Source>> foreign(GraphVertex vertex, @Nullable String reason) {
        return step(new Foreign(part, reason, dl4jShape(vertex)));
    }

    /** Of all inputs. */
    private Step<Map<String, Source>> step(Op op) {
        return new Step<>(kind(), op, IntStream.range(0, inputs.size()).boxed().toList(), Map.of());
    }

    private Shape dl4jShape(GraphVertex vertex) {
        try {
            InputType[] types = inputs.stream().map(Dl4jWriter::type).toArray(InputType[]::new);
            return Shape.of(vertex.getOutputType(0, types).getShape());
        } catch (RuntimeException e) {
            // DL4J's exceptions about configurations have no common class
            return Shape.UNKNOWN;
        }
    }

    /** Keras' names of kinds that Keras has, DL4J's of others. */
    private String kind() {
        if (subject instanceof SubsamplingLayer pooling && pooling.getPoolingType() != null) {
            return POOLINGS.getOrDefault(pooling.getPoolingType().name(), "Pooling2D");
        }
        if (subject instanceof GlobalPoolingLayer pooling && pooling.getPoolingType() != null) {
            return "Global" + POOLINGS.getOrDefault(pooling.getPoolingType().name(), "Pooling");
        }
        if (subject instanceof OutputLayer) {
            return "Dense";
        }
        if (subject instanceof InputPreProcessor || subject instanceof PreprocessorVertex) {
            return "Flatten";
        }
        return subject.getClass() == ConvolutionLayer.class
                ? "Conv2D"
                : subject.getClass().getSimpleName().replaceFirst("(Layer|Vertex)$", "");
    }

    /** Whose parameters are called as in DL4J, and lie as there. */
    private void add(Op op) {
        add(op, Map.of());
    }

    private void add(Op op, Map<String, Source> parameters) {
        shape = op.shape(List.of(shape));
        steps.add(new Step<>(kind(), op, List.of(steps.isEmpty() ? 0 : Step.PREVIOUS), parameters));
    }

    private boolean preprocess(InputPreProcessor preprocessor) {
        subject = preprocessor;
        part = Foreign.Part.PREPROCESSOR;
        if (preprocessor instanceof ComposableInputPreProcessor several) {
            return Arrays.stream(several.getInputPreProcessors()).allMatch(this::preprocess);
        }
        if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten && flatten.getFormat() == CNN2DFormat.NCHW) {
            if (shape.isImage()) {
                add(new Op.Reshape(Shape.of(shape.elements())));
            }
            return true;
        }
        if (preprocessor instanceof FeedForwardToCnnPreProcessor image) {
            if (!shape.isImage()) {
                add(new Op.Reshape(Shape.of(image.getNumChannels(), image.getInputHeight(), image.getInputWidth())));
            }
            return true;
        }
        return false;
    }

    private void convolution(ConvolutionLayer layer) {
        int inputs = Math.toIntExact(layer.getNIn());
        int outputs = Math.toIntExact(layer.getNOut());
        add(new Op.Convolution(
                inputs, outputs, 1, VertexBounds.WindowSettings.of(layer).on(shape), layer.hasBias()));
        activate(layer.getActivationFn());
    }

    private void depthwise(DepthwiseConvolution2D layer) {
        int inputs = Math.toIntExact(layer.getNIn());
        int outputs = Math.toIntExact(layer.getNOut());
        add(
                new Op.Convolution(
                        inputs,
                        outputs,
                        inputs,
                        VertexBounds.WindowSettings.of(layer).on(shape),
                        layer.hasBias()),
                Map.of(Op.WEIGHTS, new Source(Op.WEIGHTS, Source.Order.DEPTHWISE)));
        activate(layer.getActivationFn());
    }

    private void separable(SeparableConvolution2D layer) {
        int inputs = Math.toIntExact(layer.getNIn());
        int between = inputs * layer.getDepthMultiplier();
        add(
                new Op.Convolution(
                        inputs,
                        between,
                        inputs,
                        VertexBounds.WindowSettings.of(layer).on(shape),
                        false),
                Map.of(
                        Op.WEIGHTS,
                        new Source(
                                SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY, Source.Order.SEPARABLE)));
        add(
                new Op.Convolution(between, Math.toIntExact(layer.getNOut()), 1, Window.PIXEL, layer.hasBias()),
                Map.of(Op.WEIGHTS, Source.named(SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY)));
        activate(layer.getActivationFn());
    }

    private void pooling(SubsamplingLayer layer) {
        Op.Pooling.Kind kind = switch (layer.getPoolingType()) {
            case MAX -> Op.Pooling.Kind.MAXIMUM;
            case AVG ->
                layer.isAvgPoolIncludePadInDivisor()
                        ? Op.Pooling.Kind.MEAN_WITH_PADDING
                        : Op.Pooling.Kind.MEAN_WITHOUT_PADDING;
            case SUM, PNORM -> throw new IllegalArgumentException("pooling type " + layer.getPoolingType());
        };
        add(new Op.Pooling(kind, VertexBounds.WindowSettings.of(layer).on(shape)));
    }

    private void globalPooling(GlobalPoolingLayer layer) {
        int[] dimensions = layer.getPoolingDimensions();
        if (dimensions != null && !Arrays.equals(dimensions, new int[] {2, 3})) {
            throw new IllegalArgumentException(
                    "pools over the dimensions " + Arrays.toString(dimensions) + ", not [2, 3]");
        }
        boolean maximum = switch (layer.getPoolingType()) {
            case MAX -> true;
            case AVG -> false;
            case SUM, PNORM -> throw new IllegalArgumentException("pooling type " + layer.getPoolingType());
        };
        add(new Op.GlobalPooling(maximum));
        if (layer.isCollapseDimensions()) {
            add(new Op.Reshape(Shape.of(shape.channels())));
        }
    }

    private void padding(ZeroPaddingLayer layer) {
        // top, bottom, left, right
        int[] sides = layer.getPadding();
        add(new Op.Padding(new Extent(sides[0], sides[2]), new Extent(sides[1], sides[3])));
    }

    private void upsampling(Upsampling2D layer) {
        add(new Op.Upsampling(Extent.of(layer.getSize())));
    }

    private void normalization(BatchNormalization layer) {
        if (layer.getCnn2DFormat() != CNN2DFormat.NCHW) {
            throw new IllegalArgumentException("data format " + layer.getCnn2DFormat() + ", not NCHW");
        }
        // the others are called as here, or fixed
        Map<String, Source> parameters = layer.isUseLogStd()
                ? Map.of(
                        Op.VARIANCE,
                        new Source(BatchNormalizationParamInitializer.GLOBAL_LOG_STD, Source.Order.LOGARITHM))
                : Map.of();
        add(new Op.Normalization(Math.toIntExact(layer.getNIn()), layer.getEps(), layer.getDecay()), parameters);
    }

    private void dense(DenseLayer layer) {
        if (layer.hasLayerNorm()) {
            throw new IllegalArgumentException("has layer normalization");
        }
        weighted(layer, layer.hasBias());
    }

    private void weighted(FeedForwardLayer layer, boolean biased) {
        add(
                new Op.Dense(Math.toIntExact(layer.getNIn()), Math.toIntExact(layer.getNOut()), biased),
                Map.of(Op.WEIGHTS, new Source(Op.WEIGHTS, Source.Order.INPUTS_FIRST)));
        activate(layer.getActivationFn());
    }

    /** DL4J's layer has the setting of an activation besides, and does not heed it. */
    private void slopes(PReLULayer layer) {
        long[] sizes = layer.getInputShape().clone();
        if (layer.getSharedAxes() != null) {
            for (long axis : layer.getSharedAxes()) {
                sizes[(int) axis - 1] = 1;
            }
        }
        add(new Op.Slopes(Shape.of(sizes)));
    }

    private void activate(IActivation function) {
        Activation activation = Activation.ofNd4j(function);
        if (!activation.isIdentity()) {
            add(new Op.Activate(activation));
        }
    }

    /** DL4J counts what is kept. Rounded, because 1 - (1 - 0.3) is not 0.3. Of other kinds of noise nothing is dropped. */
    private void dropout(DropoutLayer layer) {
        double kept = 1;
        boolean channels = layer.getIDropout() instanceof SpatialDropout;
        if (layer.getIDropout() instanceof Dropout dropout && dropout.getPSchedule() == null) {
            kept = dropout.getP();
        } else if (layer.getIDropout() instanceof SpatialDropout spatial && spatial.getPSchedule() == null) {
            kept = spatial.getP();
        }
        add(new Op.Dropout(Math.round((1 - kept) * 1e9) / 1e9, channels));
    }

    private void elementWise(ElementWiseVertex.Op operation) {
        Op.Binary.Kind kind = switch (operation) {
            case Add, Average -> Op.Binary.Kind.SUM;
            case Subtract -> Op.Binary.Kind.DIFFERENCE;
            case Product -> Op.Binary.Kind.PRODUCT;
            case Max -> Op.Binary.Kind.MAXIMUM;
        };
        for (int i = 1; i < inputs.size(); i++) {
            Op op = new Op.Binary(kind);
            shape = op.shape(List.of(shape, inputs.get(i)));
            steps.add(new Step<>(kind(), op, List.of(i == 1 ? 0 : Step.PREVIOUS, i), Map.of()));
        }
        if (operation == ElementWiseVertex.Op.Average && inputs.size() > 1) {
            add(new Op.Scale(1.0 / inputs.size()));
        }
    }

    /** Of channels: whose axis is another is refused before. */
    private void merge() {
        Op op = new Op.Concatenation();
        shape = op.shape(inputs);
        steps.add(step(op));
    }
}
