package org.transfer4j.internal.network;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What a node of a network computes, without its parameters' values. One more kind is one more record here and, as the
 * compiler says, one more case in each {@link Visitor}.
 *
 * <p>Images are [C, H, W] and vectors [F], with a batch dimension before that no op looks at.
 */
@JsonAutoDetect(isGetterVisibility = JsonAutoDetect.Visibility.NONE)
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Op.Convolution.class, name = "convolution"),
    @JsonSubTypes.Type(value = Op.Dense.class, name = "dense"),
    @JsonSubTypes.Type(value = Op.Normalization.class, name = "normalization"),
    @JsonSubTypes.Type(value = Op.Pooling.class, name = "pooling"),
    @JsonSubTypes.Type(value = Op.GlobalPooling.class, name = "global pooling"),
    @JsonSubTypes.Type(value = Op.Padding.class, name = "padding"),
    @JsonSubTypes.Type(value = Op.Upsampling.class, name = "upsampling"),
    @JsonSubTypes.Type(value = Op.Activate.class, name = "activation"),
    @JsonSubTypes.Type(value = Op.Slopes.class, name = "slopes"),
    @JsonSubTypes.Type(value = Op.Binary.class, name = "binary"),
    @JsonSubTypes.Type(value = Op.Concatenation.class, name = "concatenation"),
    @JsonSubTypes.Type(value = Op.Scale.class, name = "scale"),
    @JsonSubTypes.Type(value = Op.Shift.class, name = "shift"),
    @JsonSubTypes.Type(value = Op.Affine.class, name = "affine"),
    @JsonSubTypes.Type(value = Op.Slice.class, name = "slice"),
    @JsonSubTypes.Type(value = Op.UnitNorm.class, name = "unit norm"),
    @JsonSubTypes.Type(value = Op.Reshape.class, name = "reshape"),
    @JsonSubTypes.Type(value = Op.Dropout.class, name = "dropout"),
    @JsonSubTypes.Type(value = Op.Neighbours.class, name = "neighbours"),
    @JsonSubTypes.Type(value = Op.Onnx.class, name = "onnx")
})
public sealed interface Op {
    /** [outputs, inputs of a group, height, width] of a convolution, [outputs, inputs] of a dense layer. */
    String WEIGHTS = "W";

    /** [outputs]. */
    String BIAS = "b";

    /** What a normalized channel is multiplied by, [C]; or everything, [1]. */
    String GAMMA = "gamma";

    /** What is added to a normalized channel, [C]; or to everything, [1]. */
    String BETA = "beta";

    /** The mean of each channel, [C]. */
    String MEAN = "mean";

    /** The variance of each channel, [C]. */
    String VARIANCE = "var";

    /** The class of each image that votes, [images]: whole numbers from 0. */
    String CLASSES = "classes";

    /** The bytes of an ONNX model, [bytes], unsigned. */
    String MODEL = "model";

    /** The parameter that model files have in place of it where its weights stay outside. */
    String OUTLINE = "outline";

    /** How many values it reads; empty where it takes any number from 1 on. */
    default OptionalInt arity() {
        return OptionalInt.of(1);
    }

    /**
     * The shape of the result.
     *
     * @param inputs what is read, in the order of the arguments
     * @throws IllegalArgumentException if it can't be computed of such inputs
     */
    Shape shape(List<Shape> inputs);

    /** The names of the parameters and their shapes. */
    default Map<String, Shape> parameters() {
        return Map.of();
    }

    /** What all numbers of a parameter are that is not kept and not learned; empty for all others. */
    default OptionalDouble fixed(String parameter) {
        return OptionalDouble.empty();
    }

    /** The shape of one of the parameters. */
    default Shape parameter(String name) {
        return Network.known(parameters(), name);
    }

    /** What the numbers of the parameters are. */
    default DataType parameterType() {
        return DataType.FLOAT;
    }

    /** How many weights the parameters are. */
    default long parameterCount() {
        return parameters().values().stream().mapToLong(Shape::elements).reduce(0, Math::addExact);
    }

    /** Calls the visitor's method for this kind. */
    <C, R> R accept(Visitor<C, R> visitor, C context);

    /**
     * A pass over networks: what it makes of each kind of op.
     *
     * @param <C> what it needs to know besides, such as the node
     * @param <R> what it makes
     */
    interface Visitor<C, R> {
        R convolution(Convolution op, C context);

        R dense(Dense op, C context);

        R normalization(Normalization op, C context);

        R pooling(Pooling op, C context);

        R globalPooling(GlobalPooling op, C context);

        R padding(Padding op, C context);

