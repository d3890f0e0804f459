package org.transfer4j.internal.dl4j;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/**
 * The rules for the settings of a vertex, by which its shapes and parameters can be computed without overflow, and run.
 * DL4J takes most numbers as they come, and files have any.
 */
final class VertexBounds {
    private final Layer layer;
    private final InputType input;

    private VertexBounds(Layer layer, InputType input) {
        this.layer = layer;
        this.input = input;
    }

    /**
     * Checks settings against each other and against what the vertex gets.
     *
     * @param vertex that is not frozen
     * @throws IllegalArgumentException if a rule is broken
     */
    static void check(GraphVertex vertex, List<Shape> inputs) {
        InputType input = Dl4jWriter.type(inputs.get(0));
        if (vertex instanceof LayerVertex layer) {
            if (inputs.size() != 1) {
                throw new IllegalArgumentException("a layer has one input, got " + inputs);
            }
            InputType seen = afterPreprocessor(layer.getPreProcessor(), input);
            new VertexBounds(Graphs.thawed(layer.getLayerConf().getLayer()), seen).check();
        } else if (vertex instanceof PreprocessorVertex preprocessor) {
            afterPreprocessor(preprocessor.getPreProcessor(), input);
        } else if (vertex instanceof ElementWiseVertex several) {
            present("op", several.getOp());
        } else if (vertex instanceof MergeVertex merge) {
            require(
                    Math.floorMod(merge.getMergeAxis(), 1 + input.getShape().length) == 1,
                    "it merges along axis " + merge.getMergeAxis() + ", and only channels are merged, axis 1");
        } else if (vertex instanceof L2NormalizeVertex norm) {
            dimensions(norm.getDimension(), 1 + input.getShape().length);
        } else if (vertex instanceof ScaleVertex scale) {
            finite(scale.getScaleFactor());
        } else if (vertex instanceof ShiftVertex shift) {
            finite(shift.getShiftFactor());
        }
    }

    /** Of fewer dimensions DL4J divides by norms of other pixels, and of other images of the batch. */
    private static void dimensions(int @Nullable [] chosen, int rank) {
        int[] all = IntStream.range(1, rank).toArray();
        int[] sorted = chosen == null
                ? all
                : IntStream.of(chosen)
                        .map(axis -> Math.floorMod(axis, rank))
                        .sorted()
                        .toArray();
        require(
                sorted.length == 0 || Arrays.equals(sorted, all),
                "an L2 norm is of all of an example, " + Arrays.toString(all) + ", got the dimension "
                        + Arrays.toString(chosen));
    }

    private static void finite(double factor) {
        require(Double.isFinite((float) factor), "a factor must be a finite float, got " + factor);
    }