        R upsampling(Upsampling op, C context);

        R activate(Activate op, C context);

        R slopes(Slopes op, C context);

        R binary(Binary op, C context);

        R concatenation(Concatenation op, C context);

        R scale(Scale op, C context);

        R shift(Shift op, C context);

        R affine(Affine op, C context);

        R slice(Slice op, C context);

        R unitNorm(UnitNorm op, C context);

        R reshape(Reshape op, C context);

        R dropout(Dropout op, C context);

        R neighbours(Neighbours op, C context);

        R foreign(Foreign op, C context);

        R onnx(Onnx op, C context);
    }

    /**
     * A sum over windows: cross-correlation, as everywhere in deep learning.
     *
     * @param groups into how many parts inputs and outputs are cut, each output reading its own part of the inputs alone
     * @param biased whether it has a bias
     */
    record Convolution(int inputs, int outputs, int groups, Window window, boolean biased) implements Op {
        /** Checks the numbers of channels, and that of the weights. */
        public Convolution {
            require(
                    inputs >= 1 && outputs >= 1 && groups >= 1 && inputs % groups == 0 && outputs % groups == 0,
                    "its channels must be 1 or more and divisible by its groups, got " + inputs + ", " + outputs
                            + " and " + groups);
            NetworkSize.requireWeights(
                    inputs / groups,
                    outputs,
                    window.kernel().height(),
                    window.kernel().width());
        }

        /** Whether each output sees one channel alone, of several. */
        public boolean isDepthwise() {
            return groups == inputs && groups > 1;
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            Shape image = image(inputs);
            requireChannels(this.inputs, image);
            return Shape.image(outputs, window.positions(image.size()));
        }

        @Override
        public Map<String, Shape> parameters() {
            Extent kernel = window.kernel();
            return weighted(Shape.of(outputs, inputs / groups, kernel.height(), kernel.width()), outputs, biased);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.convolution(this, context);
        }
    }

    /** Each output a weighted sum of all inputs. */
    record Dense(int inputs, int outputs, boolean biased) implements Op {
        /** Checks the numbers. */
        public Dense {
            require(inputs >= 1 && outputs >= 1, "its units must be 1 or more, got " + inputs + " and " + outputs);
            NetworkSize.requireWeights(inputs, outputs);
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            requireVector(this.inputs, inputs.get(0));
            return Shape.of(outputs);
        }

        @Override
        public Map<String, Shape> parameters() {
            return weighted(Shape.of(outputs, inputs), outputs, biased);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.dense(this, context);
        }
    }

    /**
     * Batch normalization, {@code gamma * (x - mean) / sqrt(variance + epsilon) + beta}, of channels or of units.
     *
     * @param momentum how much of its running mean and variance it keeps in each step of training
     * @param fixed which of gamma and beta, in this order, are 1 and 0 for good, as without Keras' scale and center; null if none
     */
    record Normalization(
            int channels,
            double epsilon,
            double momentum,
            @Nullable List<String> fixed) implements Op {
        private static final List<List<String>> FIXED = List.of(List.of(GAMMA), List.of(BETA), List.of(GAMMA, BETA));

        /** With a scale and a shift. */
        public Normalization(int channels, double epsilon, double momentum) {
            this(channels, epsilon, momentum, null);
        }

        /** Checks the numbers. */
        public Normalization {
            require(fixed == null || FIXED.contains(fixed), "of gamma and beta one or both may be fixed, got " + fixed);
            fixed = fixed == null ? null : List.copyOf(fixed);
            require(channels >= 1, "its channels must be 1 or more, got " + channels);
            require(epsilon >= 0 && Double.isFinite(epsilon), "epsilon must be a number of 0 or more, got " + epsilon);
            require(Double.isFinite(momentum), "momentum must be a number, got " + momentum);
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            Shape input = inputs.get(0);
            require(
                    !input.sizes().isEmpty() && input.channels() == channels,
                    "has " + channels + " channels, its input is " + input);
            return input;
        }

        @Override
        public Map<String, Shape> parameters() {
            Shape each = Shape.of(channels);
            return Map.of(GAMMA, each, BETA, each, MEAN, each, VARIANCE, each);
        }

        @Override
        public OptionalDouble fixed(String parameter) {
            return fixed != null && fixed.contains(parameter)
                    ? OptionalDouble.of(parameter.equals(GAMMA) ? 1 : 0)
                    : OptionalDouble.empty();
        }

        @Override
        public long parameterCount() {
            return channels * (fixed == null ? 4L : 4L - fixed.size());
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.normalization(this, context);
        }
    }