    /** DL4J believes what a preprocessor says of its input until it runs. */
    private static InputType afterPreprocessor(@Nullable InputPreProcessor preprocessor, InputType input) {
        if (preprocessor == null) {
            return input;
        }
        if (preprocessor instanceof ComposableInputPreProcessor several) {
            InputType type = input;
            for (InputPreProcessor each : several.getInputPreProcessors()) {
                type = afterPreprocessor(each, type);
            }
            return type;
        }
        List<Long> said = List.of();
        if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten) {
            said = List.of(flatten.getNumChannels(), flatten.getInputHeight(), flatten.getInputWidth());
        } else if (preprocessor instanceof FeedForwardToCnnPreProcessor unflatten) {
            long[] shape = {unflatten.getNumChannels(), unflatten.getInputHeight(), unflatten.getInputWidth()};
            said = List.of(NetworkSize.product(shape));
        }
        List<Long> shape = LongStream.of(input.getShape()).boxed().toList();
        require(said.isEmpty() || said.equals(shape), "its preprocessor must take " + shape + ", but takes " + said);
        return preprocessor.getOutputType(input);
    }

    private void check() {
        if (layer instanceof ConvolutionLayer convolution) {
            window(WindowSettings.of(convolution));
        } else if (layer instanceof SubsamplingLayer pooling) {
            present("poolingType", pooling.getPoolingType());
            window(WindowSettings.of(pooling));
        } else if (layer instanceof ZeroPaddingLayer padding) {
            channelsFirst(padding.getDataFormat());
            sides("padding", padding.getPadding());
        } else if (layer instanceof Cropping2D cropping) {
            channelsFirst(cropping.getDataFormat());
            sides("cropping", cropping.getCropping());
        } else if (layer instanceof Upsampling2D upsampling) {
            channelsFirst(upsampling.getFormat());
            positive("size", upsampling.getSize());
        } else if (layer instanceof SpaceToDepthLayer blocks) {
            channelsFirst(blocks.getDataFormat());
            require(
                    blocks.getBlockSize() >= 1
                            && blocks.getBlockSize() <= Math.min(image().getHeight(), image().getWidth()),
                    "blockSize must be from 1 to the side of the image " + input + ", got " + blocks.getBlockSize());
        } else if (layer instanceof GlobalPoolingLayer pooling) {
            present("poolingType", pooling.getPoolingType());
        } else if (layer instanceof ActivationLayer activation) {
            present("activationFn", activation.getActivationFn());
        } else if (layer instanceof BatchNormalization normalization) {
            finite("eps", normalization.getEps(), 0);
        } else if (layer instanceof LocalResponseNormalization normalization) {
            finite("n", normalization.getN(), 0);
            finite("k", normalization.getK(), 0);
        }
        // a class of layers with weights, but for these two
        if (layer instanceof FeedForwardLayer weighted
                && !(layer instanceof DropoutLayer)
                && !(layer instanceof LossLayer)) {
            weights(weighted);
        }
        if (layer instanceof PReLULayer slopes) {
            slopes(slopes.getInputShape(), input.getShape());
        }
    }

    /** DL4J has 1 where they are shared. */
    private static void slopes(long @Nullable [] slopes, long[] shape) {
        boolean fit = slopes == null || slopes.length == shape.length;
        for (int i = 0; slopes != null && fit && i < shape.length; i++) {
            fit = slopes[i] == shape[i] || slopes[i] == 1;
        }
        require(
                fit,
                "inputShape must be " + Arrays.toString(shape) + ", or 1 where slopes are shared, got "
                        + Arrays.toString(slopes));
    }

    /** DL4J's getters are not annotated: each of these is null where a file has nothing. */
    private void window(WindowSettings window) {
        channelsFirst(window.format());
        int[] kernel = window.kernel();
        int[] stride = window.stride();
        int[] dilation = window.dilation();
        int[] padding = window.padding();
        ConvolutionMode mode = window.mode();
        positive("kernelSize", kernel);
        positive("stride", stride);
        positive("dilation", dilation);
        require(mode != null && mode != ConvolutionMode.Causal, "convolutionMode must be of images, got " + mode);
        require(padding != null && padding.length == 2, "padding must be two numbers, got " + Arrays.toString(padding));
        long[] sides = {image().getHeight(), image().getWidth()};
        for (int side = 0; side < 2; side++) {
            long extent = 1 + (kernel[side] - 1L) * dilation[side];
            long free = Math.max(sides[side], NetworkSize.FREE_SIDE);
            require(
                    extent <= free && stride[side] <= free,
                    "a window of more than " + NetworkSize.FREE_SIDE
                            + " pixels, and a step, must not be larger than the image "
                            + input + ", got kernelSize " + Arrays.toString(kernel) + ", dilation "
                            + Arrays.toString(dilation) + ", stride " + Arrays.toString(stride));
            require(
                    padding[side] >= 0 && padding[side] < extent,
                    "padding must be 0 or more and smaller than the window, got padding " + Arrays.toString(padding)
                            + " and kernelSize " + Arrays.toString(kernel));
            require(
                    mode == ConvolutionMode.Same || extent <= sides[side] + 2L * padding[side],
                    "the window must fit into the image " + input + " and its padding, got kernelSize "
                            + Arrays.toString(kernel) + " and padding " + Arrays.toString(padding));
        }
    }

    private void weights(FeedForwardLayer weighted) {
        long in = weighted.getNIn();
        long out = weighted.getNOut();
        require(
                in >= 1 && in <= Integer.MAX_VALUE && out >= 1 && out <= Integer.MAX_VALUE,
                "nIn and nOut must be from 1 to " + Integer.MAX_VALUE + ", got " + in + " and " + out);
        long given = input instanceof InputType.InputTypeConvolutional convolutional
                ? convolutional.getChannels()
                : input.arrayElementsPerExample();
        if (!(layer instanceof BatchNormalization)) {
            present("activationFn", weighted.getActivationFn());
        }
        require(in == given, "nIn must be what comes in, " + given + " of " + input + ", got " + in);
        if (layer instanceof DepthwiseConvolution2D depthwise) {
            int multiplier = depthwise.getDepthMultiplier();
            require(multiplier >= 1, "depthMultiplier must be 1 or more, got " + multiplier);
            require(
                    out == in * multiplier,
                    "nOut must be nIn times depthMultiplier, " + in + " x " + multiplier + ", got " + out);
            count(depthwise, in, multiplier);
        } else if (layer instanceof SeparableConvolution2D separable) {
            int multiplier = separable.getDepthMultiplier();
            require(multiplier >= 1, "depthMultiplier must be 1 or more, got " + multiplier);
            count(separable, in, multiplier);
            NetworkSize.requireWeights(in, multiplier, out);
        } else if (layer instanceof ConvolutionLayer convolution) {
            count(convolution, in, out);
        } else if (layer instanceof DenseLayer || layer instanceof OutputLayer) {
            NetworkSize.requireWeights(in, out);
        } else if (layer instanceof BatchNormalization) {
            require(in == out, "nOut of a normalization must be its nIn, " + in + ", got " + out);
        }
    }

    private void count(ConvolutionLayer convolution, long in, long out) {
        NetworkSize.requireWeights(
                in, out, convolution.getKernelSize()[0], convolution.getKernelSize()[1]);
    }

    private InputType.InputTypeConvolutional image() {
        if (input instanceof InputType.InputTypeConvolutional image) {
            return image;
        }
        throw new IllegalArgumentException("it must get images, but gets " + input);
    }

    private void channelsFirst(CNN2DFormat format) {
        require(format == CNN2DFormat.NCHW, "images are [N, C, H, W], got the format " + format);
    }

    /** DL4J's getters are not annotated. */
    private static void present(String setting, Object value) {
        require(value != null, setting + " is not there");
    }

    private static void positive(String setting, int[] values) {
        require(
                values != null && values.length == 2 && values[0] >= 1 && values[1] >= 1,
                setting + " must be two numbers of 1 or more, got " + Arrays.toString(values));
    }

    private static void sides(String setting, int[] values) {
        require(
                values != null && values.length == 4 && Arrays.stream(values).noneMatch(side -> side < 0),
                setting + " must be four numbers of 0 or more, got " + Arrays.toString(values));
    }

    private static void finite(String setting, double value, double least) {
        require(
                Double.isFinite(value) && value >= least,
                setting + " must be a number of " + least + " or more, got " + value);
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }

    /** What DL4J's convolutions and poolings, which have no class in common, say of their windows. */
    @SuppressWarnings("ArrayRecordComponent") // they are the layers' own
    record WindowSettings(
            CNN2DFormat format, ConvolutionMode mode, int[] kernel, int[] stride, int[] dilation, int[] padding) {
        static WindowSettings of(ConvolutionLayer layer) {
            return new WindowSettings(
                    layer.getCnn2dDataFormat(),
                    layer.getConvolutionMode(),
                    layer.getKernelSize(),
                    layer.getStride(),
                    layer.getDilation(),
                    layer.getPadding());
        }

        static WindowSettings of(SubsamplingLayer layer) {
            return new WindowSettings(
                    layer.getCnn2dDataFormat(),
                    layer.getConvolutionMode(),
                    layer.getKernelSize(),
                    layer.getStride(),
                    layer.getDilation(),
                    layer.getPadding());
        }

        /**
         * The window over an image.
         *
         * @throws IllegalArgumentException if it is none, or none that an op has
         */
        Window on(Shape image) {
            if (!image.isImage()) {
                throw new IllegalArgumentException("needs an image [C, H, W], its input is " + image);
            }
            return switch (mode) {
                case Same -> Window.same(Extent.of(kernel), Extent.of(stride), Extent.of(dilation), image.size());
                case Truncate, Strict ->
                    Window.explicit(Extent.of(kernel), Extent.of(stride), Extent.of(dilation), Extent.of(padding));
                case Causal -> throw new IllegalArgumentException("convolution mode " + mode);
            };
        }
    }
}