    /** The maximum or mean of each window. */
    record Pooling(Pooling.Kind kind, Window window) implements Op {
        /** How a window becomes one number. */
        public enum Kind {
            MAXIMUM,
            /** Padding counts as zeros. */
            MEAN_WITH_PADDING,
            /** Padding does not count. */
            MEAN_WITHOUT_PADDING
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            Shape image = image(inputs);
            require(window.padsLessThanKernel(), "padding as large as the kernel");
            return Shape.image(image.channels(), window.positions(image.size()));
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.pooling(this, context);
        }
    }

    /** One number for each channel, as an image of one pixel: the maximum or the mean. */
    record GlobalPooling(boolean maximum) implements Op {
        @Override
        public Shape shape(List<Shape> inputs) {
            return Shape.image(image(inputs).channels(), Extent.ONE);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.globalPooling(this, context);
        }
    }

    /**
     * Zeros around an image.
     *
     * @param before rows above and columns to the left
     * @param after rows below and columns to the right
     */
    record Padding(Extent before, Extent after) implements Op {
        /** Checks the sides. */
        public Padding {
            before.requireAtLeast(0, "padding");
            after.requireAtLeast(0, "padding");
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            Shape image = image(inputs);
            return Shape.image(image.channels(), image.size().plus(before).plus(after));
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.padding(this, context);
        }
    }

    /** Each pixel repeated. */
    record Upsampling(Extent times) implements Op {
        /** Checks the factors. */
        public Upsampling {
            times.requireAtLeast(1, "repetition");
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            Shape image = image(inputs);
            return Shape.of(
                    image.channels(), (long) image.height() * times.height(), (long) image.width() * times.width());
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.upsampling(this, context);
        }
    }

    /** What gives an image or vector of the shape that it reads. */
    sealed interface OfOneShape extends Op {
        @Override
        default Shape shape(List<Shape> inputs) {
            return inputs.get(0);
        }
    }

    /** An activation. */
    record Activate(Activation activation) implements OfOneShape {
        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.activate(this, context);
        }
    }

    /**
     * PReLU: a rectifier whose negative side has learned slopes.
     *
     * @param shape of the slopes: the input's, with 1 where they are shared
     */
    record Slopes(Shape shape) implements Op {
        @Override
        public Shape shape(List<Shape> inputs) {
            broadcast(List.of(inputs.get(0), shape));
            return inputs.get(0);
        }

        @Override
        public Map<String, Shape> parameters() {
            return Map.of(WEIGHTS, shape);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.slopes(this, context);
        }
    }

    /** Two values, number by number; a dimension of 1 is repeated as often as the other has it. */
    record Binary(Binary.Kind kind) implements Op {
        /** How two numbers become one. */
        public enum Kind {
            SUM,
            DIFFERENCE,
            PRODUCT,
            MAXIMUM
        }

        @Override
        public OptionalInt arity() {
            return OptionalInt.of(2);
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            return broadcast(inputs);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.binary(this, context);
        }
    }

    /** Images beside each other channel by channel, or vectors one after the other. */
    record Concatenation() implements Op {
        @Override
        public OptionalInt arity() {
            return OptionalInt.empty();
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            List<Long> sizes = new ArrayList<>(inputs.get(0).sizes());
            long channels = 0;
            for (Shape input : inputs) {
                if (input.sizes().size() != sizes.size()
                        || sizes.isEmpty()
                        || !input.sizes().subList(1, sizes.size()).equals(sizes.subList(1, sizes.size()))) {
                    throw new IllegalArgumentException("merges values of shapes " + inputs);
                }
                channels += input.channels();
            }
            sizes.set(0, channels);
            return new Shape(sizes);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.concatenation(this, context);
        }
    }

    /** Everything times one number. */
    record Scale(double factor) implements OfOneShape {
        /** Checks the factor. */
        public Scale {
            requireFloat(factor);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.scale(this, context);
        }
    }

    /** One number added to everything. */
    record Shift(double summand) implements OfOneShape {
        /** Checks the summand. */
        public Shift {
            requireFloat(summand);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.shift(this, context);
        }
    }

    /** {@code gamma * x + beta} of everything, two learned numbers: PaddlePaddle's and timm's learnable affine block. */
    record Affine() implements OfOneShape {
        @Override
        public Map<String, Shape> parameters() {
            return Map.of(GAMMA, Shape.of(1), BETA, Shape.of(1));
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.affine(this, context);
        }
    }

    /** Neighbouring channels or units, from the first to before the end. */
    record Slice(int first, int end) implements Op {
        @Override
        public Shape shape(List<Shape> inputs) {
            List<Long> sizes = new ArrayList<>(inputs.get(0).sizes());
            require(
                    !sizes.isEmpty() && first >= 0 && end > first && end <= sizes.get(0),
                    "takes " + first + " to " + (end - 1) + " of " + sizes);
            sizes.set(0, (long) end - first);
            return new Shape(sizes);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.slice(this, context);
        }
    }

    /** An image's or vector's numbers divided by their Euclidean norm, or by epsilon where that is larger. */
    record UnitNorm(double epsilon) implements OfOneShape {
        /** Checks the bound. */
        public UnitNorm {
            requireFloat(epsilon);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.unitNorm(this, context);
        }
    }

    /** The same numbers in the same order: flattened, channels first, or an image again. */
    record Reshape(Shape to) implements Op {
        /** Checks the shape. */
        public Reshape {
            require(to.isVector() || to.isImage(), "makes a vector or an image, not " + to);
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            Shape input = inputs.get(0);
            require(!input.sizes().isEmpty() && input.elements() == to.elements(), "makes " + to + " of " + input);
            return to;
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.reshape(this, context);
        }
    }

    /**
     * Numbers that are set to zero at random, in training alone; the others grow by as much.
     *
     * @param rate the part that is dropped, from 0 to below 1
     * @param channels whether whole channels are set to zero
     */
    record Dropout(double rate, boolean channels) implements OfOneShape {
        /** Checks the rate. */
        public Dropout {
            require(rate >= 0 && rate < 1, "a rate of dropout must be at least 0 and under 1, got " + rate);
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.dropout(this, context);
        }
    }

    /**
     * What only DL4J can run.
     *
     * @param part what it is called in DL4J
     * @param reason which of its settings can't be said here; null where there is nothing like it at all
     * @param shape of its result, as DL4J says
     */
    record Foreign(Part part, @Nullable String reason, Shape shape) implements Op {
        /** What something is called in DL4J. */
        public enum Part {
            LAYER,
            VERTEX,
            PREPROCESSOR;

            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        @Override
        public OptionalInt arity() {
            return OptionalInt.empty();
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            return shape;
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.foreign(this, context);
        }
    }

    /**
     * A whole ONNX model from images to images, which a runtime for such models computes, and nobody trains. Its input is
     * called {@code images}, float32 [N, C, H, W]; its one output {@code features} is float32 [N, C, H, W] or [N, F].
     *
     * @param bytes of the model, which are its parameter
     * @param sha256 of them, in lower-case hexadecimal
     * @param weights how many numbers the model has for weights
     * @param images the shape of one image that it reads
     * @param shape of what it gives for one image, as the runtime said
     * @param licence the terms of its weights, null where they were not named
     * @param outside the files that have its weights where model files have not, null where they have
     */
    record Onnx(
            long bytes,
            String sha256,
            long weights,
            Shape images,
            Shape shape,
            @Nullable String licence,
            @Nullable Outside outside)
            implements Op {
        /** One whose weights are in model files. */
        public Onnx(long bytes, String sha256, long weights, Shape images, Shape shape, @Nullable String licence) {
            this(bytes, sha256, weights, images, shape, licence, null);
        }

        /** Checks sizes and shapes. */
        public Onnx {
            require(
                    bytes >= 1 && bytes <= Integer.MAX_VALUE,
                    "an ONNX model has 1 to " + Integer.MAX_VALUE + " bytes, got " + bytes);
            require(weights >= 0 && weights <= bytes * Byte.SIZE, "its weights can't be " + weights);
            require(sha256.matches("[0-9a-f]{64}"), "a SHA-256 has 64 hexadecimal digits, got " + sha256);
            require(
                    images.isImage() && (shape.isImage() || shape.isVector()),
                    "reads images and gives images or a vector, not " + images + " and " + shape);
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            require(inputs.get(0).equals(images), "reads images of " + images + ", its input is " + inputs.get(0));
            return shape;
        }

        @Override
        public Map<String, Shape> parameters() {
            return outside == null
                    ? Map.of(MODEL, Shape.of(bytes))
                    : Map.of(MODEL, Shape.of(bytes), OUTLINE, Shape.of(outside.outline()));
        }

        @Override
        public DataType parameterType() {
            return DataType.UINT8;
        }

        @Override
        public long parameterCount() {
            return weights;
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.onnx(this, context);
        }
    }

    /**
     * Votes of the images whose features have the largest cosines with a vector: of each class the sum of the softmax of these
     * cosines, divided by a temperature. Of equal cosines the image that comes first is nearer.
     *
     * @param features how many an image has
     * @param images how many there are, whose features have the length 1
     * @param count how many vote
     */
    record Neighbours(int features, int images, int classes, int count, double temperature) implements Op {
        /** A vector shorter than this has no direction. */
        public static final double SHORTEST = 1e-12;

        /** Checks the numbers. */
        public Neighbours {
            require(
                    features >= 1 && images >= 1 && classes >= 1,
                    "votes of 1 image or more, of 1 feature and 1 class or more, got " + images + ", " + features
                            + " and " + classes);
            require(count >= 1 && count <= images, "of " + images + " images 1 or more vote, got " + count);
            require(
                    temperature >= 1e-3 && temperature <= 1e3,
                    "its temperature is from 0.001 to 1000, got " + temperature);
            NetworkSize.requireWeights(features, images);
        }

        /**
         * Refuses classes that there are not.
         *
         * @param values of {@link #CLASSES}
         */
        public void requireClasses(float[] values) {
            for (float value : values) {
                require(
                        value >= 0 && value < classes && value == Math.rint(value),
                        "the images that vote have classes from 0 to " + (classes - 1) + ", got " + value);
            }
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            requireVector(features, inputs.get(0));
            return Shape.of(classes);
        }

        @Override
        public Map<String, Shape> parameters() {
            return Map.of(WEIGHTS, Shape.of(images, features), CLASSES, Shape.of(images));
        }

        @Override
        public <C, R> R accept(Visitor<C, R> visitor, C context) {
            return visitor.neighbours(this, context);
        }
    }

    /**
     * Where weights are that are left out of model files, which have an outline of the model in place of it.
     *
     * @param outline the bytes of an ONNX model that keeps its weights in these files
     * @param files in which they are
     */
    record Outside(long outline, List<OutsideFile> files) {
        private static final int MOST_FILES = 1000;

        /** Checks the sizes. */
        public Outside {
            require(outline >= 1 && outline <= Integer.MAX_VALUE, "an outline can't have " + outline + " bytes");
            require(!files.isEmpty() && files.size() <= MOST_FILES, "weights are in 1 to " + MOST_FILES + " files");
            files = List.copyOf(files);
        }
    }

    /**
     * A file with weights.
     *
     * @param name from the model's folder, with /
     * @param bytes how many it has
     * @param sha256 of them, in lower-case hexadecimal
     */
    record OutsideFile(String name, long bytes, String sha256) {
        private static final int LONGEST_NAME = 1000;

        /** Checks that it is a name below a folder. */
        public OutsideFile {
            require(
                    name.length() <= LONGEST_NAME
                            && !name.contains("\\")
                            && name.indexOf(0) < 0
                            && !name.matches("[A-Za-z]:.*")
                            && Stream.of(name.split("/", -1))
                                    .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals("..")),
                    "weights outside are in a file in the model's folder, not in \"" + name + "\"");
            require(bytes >= 1, "a file with weights can't have " + bytes + " bytes");
            require(sha256.matches("[0-9a-f]{64}"), "a SHA-256 has 64 hexadecimal digits, got " + sha256);
        }
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }

    private static void requireFloat(double number) {
        require(Double.isFinite((float) number), "a factor must be a finite float, got " + number);
    }

    private static Shape image(List<Shape> inputs) {
        Shape input = inputs.get(0);
        require(input.isImage(), "needs an image [C, H, W], its input is " + input);
        return input;
    }

    private static void requireVector(int wanted, Shape input) {
        require(input.isVector(), "needs a vector, its input is an image " + input);
        requireChannels(wanted, input);
    }

    private static void requireChannels(int wanted, Shape input) {
        require(input.channels() == wanted, "wants " + wanted + " channels, its input has " + input.channels());
    }

    private static Map<String, Shape> weighted(Shape weights, int outputs, boolean biased) {
        Map<String, Shape> parameters = new LinkedHashMap<>(Map.of(WEIGHTS, weights));
        if (biased) {
            parameters.put(BIAS, Shape.of(outputs));
        }
        return parameters;
    }

    private static Shape broadcast(List<Shape> inputs) {
        List<Long> left = inputs.get(0).sizes();
        List<Long> right = inputs.get(1).sizes();
        List<Long> sizes = new ArrayList<>();
        for (int i = 0; i < left.size() && left.size() == right.size(); i++) {
            long first = left.get(i);
            long second = right.get(i);
            if (first == second || first == 1 || second == 1) {
                sizes.add(Math.max(first, second));
            }
        }
        require(sizes.size() == left.size(), "joins different shapes, " + left + " and " + right);
        return new Shape(sizes);
    }
}
